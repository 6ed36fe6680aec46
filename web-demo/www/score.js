// The score of a round: a row a player, a mark a pair.

import { element, setText } from "./dom.js";
import { PAIRS } from "./round.js";
import { game as texts } from "./strings-play.js";

export class Score {
  #marks = { you: marks(), network: marks() };
  #sums = { you: element("td", { class: "sum" }), network: element("td", { class: "sum" }) };
  root;

  constructor() {
    const caption = element("caption", { class: "for-screen-readers" }, texts.scoreCaption);
    const row = (who) => {
      const head = element("th", { scope: "row" }, texts.players[who]);
      return element("tr", {}, head, ...this.#marks[who], this.#sums[who]);
    };
    const table = element("table", {}, caption, element("tbody", {}, row("you"), row("network")));
    const region = { class: "score scrolls", tabindex: "0", role: "region", "aria-label": texts.scoreCaption };
    this.root = element("div", region, table);
  }

  /** Shows who was right on the pairs so far: `[{you, network}]`. */
  show(results) {
    for (const who of ["you", "network"]) {
      this.#marks[who].forEach((mark, at) => {
        const isRight = results[at]?.[who];
        setText(mark, isRight === undefined ? texts.marks.open : texts.marks[isRight ? "right" : "wrong"]);
        mark.className = isRight === undefined ? "mark" : `mark ${isRight ? "right" : "wrong"}`;
      });
      setText(this.#sums[who], String(countOf(results, who)));
    }
  }
}

/** How often one of them was right. */
export function countOf(results, who) {
  return results.filter((result) => result[who]).length;
}

function marks() {
  return Array.from({ length: PAIRS }, () => element("td", { class: "mark" }));
}
