// Parts whose scripts come when they are first used.

import { element, setText } from "./dom.js";
import { Missing } from "./faults.js";
import { notices } from "./strings.js";

export class Lazy {
  #place;
  #load;
  #arrived;
  #failed;
  #isAskedFor = false;
  #part = null;

  /**
   * `load()` gives the part that goes into the element `place`; `arrived()` is called when it is there, `failed(fault)` when
   * it does not come. It is asked for once: browsers remember a module that did not come until the page is loaded again.
   */
  constructor(place, load, arrived, failed) {
    this.#place = place;
    this.#load = load;
    this.#arrived = arrived;
    this.#failed = failed;
  }

  /** Gives the part to `work`, if it is there. */
  use(work) {
    if (this.#part !== null) return work(this.#part);
    if (this.#isAskedFor) return;
    this.#isAskedFor = true;
    const note = element("p", { class: "quiet", role: "status" }, notices.loading);
    this.#place.before(note);
    this.#load().then(
      (part) => {
        note.remove();
        this.#part = part;
        this.#arrived();
      },
      (fault) => {
        console.warn(fault);
        setText(note, notices.partMissing);
        this.#failed(new Missing(notices.partMissing, true));
      },
    );
  }
}
