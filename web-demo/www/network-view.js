// The network at work: both digits on their way through the layers, live.

import { element, setText } from "./dom.js";
import { CellView } from "./cell-view.js";
import { LayerRow, WeightBoxes } from "./layer-row.js";
import { specOf } from "./metadata.js";
import { Bars } from "./seen.js";
import { networkView as texts } from "./strings-why.js";

/** All layers, the heads, and one value taken apart. */
export class NetworkView {
  #root;
  #rows = [];
  #hint = element("p", { class: "hint", role: "status" });
  #layers = element("div", { class: "layers" });
  #steps = element("div", { class: "steps", role: "group", "aria-label": texts.steps });
  #bars = [0, 1].map((side) => new Bars(side));
  #heads = new WeightBoxes();
  #comparison = element("p", { class: "comparison" });
  #cell = new CellView();
  /** What is computed for the digits that are there; of which sides there is something to see. */
  #trace = null;
  #sides = [false, false];
  #shown = 0;

  constructor(root) {
    this.#root = root;
    const [first, second] = this.#bars.map((bars) => bars.root);
    const heads = element("div", { class: "layer heads" }, first, this.#heads.root, second);
    root.append(this.#steps, this.#hint, this.#layers, this.#cell.root, heads, this.#comparison);
  }

  /** Computes what a network makes of the digits that are there; the steps that show it, a layer each. */
  steps(network, digits, answer) {
    const any = digits[0] ?? digits[1];
    this.#trace?.free();
    this.#trace = null;
    if (any !== undefined) this.#trace = network.trace(digits[0] ?? any, digits[1] ?? any);
    if (this.#trace !== null) this.#build(this.#trace);
    const hint = hintOf(this.#trace, digits);
    this.#sides = digits.map((digit) => digit !== undefined && hint === "");
    const guesses = digits.map((_, side) => answer?.guesses(side));
    const pLeq = answer?.pLeq;
    return [
      () => setText(this.#hint, hint),
      ...this.#rows.map((row) => () => (this.#trace === null ? row.clear() : row.show(this.#trace, this.#sides))),
      () => this.#showHeads(specOf(network), guesses, pLeq),
      () => this.#cell.refresh(this.#trace, this.#sides),
    ];
  }

  #showHeads(spec, guesses, pLeq) {
    this.#bars.forEach((bars, side) => bars.show(guesses[side]));
    const areTwo = spec !== null && spec.isSeparate && spec.namesDigits;
    this.#heads.show(areTwo, (side) => texts.head(spec, side));
    this.#root.classList.toggle("has-no-heads", spec?.namesDigits === false);
    setText(this.#comparison, texts.comparison(spec, pLeq));
    this.#comparison.hidden = this.#comparison.textContent === "";
  }

  /** Makes the rows anew for a network of another shape. */
  #build(trace) {
    this.#root.dataset.arrangement = trace.arrangement;
    if (this.#rows.length === trace.layerCount) return;
    const inspect = (side, layer, value) => this.#sides[side] && this.#cell.show(this.#trace, side, layer, value);
    this.#rows = Array.from({ length: trace.layerCount }, (_, layer) => new LayerRow(layer, inspect));
    this.#layers.replaceChildren(...this.#rows.map(({ root }) => root));
    const step = (layer) =>
      element("button", { type: "button", "aria-pressed": "false", onclick: () => this.#choose(layer) }, texts.step(layer));
    this.#steps.replaceChildren(...this.#rows.map((_, layer) => step(layer)));
    this.#choose(Math.max(0, Math.min(this.#shown, this.#rows.length - 1)));
  }

  /** On a phone one layer is shown at a time. */
  #choose(layer) {
    this.#shown = layer;
    this.#rows.forEach(({ root }, number) => root.classList.toggle("is-chosen", number === layer));
    [...this.#steps.children].forEach((each, number) => each.setAttribute("aria-pressed", String(number === layer)));
  }
}

/** Why there are no maps to see; empty where there are. */
function hintOf(trace, digits) {
  if (trace === null) return texts.drawFirst;
  if (trace.arrangement === "unknown") return texts.unknown;
  return trace.arrangement === "stacked" && digits.includes(undefined) ? texts.drawBoth : "";
}
