// What survives a reload: both drawings, kept by the browser for this tab.

import { isEmpty } from "./sheet.js";
import { decode, encode } from "./share.js";

const KEY = "leq drawings";

/** Milliseconds without a change before the drawings are kept. */
const REST = 400;

/** The tab's storage; null where a frame or the reader's settings forbid it. */
export function storage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/** Keeps what `states()` gives; `imagePixels(number)` gives 28x28 bytes of a state that holds an image. */
export class Session {
  #states;
  #imagePixels;
  #timer = 0;

  constructor(states, imagePixels) {
    this.#states = states;
    this.#imagePixels = imagePixels;
    window.addEventListener("pagehide", () => this.keep());
  }

  /** Keeps the drawings once nothing has changed for a moment. */
  schedule() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keep(), REST);
  }

  /** Keeps them now. The link that the tab was opened by is kept with them: another link wins over them. */
  keep() {
    clearTimeout(this.#timer);
    const states = this.#states();
    const isEmptied = states.every(isEmpty);
    const isUntouched = !isEmptied && states.every((state) => isEmpty(state) || state.isExample);
    try {
      if (isUntouched) return storage()?.removeItem(KEY);
      const drawings = isEmptied ? "" : encode(states, this.#imagePixels);
      storage()?.setItem(KEY, JSON.stringify({ hash: location.hash, drawings }));
    } catch {
      // A full or forbidden storage keeps nothing.
    }
  }
}

/** `{states}` of a tab that is loaded again at the same address, states null when nothing was drawn; null for a new tab. */
export function kept() {
  try {
    const { hash, drawings } = JSON.parse(storage()?.getItem(KEY) ?? "null") ?? {};
    if (hash !== location.hash || typeof drawings !== "string") return null;
    return { states: drawings === "" ? null : decode(drawings) };
  } catch {
    return null;
  }
}
