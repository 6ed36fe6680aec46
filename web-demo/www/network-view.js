// The network at work: both digits on their way through the layers, live.

import { element, setText } from "./dom.js";
import { CellView } from "./cell-view.js";
import { Bars } from "./seen.js";
import { networkView as texts } from "./strings-why.js";

/** A layer: the maps of the first digit, the weights that make them, the maps of the second. */
class LayerRow {
  #sizes = null;

  constructor(layer, inspect) {
    this.layer = layer;
    this.weights = element("p", { class: "weights" });
    this.canvases = [0, 1].map((side) => this.#canvas(side, inspect));
    this.root = element("div", { class: "layer" }, this.canvases[0], this.weights, this.canvases[1]);
  }

  /** Shows the maps that a trace has of this layer; of the sides whose digit is there. */
  show(trace, sides) {
    const shape = trace.shape(this.layer);
    const [width, height, columns] = trace.pictureSize(this.layer);
    this.#sizes = { width, height, columns, cellsAcross: shape[2] + 1, cellsDown: shape[1] + 1, channels: shape[0] };
    setText(this.weights, texts.layer(trace.arrangement, this.layer, shape));
    this.canvases.forEach((canvas, side) => {
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d");
      if (!sides[side]) return context.clearRect(0, 0, width, height);
      const pixels = new Uint8ClampedArray(trace.picture(side, this.layer));
      context.putImageData(new ImageData(pixels, width), 0, 0);
    });
  }

  /** The value under a point of a canvas, given as pixels of the picture: channel, row and column; null between maps. */
  valueAt(x, y) {
    const { columns, cellsAcross, cellsDown, channels } = this.#sizes;
    const [column, row] = [x % cellsAcross, y % cellsDown];
    const channel = Math.floor(y / cellsDown) * columns + Math.floor(x / cellsAcross);
    const isMap = column < cellsAcross - 1 && row < cellsDown - 1 && channel < channels;
    return isMap ? { channel, row, column } : null;
  }

  #canvas(side, inspect) {
    const canvas = element("canvas", { role: "img", "aria-label": texts.maps(side, this.layer) });
    if (this.layer === 0) return canvas;
    canvas.tabIndex = 0;
    const at = { x: 0, y: 0 };
    const look = () => {
      const value = this.#sizes === null ? null : this.valueAt(at.x, at.y);
      if (value !== null) inspect(side, this.layer, value);
    };
    const point = (event) => {
      at.x = Math.floor((event.offsetX / canvas.clientWidth) * canvas.width);
      at.y = Math.floor((event.offsetY / canvas.clientHeight) * canvas.height);
      look();
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("focus", look);
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      // Over the line between two maps in one go.
      for (let tries = 0; tries < 2; tries += 1) {
        at.x = Math.min(canvas.width - 1, Math.max(0, at.x + step[0]));
        at.y = Math.min(canvas.height - 1, Math.max(0, at.y + step[1]));
        if (this.valueAt(at.x, at.y) !== null) break;
      }
      look();
    });
    return canvas;
  }
}

/** All layers, the heads, and one value taken apart. */
export class NetworkView {
  #root;
  #rows = [];
  #layers = element("div", { class: "layers" });
  #steps = element("div", { class: "steps", role: "group", "aria-label": texts.steps });
  #bars = [0, 1].map((side) => new Bars(side));
  #head = element("p", { class: "weights" });
  #comparison = element("p", { class: "comparison" });
  #cell = new CellView();
  #trace = null;
  #shown = 0;

  constructor(root) {
    this.#root = root;
    const heads = element("div", { class: "layer heads" }, this.#bars[0].root, this.#head, this.#bars[1].root);
    root.append(this.#steps, this.#layers, this.#cell.root, heads, this.#comparison);
  }

  /** Shows what a network computes of the digits that are there. */
  show(network, digits, answer) {
    const [first, second] = [digits[0] ?? digits[1], digits[1] ?? digits[0]];
    this.#trace?.free();
    this.#trace = null;
    this.#root.classList.toggle("is-empty", first === undefined);
    if (first === undefined) return this.#showHeads(network, null);
    this.#trace = network.trace(first, second);
    this.#build(this.#trace);
    const sides = digits.map((digit) => digit !== undefined);
    for (const row of this.#rows) row.show(this.#trace, sides);
    this.#showHeads(network, answer);
    this.#cell.refresh(this.#trace);
  }

  #showHeads(network, answer) {
    const spec = JSON.parse(network.metadata("network") ?? "{}");
    this.#bars.forEach((bars, side) => bars.show(answer?.guesses(side)));
    setText(this.#head, texts.head(spec));
    setText(this.#comparison, texts.comparison(spec, answer?.pLeq));
  }

  /** Makes the rows anew for a network of another shape. */
  #build(trace) {
    this.#root.dataset.arrangement = trace.arrangement;
    if (this.#rows.length === trace.layerCount) return;
    const inspect = (side, layer, value) => this.#cell.show(this.#trace, side, layer, value);
    this.#rows = Array.from({ length: trace.layerCount }, (_, layer) => new LayerRow(layer, inspect));
    this.#layers.replaceChildren(...this.#rows.map(({ root }) => root));
    const step = (layer) =>
      element("button", { type: "button", "aria-pressed": "false", onclick: () => this.#choose(layer) }, texts.step(layer));
    this.#steps.replaceChildren(...this.#rows.map((_, layer) => step(layer)));
    this.#choose(Math.min(this.#shown, this.#rows.length - 1));
  }

  /** On a phone one layer is shown at a time. */
  #choose(layer) {
    this.#shown = layer;
    this.#rows.forEach(({ root }, number) => root.classList.toggle("is-chosen", number === layer));
    [...this.#steps.children].forEach((each, number) => each.setAttribute("aria-pressed", String(number === layer)));
  }
}
