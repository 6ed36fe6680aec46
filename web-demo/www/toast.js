// Notices, in a place of their own over the page, so that nothing else moves.

import { setText } from "./dom.js";

/** Milliseconds for which a confirmation is shown. */
const SHOWN = 6000;
/** Pixels between a notice and what is scrolled to. */
const MARGIN = 20;

const find = (id) => document.getElementById(id);
const notice = find("notice");
let timer = 0;
/** What is shown, and what comes back after all other notices until somebody closes it: `{text, action}`, or null. */
let shown = null;
let standing = null;
/** What had the focus before the notice. */
let focused = null;

// What is scrolled to, by the keyboard for one, stops short of the notice.
new ResizeObserver(() => {
  const room = notice.hidden ? 0 : notice.offsetHeight + MARGIN;
  document.documentElement.style.setProperty("--under-notice", `${room}px`);
}).observe(notice);
find("notice-close").addEventListener("click", close);
find("notice-action").addEventListener("click", () => {
  const { act } = shown.action;
  close();
  act();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !notice.hidden) close();
});
notice.addEventListener("focusin", ({ relatedTarget }) => {
  if (!notice.contains(relatedTarget)) focused = relatedTarget;
});

/** Shows what went wrong, or what to know, until it is closed; `action` is `{label, act}` of an offered button. */
export function tell(text, action = null) {
  clearTimeout(timer);
  shown = { text, action };
  setText(find("notice-text"), text);
  setText(find("notice-action"), action?.label ?? "");
  find("notice-action").hidden = action === null;
  notice.hidden = false;
}

/** Shows that something was done, for a while. */
export function confirm(text) {
  tell(text);
  timer = setTimeout(hide, SHOWN);
}

/** Shows an offer that stands: other notices only cover it. */
export function offer(text, action) {
  tell(text, action);
  standing = shown;
}

/** Hides what is shown, for good. */
function close() {
  if (shown === standing) standing = null;
  hide();
}

function hide() {
  clearTimeout(timer);
  const hadFocus = notice.contains(document.activeElement);
  if (standing !== null && standing !== shown) {
    tell(standing.text, standing.action);
    standing = shown;
  } else {
    shown = null;
    notice.hidden = true;
    setText(find("notice-text"), "");
  }
  if (hadFocus) focused?.focus({ preventScroll: true });
}
