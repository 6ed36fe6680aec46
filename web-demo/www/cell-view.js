// One value of a feature map, taken apart: patch, kernel, products and their sum.

import { element, setText } from "./dom.js";
import { networkView as texts } from "./strings-why.js";

const PARTS = ["patch", "kernel", "product"];

export class CellView {
  root = element("div", { class: "cell" });
  #grids = PARTS.map(() => element("div", { class: "numbers" }));
  #title = element("p", { class: "title" }, texts.cellHint);
  #sum = element("p", { class: "sum", "aria-live": "polite" });
  #last = null;

  constructor() {
    const part = (name, at) => element("figure", {}, element("figcaption", {}, texts.parts[name]), this.#grids[at]);
    const signs = ["\u00d7", "="].map((sign) => element("span", { "aria-hidden": "true" }, sign));
    const [patch, kernel, product] = PARTS.map(part);
    this.root.append(this.#title, element("div", { class: "parts" }, patch, signs[0], kernel, signs[1], product), this.#sum);
  }

  /** Takes apart the value of a layer's map for one side. */
  show(trace, side, layer, { channel, row, column }) {
    if (trace === null) return;
    this.#last = [side, layer, { channel, row, column }];
    const explanation = trace.explain(side, layer, channel, row, column);
    setText(this.#title, texts.cell(trace.arrangement, side, layer, channel, row, column, explanation.inChannel));
    PARTS.forEach((name, at) => this.#fill(this.#grids[at], explanation[name]));
    setText(this.#sum, texts.sum(explanation.sums, trace.shape(layer - 1)[0]));
    explanation.free();
  }

  /** Shows the same value of another trace, or nothing while it has none there; `sides` are those whose digit is there. */
  refresh(trace, sides) {
    if (this.#last === null) return;
    const [side, layer, { channel, row, column }] = this.#last;
    const [channels, rows, columns] = trace?.shape(layer) ?? [0, 0, 0];
    if (sides[side] && channel < channels && row < rows && column < columns) return this.show(trace, ...this.#last);
    setText(this.#title, texts.cellHint);
    setText(this.#sum, "");
    for (const grid of this.#grids) grid.replaceChildren();
  }

  #fill(grid, values) {
    const side = { 1: 1, 4: 2, 9: 3, 16: 4, 25: 5, 49: 7 }[values.length];
    grid.style.setProperty("--side", side ?? values.length);
    if (grid.children.length !== values.length) grid.replaceChildren(...Array.from(values, () => element("span")));
    values.forEach((value, at) => {
      setText(grid.children[at], value.toFixed(2));
      grid.children[at].className = value > 0.005 ? "positive" : value < -0.005 ? "negative" : "";
    });
  }
}
