// From a drawing's state to pixels. Ink is white on black, as MNIST has it.

import { square } from "./dom.js";
import { GRID, isEmpty } from "./sheet.js";

/** How a canvas is made whose pixels are read. */
export const READ = { willReadFrequently: true };
/** Pixels along a side of the picture that is made of strokes: five to one of the 28 that it becomes. */
const PICTURE_SIDE = 140;

/** A square grey picture of `side` x `side` bytes: what a sample, the cell editor or a link brings. */
export function greyBase(side, pixels) {
  const [canvas, context] = square(side, READ);
  fillGrey(context, pixels);
  return { kind: "grey", side, pixels, canvas, context };
}

/** Fills a whole canvas with grey values, 0 to 255, one a pixel, row by row. */
export function fillGrey(context, pixels) {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  for (let at = 0; at < width * height; at += 1) {
    image.data.fill(pixels[at], 4 * at, 4 * at + 3);
    image.data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** A picture that came from outside, as a canvas. */
export function imageBase(canvas, context) {
  return { kind: "image", canvas, context };
}

/** Makes the picture that preparation reads, on a canvas of its own. */
export class Picture {
  #painting = null;

  /** The context that holds the picture of a state, or null for an empty drawing. */
  of(state) {
    if (isEmpty(state)) return null;
    if (state.strokes.length === 0) return state.base.context;
    this.#painting ??= new Painting(square(PICTURE_SIDE, READ)[1], READ);
    this.#painting.show(state);
    return this.#painting.context;
  }
}

/**
 * A square canvas that shows a drawing as it grows. What can change no more, all but the end of the last stroke, is painted once,
 * so that a long drawing takes no longer than a short one. The pixels are those of `paint`.
 */
export class Painting {
  /** What the canvas has of the state that was shown last: its base, and its strokes up to the end of the last. */
  #kept = null;
  /** Strokes that are kept whole, and the pieces that are kept of the one after them. */
  #whole = 0;
  #pieces = 0;
  #shown = { base: null, strokes: [] };
  #options;

  /** `options` are those of the context. */
  constructor(context, options) {
    this.context = context;
    this.#options = options;
  }

  /** Shows a state over the whole canvas. */
  show({ base, strokes }) {
    const { canvas } = this.context;
    if (!this.#goesOn(base, strokes)) this.#begin(base, canvas.width);
    this.#shown = { base, strokes };
    const scale = canvas.width / GRID;
    const last = strokes.at(-1);
    for (; this.#whole < strokes.length - 1; this.#whole += 1) {
      paintStroke(this.#kept, strokes[this.#whole], scale, this.#pieces);
      this.#pieces = 0;
    }
    const fixed = last === undefined ? 0 : last.points.length / 3 - 1;
    if (fixed > this.#pieces) paintStroke(this.#kept, last, scale, this.#pieces, fixed);
    this.#pieces = Math.max(0, fixed);
    this.context.drawImage(this.#kept.canvas, 0, 0);
    if (last === undefined) return;
    this.context.lineCap = this.context.lineJoin = "round";
    paintStroke(this.context, last, scale, this.#pieces);
  }

  /** Whether all that is kept belongs to the state too. */
  #goesOn(base, strokes) {
    if (this.#kept?.canvas.width !== this.context.canvas.width || this.#shown.base !== base) return false;
    // The last stroke is never kept whole.
    if (this.#whole > 0 && this.#whole >= strokes.length) return false;
    const begun = this.#whole + (this.#pieces > 0 ? 1 : 0);
    return this.#shown.strokes.slice(0, begun).every((stroke, at) => stroke === strokes[at]);
  }

  #begin(base, side) {
    if (this.#kept?.canvas.width !== side) [, this.#kept] = square(side, this.#options);
    paint(this.#kept, { base, strokes: [] });
    [this.#whole, this.#pieces] = [0, 0];
  }
}

/** Paints a state over a whole square canvas. */
export function paint(context, { base, strokes }) {
  const side = context.canvas.width;
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  if (base !== null) paintBase(context, base, side);
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) paintStroke(context, stroke, side / GRID);
}

function paintBase(context, base, side) {
  const { width, height } = base.canvas;
  const scale = side / Math.max(width, height);
  context.imageSmoothingEnabled = base.kind === "image";
  const [across, down] = [width * scale, height * scale];
  context.drawImage(base.canvas, (side - across) / 2, (side - down) / 2, across, down);
}

/**
 * Paints the pieces of a stroke from number `from` up to `to`, one a point. Points are x, y, width, one after the other; a piece runs
 * from middle to middle with its point as the curve's handle.
 */
function paintStroke(context, { erases, points }, scale, from = 0, to = points.length / 3) {
  context.strokeStyle = context.fillStyle = erases ? "#000" : "#fff";
  const x = (number) => points[3 * number] * scale;
  const y = (number) => points[3 * number + 1] * scale;
  const count = points.length / 3;
  if (count === 1) return paintDot(context, x(0), y(0), (points[2] * scale) / 2);
  const after = (number) =>
    number < 0 || number + 1 === count
      ? [x(Math.max(0, number)), y(Math.max(0, number))]
      : [(x(number) + x(number + 1)) / 2, (y(number) + y(number + 1)) / 2];
  for (let number = from; number < to; number += 1) {
    context.lineWidth = points[3 * number + 2] * scale;
    context.beginPath();
    context.moveTo(...after(number - 1));
    context.quadraticCurveTo(x(number), y(number), ...after(number));
    context.stroke();
  }
}

/** A tap. Chromium draws nothing for a line without length, whatever its cap. */
function paintDot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
