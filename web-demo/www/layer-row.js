// A layer of the network at work: the maps of the first digit, the weights that make them, the maps of the second.

import { element, setText } from "./dom.js";
import { networkView as texts } from "./strings-why.js";

/** Weights, in one box for both digits, or in one box each. */
export class WeightBoxes {
  #boxes = [0, 1].map(() => element("p", { class: "weights" }));
  root = element("div", { class: "boxes" }, ...this.#boxes);

  /** Shows two boxes or one; `textOf(side)` gives the text of each. */
  show(areTwo, textOf) {
    this.#boxes.forEach((box, side) => setText(box, textOf(side)));
    this.#boxes[1].hidden = !areTwo;
    this.root.classList.toggle("are-two", areTwo);
  }
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class LayerRow {
  #sizes = null;
  #layer;
  #inspect;
  #weights = new WeightBoxes();
  #canvases = [0, 1].map((side) => this.#canvas(side));
  root;

  /** `inspect(side, layer, value)` is told at which value somebody points. */
  constructor(layer, inspect) {
    this.#layer = layer;
    this.#inspect = inspect;
    const [first, second] = this.#canvases;
    if (layer > 0) for (const canvas of this.#canvases) canvas.tabIndex = 0;
    this.root = element("div", { class: "layer" }, first, this.#weights.root, second);
  }

  /** Shows the maps that a trace has of this layer; of the sides whose digit is there. */
  show(trace, sides) {
    const shape = trace.shape(this.#layer);
    const [width, height, columns] = trace.pictureSize(this.#layer);
    this.#sizes = { width, height, columns, cellsAcross: shape[2] + 1, cellsDown: shape[1] + 1, channels: shape[0] };
    const { arrangement } = trace;
    const areTwo = arrangement === "separate" && this.#layer > 0;
    this.#weights.show(areTwo, (side) => texts.layer(arrangement, side, this.#layer, shape));
    this.#canvases.forEach((canvas, side) => {
      canvas.setAttribute("aria-label", texts.maps(arrangement, side, this.#layer));
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d");
      if (!sides[side]) return context.clearRect(0, 0, width, height);
      const pixels = new Uint8ClampedArray(trace.picture(side, this.#layer));
      context.putImageData(new ImageData(pixels, width), 0, 0);
    });
  }

  /** Shows no maps. */
  clear() {
    for (const canvas of this.#canvases) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  }

  /** The value under a point of a canvas, given as pixels of the picture: channel, row and column; null between maps. */
  #valueAt(x, y) {
    const { columns, cellsAcross, cellsDown, channels } = this.#sizes;
    const [column, row] = [x % cellsAcross, y % cellsDown];
    const channel = Math.floor(y / cellsDown) * columns + Math.floor(x / cellsAcross);
    const isMap = column < cellsAcross - 1 && row < cellsDown - 1 && channel < channels;
    return isMap ? { channel, row, column } : null;
  }

  #canvas(side) {
    const canvas = element("canvas", { role: "img" });
    const at = { x: 0, y: 0 };
    const look = () => {
      const value = this.#sizes === null || this.#layer === 0 ? null : this.#valueAt(at.x, at.y);
      if (value !== null) this.#inspect(side, this.#layer, value);
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
      const step = ARROWS[event.key];
      if (step === undefined || this.#sizes === null) return;
      event.preventDefault();
      this.#step(at, step);
      look();
    });
    return canvas;
  }

  /** Moves a point, over the line between two maps in one go. */
  #step(at, [across, down]) {
    const { width, height } = this.#sizes;
    for (let tries = 0; tries < 2; tries += 1) {
      at.x = Math.min(width - 1, Math.max(0, at.x + across));
      at.y = Math.min(height - 1, Math.max(0, at.y + down));
      if (this.#valueAt(at.x, at.y) !== null) break;
    }
  }
}
