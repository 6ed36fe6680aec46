// The pair that is drawn by itself at first, so that a newcomer sees what the page does.

import { EMPTY } from "./sheet.js";

/** A 3 and a 7 as x, y on a grid of 256 over the pad, in the order in which a hand draws them. */
const STROKES = [
  [
    79, 56, 87, 48, 97, 38, 109, 33, 123, 31, 139, 33, 154, 38, 163, 49, 169, 61, 171, 73, 169, 84, 163, 97, 154,
    108, 134, 115, 120, 120, 133, 125, 154, 131, 167, 140, 177, 151, 181, 163, 182, 177, 178, 191, 169, 205, 153,
    216, 136, 223, 120, 224, 105, 220, 90, 212, 79, 205,
  ],
  [
    64, 46, 75, 46, 92, 46, 108, 46, 121, 46, 135, 46, 148, 46, 164, 46, 179, 46, 189, 46, 184, 59, 179, 72, 171,
    90, 164, 108, 157, 123, 150, 138, 143, 154, 137, 170, 131, 186, 125, 200, 122, 211, 119, 219, 118, 225,
  ],
];
const GRID_STEP = 16;
const WIDTH = 320;
/** Milliseconds between two points. */
const PACE = 40;

/** Draws the example onto a sheet, unless something else comes onto it. */
export class Example {
  #sheet;
  #changed;
  #ended;
  #timer = 0;
  #at = 0;
  /** What the sheet held last; when it holds something else, somebody else changed it. */
  #states;

  /** `changed()` is called after every point, `ended()` after the last. */
  constructor(sheet, changed, ended) {
    this.#sheet = sheet;
    this.#changed = changed;
    this.#ended = ended;
    this.#states = sheet.states;
  }

  start() {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isStill) this.finish();
    else this.#timer = setInterval(() => this.#step(), PACE);
  }

  /** Shows all of it at once. */
  finish() {
    this.#at = points(0) + points(1);
    this.#show();
    this.stop();
  }

  /** Leaves it as it is. */
  stop() {
    clearInterval(this.#timer);
    this.#ended();
  }

  #step() {
    this.#at += 1;
    this.#show();
    if (this.#at >= points(0) + points(1)) this.stop();
  }

  #show() {
    if (this.#sheet.states !== this.#states) return this.stop();
    const first = Math.min(this.#at, points(0));
    this.#sheet.restart([state(0, first), state(1, this.#at - first)]);
    this.#states = this.#sheet.states;
    this.#changed();
  }
}

function points(side) {
  return STROKES[side].length / 2;
}

function state(side, count) {
  if (count === 0) return EMPTY;
  const drawn = [];
  for (let at = 0; at < count; at += 1) {
    drawn.push(STROKES[side][2 * at] * GRID_STEP, STROKES[side][2 * at + 1] * GRID_STEP, WIDTH);
  }
  return { base: null, strokes: [{ erases: false, points: drawn }], isExample: true };
}
