// Notices, in a place of their own over the page, so that nothing else moves.

import { setText } from "./dom.js";

/** Milliseconds for which a confirmation is shown. */
const SHOWN = 6000;

const find = (id) => document.getElementById(id);
let timer = 0;
let act = null;

find("notice-close").addEventListener("click", hide);
find("notice-action").addEventListener("click", () => {
  const action = act;
  hide();
  action?.();
});

/** Shows what went wrong, or what to know, until it is closed; `action` is `{label, act}` of an offered button. */
export function tell(text, action = null) {
  clearTimeout(timer);
  act = action?.act ?? null;
  setText(find("notice-text"), text);
  setText(find("notice-action"), action?.label ?? "");
  find("notice-action").hidden = action === null;
  find("notice").hidden = false;
}

/** Shows that something was done, for a while. */
export function confirm(text) {
  tell(text);
  timer = setTimeout(hide, SHOWN);
}

function hide() {
  clearTimeout(timer);
  find("notice").hidden = true;
  setText(find("notice-text"), "");
}
