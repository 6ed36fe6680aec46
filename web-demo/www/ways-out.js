// Ways out of the page: the link that holds both drawings, and the PNGs of what was prepared.

import { element } from "./dom.js";
import { notices } from "./strings.js";
import { confirm, tell } from "./toast.js";

/** Puts a fragment into the address and copies the link; `lost` are the sides whose picture it does not hold. */
export function copyLink(fragment, lost = []) {
  history.replaceState(null, "", `#${fragment}`);
  return copyText(location.href, notices.linkCopied(lost), () => notices.linkInAddress(lost));
}

/** Copies a text and says so; where that is forbidden, says what `otherwise()` has done instead. */
export async function copyText(text, copied, otherwise) {
  try {
    await navigator.clipboard.writeText(text);
    confirm(copied);
  } catch {
    confirm(otherwise());
  }
}

/** Saves both pads' pictures. */
export async function savePngs(pads) {
  const pictures = await Promise.all(pads.map((pad) => pad.png()));
  if (pictures.every((picture) => picture === null)) tell(notices.nothingToSave);
  pictures.forEach((picture, side) => {
    if (picture !== null) save(picture, `leq-${["first", "second"][side]}.png`);
  });
}

/** Saves a blob under a name. */
export function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
