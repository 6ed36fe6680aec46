// What survives a reload: the drawings and what other parts keep, stored by the browser for this tab.

import { Rest } from "./rest.js";
import { isEmpty } from "./sheet.js";
import { decode, encode } from "./share.js";

const KEY = "leq drawings";

/** Milliseconds without a change before the drawings are kept. */
const REST = 400;

/** The tab's storage; null where a frame or the reader's settings forbid it. */
function storage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/** The value that is stored under a key; null if there is none for which `isSound(value)` holds. */
export function stored(key, isSound) {
  try {
    const value = JSON.parse(storage()?.getItem(key) ?? "null");
    return isSound(value) ? value : null;
  } catch {
    return null;
  }
}

/** Stores a value under a key; null removes what is there. False where the storage is full or forbidden. */
export function store(key, value) {
  try {
    const place = storage();
    if (value === null) place?.removeItem(key);
    else place?.setItem(key, JSON.stringify(value));
    return place !== null;
  } catch {
    return false;
  }
}

/** Keeps what `states()` gives; `imagePixels(number)` gives 28x28 bytes of a state that holds an image. */
export class Session {
  #states;
  #imagePixels;
  #rest = new Rest(REST, () => this.keep());

  constructor(states, imagePixels) {
    this.#states = states;
    this.#imagePixels = imagePixels;
    window.addEventListener("pagehide", () => this.keep());
  }

  /** Keeps the drawings once nothing has changed for a moment. */
  schedule() {
    this.#rest.changed();
  }

  /**
   * Keeps them now; false where the browser keeps nothing. The link that the tab was opened by is kept with them: another
   * link wins over them.
   */
  keep() {
    this.#rest.cancel();
    const states = this.#states();
    const isEmptied = states.every(isEmpty);
    const isUntouched = !isEmptied && states.every((state) => isEmpty(state) || state.isExample);
    if (isUntouched) return store(KEY, null) || true;
    const drawings = isEmptied ? "" : encode(states, this.#imagePixels);
    return store(KEY, { hash: location.hash, drawings }) || isEmptied;
  }

  /** Makes sure that a reload brings the drawings back: where the browser keeps nothing, the address holds them. */
  secure() {
    if (!this.keep()) history.replaceState(null, "", `#${encode(this.#states(), this.#imagePixels)}`);
  }
}

/** `{states}` of a tab that is loaded again at the same address, states null when nothing was drawn; null for a new tab. */
export function kept() {
  const found = stored(KEY, ({ hash, drawings }) => hash === location.hash && typeof drawings === "string");
  return found && { states: found.drawings === "" ? null : decode(found.drawings) };
}
