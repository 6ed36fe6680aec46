// The parts below "Why this answer": play, and what can be taken along. Each comes when it is first opened.

import { Missing } from "./faults.js";
import { Later } from "./later.js";
import { notices } from "./strings.js";

const ROUND = "round.";

const find = (id) => document.getElementById(id);

/** Whether an address's fragment is that of a round of the game. */
export const isRound = (fragment) => fragment.startsWith(ROUND);

export class More {
  #parts;
  #page;

  /**
   * `page` has the `sheet`, the `pads`, the `journal`, `change(states)`, and `current()`, which gives the network, its
   * name, its answer and the labels that are known; `failed(fault)` is told of a part that does not come.
   */
  constructor(page, failed) {
    this.#page = page;
    const load = (module) => import(module).then((it) => new it.Part(page));
    const missing = (fault) => failed(new Missing(notices.partMissing(fault.message)));
    const later = (module) => new Later(() => load(module), () => this.show(), missing);
    this.#parts = {
      "game-part": later("./game.js"),
      "fool-part": later("./fool.js"),
      "answers-part": later("./table.js"),
      "embed-part": later("./snippet.js"),
    };
    for (const id of Object.keys(this.#parts)) find(id).addEventListener("toggle", () => this.show());
  }

  /** Shows in the parts that are open what the pads hold now. */
  show() {
    for (const [id, part] of Object.entries(this.#parts)) {
      if (find(id).open) part.use((it) => it.show());
    }
  }

  /** Opens the game with the round that a link brings. */
  challenge(fragment) {
    this.#page.challenge = fragment.slice(ROUND.length);
    find("game-part").open = true;
    find("game-part").scrollIntoView();
    this.show();
  }
}
