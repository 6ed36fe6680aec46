// What the network sees of one digit, and which digit it takes it for.

import { element, setAttribute, setShare, square } from "./dom.js";
import { READ, fillGrey } from "./drawing.js";
import { pad as texts } from "./strings.js";

const SIDE = 14;
/** Canvas pixels a cell. */
const CELL = 16;
const CLASSES = 10;

/** The 14x14 image with the digit's box and centre of mass marked. */
export class SeenImage {
  #context;
  #number;

  constructor(number) {
    this.#number = number;
    const [canvas, context] = square(SIDE * CELL);
    this.#context = context;
    canvas.setAttribute("role", "img");
    this.root = element("figure", { class: "seen" }, canvas, element("figcaption", {}, texts.seenCaption));
    this.show(undefined);
  }

  /** Shows a prepared digit, or that there is none. */
  show(digit) {
    const { canvas } = this.#context;
    // Below it there is room for one caption, whose height never changes: what was done to the picture stands in a tooltip.
    const label = digit ? texts.seen(this.#number, digit.remedy) : texts.seenEmpty(this.#number);
    setAttribute(canvas, "aria-label", label);
    setAttribute(canvas, "title", digit?.remedy === undefined ? "" : texts.seenWith(digit.remedy));
    paintCells(this.#context, digit?.pixels);
    if (digit !== undefined) this.#mark(digit.crop, digit.centre);
  }

  #mark([left, top, width, height], [across, down]) {
    const context = this.#context;
    context.lineWidth = 2;
    context.strokeStyle = "#5ad1ff";
    context.setLineDash([6, 4]);
    context.strokeRect(left * CELL, top * CELL, width * CELL, height * CELL);
    context.setLineDash([]);
    context.strokeStyle = "#ff5c8a";
    context.beginPath();
    context.moveTo((across - 0.8) * CELL, down * CELL);
    context.lineTo((across + 0.8) * CELL, down * CELL);
    context.moveTo(across * CELL, (down - 0.8) * CELL);
    context.lineTo(across * CELL, (down + 0.8) * CELL);
    context.stroke();
  }
}

/** A canvas on which cells are pixels. */
const [cells, cellsContext] = square(SIDE, READ);

/** Paints 14x14 ink values, 0 to 255, over a whole canvas; black without any. */
function paintCells(context, pixels = new Uint8Array(SIDE * SIDE)) {
  fillGrey(cellsContext, pixels);
  context.imageSmoothingEnabled = false;
  context.drawImage(cells, 0, 0, context.canvas.width, context.canvas.height);
}

/** Ten probabilities as bars. */
export class Bars {
  #bars = [];
  #number;

  constructor(number) {
    this.#number = number;
    this.root = element("div", { class: "bars", role: "img" });
    for (let digit = 0; digit < CLASSES; digit += 1) {
      const bar = element("span", { class: "bar" });
      this.root.append(element("span", { class: "column" }, bar, element("span", { class: "digit" }, String(digit))));
      this.#bars.push(bar);
    }
    this.show(undefined);
  }

  /** Shows the classes and their probabilities, most likely first, one after the other; or that there are none. */
  show(guesses) {
    const order = Array.from({ length: guesses ? CLASSES : 0 }, (_, at) => [guesses[2 * at], guesses[2 * at + 1]]);
    const shares = new Map(order);
    this.#bars.forEach((bar, digit) => {
      setShare(bar, "--share", shares.get(digit) ?? 0);
      bar.classList.toggle("likeliest", digit === order[0]?.[0]);
    });
    const likeliest = order.slice(0, 3).map(([digit, probability]) => texts.likeliest(digit, probability));
    const label = guesses ? texts.bars(this.#number, likeliest.join(", ")) : texts.barsEmpty(this.#number);
    setAttribute(this.root, "aria-label", label);
  }
}
