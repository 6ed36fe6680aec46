// The parts under "Play" and "Take it with you". Each comes when it is first opened.

import { Lazy } from "./lazy.js";

const ROUND = "round.";

const find = (id) => document.getElementById(id);

/** Whether an address's fragment is that of a round of the game. */
export const isRound = (fragment) => fragment.startsWith(ROUND);

export class PlayAndTake {
  #parts;
  #page;

  /**
   * `page` has the `sheet`, the `pads`, the `journal`, `change(states)`, `failed(fault)`, which is told what does not come,
   * and `current()`, which gives the network, its name, its answer and the labels that are known.
   */
  constructor(page) {
    this.#page = page;
    const lazy = (place, load) => {
      return new Lazy(find(place), async () => new (await load()).Part(page), () => this.show(), page.failed);
    };
    this.#parts = {
      "game-part": lazy("game", () => import("./game.js")),
      "fool-part": lazy("fool", () => import("./fool.js")),
      "answers-part": lazy("answers", () => import("./table.js")),
      "embed-part": lazy("embed", () => import("./snippet.js")),
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
