// From a drawing's state to pixels. Ink is white on black, as MNIST has it.

import { square } from "./dom.js";
import { GRID, isEmpty } from "./sheet.js";

/** Pixels along a side of the picture that is made of strokes: five to one of the 28 that it becomes. */
const PICTURE_SIDE = 140;

/** A square grey picture of `side` x `side` bytes: what a sample, the cell editor or a link brings. */
export function greyBase(side, pixels) {
  const [canvas, context] = square(side, { willReadFrequently: true });
  const image = context.createImageData(side, side);
  for (let at = 0; at < side * side; at += 1) {
    image.data.fill(pixels[at], 4 * at, 4 * at + 3);
    image.data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return { kind: "grey", side, pixels, canvas, context };
}

/** A picture that came from outside, as a canvas. */
export function imageBase(canvas, context) {
  return { kind: "image", canvas, context };
}

/** Makes the picture that preparation reads, on a canvas of its own. */
export class Picture {
  #context = null;

  /** The context that holds the picture of a state, or null for an empty drawing. */
  of(state) {
    if (isEmpty(state)) return null;
    if (state.strokes.length === 0) return state.base.context;
    this.#context ??= square(PICTURE_SIDE, { willReadFrequently: true })[1];
    paint(this.#context, state);
    return this.#context;
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

/** Points are x, y, width, one after the other; curves run from middle to middle with the points as their handles. */
function paintStroke(context, { erases, points }, scale) {
  context.strokeStyle = context.fillStyle = erases ? "#000" : "#fff";
  const x = (number) => points[3 * number] * scale;
  const y = (number) => points[3 * number + 1] * scale;
  const count = points.length / 3;
  if (count === 1) return paintDot(context, x(0), y(0), (points[2] * scale) / 2);
  let [fromX, fromY] = [x(0), y(0)];
  for (let number = 0; number < count; number += 1) {
    const last = number + 1 === count;
    const [toX, toY] = last
      ? [x(number), y(number)]
      : [(x(number) + x(number + 1)) / 2, (y(number) + y(number + 1)) / 2];
    context.lineWidth = points[3 * number + 2] * scale;
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.quadraticCurveTo(x(number), y(number), toX, toY);
    context.stroke();
    [fromX, fromY] = [toX, toY];
  }
}

/** A tap. Chromium draws nothing for a line without length, whatever its cap. */
function paintDot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
