// What the page opens with: what its address holds, what this tab had drawn, or an example.

import { firstNetwork } from "./engine.js";
import { Example } from "./example.js";
import { isRound } from "./play-and-take.js";
import { kept } from "./session.js";
import { decode } from "./share.js";
import { EMPTY, isEmpty } from "./sheet.js";
import { notices } from "./strings.js";
import { tell } from "./toast.js";

const find = (id) => document.getElementById(id);

export class Opening {
  #page;
  /** The example while it is being drawn. */
  #example = null;

  /** `page` has the `sheet`, `change(states)`, `changed()`, and `challenge(fragment)`, which opens the round of a link. */
  constructor(page) {
    this.#page = page;
    // Whoever begins to draw wants no example; whoever takes a tool takes it to the whole of it.
    for (const kind of ["pointerdown", "click"]) {
      find("pads").addEventListener(kind, (event) => event.target !== find("skip") && this.#drop(), { capture: true });
    }
    for (const part of ["tools", "skip"]) find(part).addEventListener("click", () => this.finish(), { capture: true });
    window.addEventListener("hashchange", () => this.#open(false));
  }

  /** Opens the page that was just loaded. */
  begin() {
    this.#open(true);
  }

  /** Shows all of an example that is being drawn. */
  finish() {
    this.#example?.finish();
  }

  /** Leaves an example that is being drawn as it is. */
  stop() {
    this.#example?.stop();
  }

  /** Clears an example that is being drawn away. */
  #drop() {
    if (this.#example === null) return;
    this.#example.stop();
    this.#page.sheet.restart([EMPTY, EMPTY]);
    this.#page.changed();
  }

  /** Opens what the address holds, or, when the page was loaded, what this tab had drawn, or the example. */
  #open(isLoaded) {
    const text = location.hash.slice(1);
    const before = isLoaded ? kept() : null;
    const named = text === "" ? null : find(text);
    if (isRound(text)) this.#page.challenge(text);
    if (named !== null) showPart(named);
    if (before?.states) return this.#page.change(before.states);
    const isPlain = text === "" || named !== null || isRound(text);
    if (isPlain) return isLoaded && before === null ? this.#showExample() : undefined;
    const states = decode(text);
    return states === null ? tell(notices.linkRefused) : this.#page.change(states);
  }

  #showExample() {
    const begin = () => {
      if (!this.#page.sheet.states.every(isEmpty)) return;
      find("skip").hidden = false;
      this.#example = new Example(this.#page.sheet, this.#page.changed, () => {
        this.#example = null;
        find("skip").hidden = true;
      });
      this.#example.start();
    };
    firstNetwork.then(begin, () => {});
  }
}

/** Opens the part that the address names or is in. */
function showPart(named) {
  const part = named.closest("details") ?? named.querySelector("details");
  if (part !== null) part.open = true;
  named.scrollIntoView();
}
