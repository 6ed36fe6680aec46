// Which ink an answer rests on: pictures of both digits, computed a row at a time so that drawing is never held up.

import { occlusionPicture } from "./engine.js";

/** Cells along a side of the pictures. */
export const CELLS = 14;

/** Both digits as RGBA pictures of 14x14; null once `isOver()` says that nobody waits for them. */
export async function occlusionPictures(network, digits, isOver) {
  const falls = [0, 1].map(() => new Float32Array(CELLS * CELLS));
  for (let line = 0; line < 2 * CELLS; line += 1) {
    const [side, row] = [line < CELLS ? 0 : 1, line % CELLS];
    falls[side].set(network.occlusionRow(digits[0], digits[1], side, row), row * CELLS);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (isOver()) return null;
  }
  return pictures(digits, falls);
}

/** The same before anything is known: ink alone; undefined for a digit that is not there. */
export function inkPictures(digits) {
  return pictures(digits, [0, 1].map(() => new Float32Array(CELLS * CELLS)));
}

function pictures(digits, falls) {
  const picture = (digit, side) => occlusionPicture(digit, Float32Array.of(...falls[side], ...falls[1 - side]));
  return digits.map((digit, side) => digit && new ImageData(new Uint8ClampedArray(picture(digit, side)), CELLS));
}
