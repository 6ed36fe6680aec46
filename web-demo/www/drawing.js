// One drawing: strokes over an optional picture, with undo and redo, and the picture that preparation reads.
//
// Coordinates and widths are whole numbers on a grid of GRID x GRID over the pad, so that a shared link holds exactly
// what was drawn. Ink is white on black, as MNIST has it.

import { square } from "./dom.js";

/** Steps across the pad. */
export const GRID = 4096;
/** Pixels along a side of the picture that is made of strokes: five to one of the 28 that it becomes. */
export const PICTURE_SIDE = 140;
/** Most strokes of a drawing, and most points of all of them together. */
export const MOST_STROKES = 200;
export const MOST_POINTS = 4000;

const MOST_STEPS = 100;
const EMPTY = Object.freeze({ base: null, strokes: Object.freeze([]) });

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

export class Drawing {
  #states = [EMPTY];
  #at = 0;
  #picture = null;

  get state() {
    return this.#states[this.#at];
  }

  get isEmpty() {
    return this.state.base === null && this.state.strokes.length === 0;
  }

  get canUndo() {
    return this.#at > 0;
  }

  get canRedo() {
    return this.#at + 1 < this.#states.length;
  }

  /** Makes a new state the current one, to be undone in one step. */
  change(state) {
    this.#states.splice(this.#at + 1);
    this.#states.push(state);
    if (this.#states.length > MOST_STEPS) this.#states.shift();
    this.#at = this.#states.length - 1;
  }

  /** Starts a stroke; its points are added to the array that it holds. False when the drawing is full. */
  begin(stroke) {
    const points = this.state.strokes.reduce((sum, each) => sum + each.points.length / 3, 0);
    if (this.state.strokes.length >= MOST_STROKES || points >= MOST_POINTS) return false;
    stroke.room = MOST_POINTS - points;
    this.change({ base: this.state.base, strokes: [...this.state.strokes, stroke] });
    return true;
  }

  clear() {
    if (!this.isEmpty) this.change(EMPTY);
  }

  undo() {
    if (this.canUndo) this.#at -= 1;
  }

  redo() {
    if (this.canRedo) this.#at += 1;
  }

  /** The context that holds the picture which preparation reads, or null for an empty drawing. */
  picture() {
    if (this.isEmpty) return null;
    const { base, strokes } = this.state;
    if (strokes.length === 0) return base.context;
    this.#picture ??= square(PICTURE_SIDE, { willReadFrequently: true })[1];
    paint(this.#picture, this.state);
    return this.#picture;
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
  context.strokeStyle = erases ? "#000" : "#fff";
  const x = (number) => points[3 * number] * scale;
  const y = (number) => points[3 * number + 1] * scale;
  const count = points.length / 3;
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
