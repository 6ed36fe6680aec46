// The link that holds both drawings: `#1.FIRST.SECOND`, each part a letter and base64url of bytes.
//
//   e                  empty
//   s VARINTS          strokes: their count; for each, 2 * points + (1 if it erases); for each point the steps in x, y
//                      and width from the one before, zigzag
//   c 196 BYTES        14x14 cells
//   m 784 BYTES        28x28 pixels
//
// What comes in is data from anybody: every length and number is checked before anything is made of it, nothing is
// repaired, and a fault anywhere refuses the whole.

import { greyBase } from "./drawing.js";
import { GRID, MOST_POINTS, MOST_STROKES, isEmpty } from "./sheet.js";

const VERSION = "1";
/** Most letters of a fragment: two full drawings have about 66,000. */
export const MOST_LETTERS = 80_000;
const SQUARES = { c: 14, m: 28 };

/** The fragment of two states, without its #. `imagePixels(number)` gives 28x28 bytes of a state that holds an image. */
export function encode(states, imagePixels) {
  return [VERSION, ...states.map((state, number) => part(state, () => imagePixels(number)))].join(".");
}

/** Two states, or null when the fragment is not whole and sound. */
export function decode(fragment) {
  if (fragment.length > MOST_LETTERS || !/^[\w.-]*$/.test(fragment)) return null;
  const [version, ...parts] = fragment.split(".");
  if (version !== VERSION || parts.length !== 2) return null;
  const states = parts.map(stateOf);
  return states.includes(null) ? null : states;
}

/** The sides, 0 and 1, whose drawing a fragment does not hold though there is one: a picture in which no digit is found. */
export function lostSides(fragment, states) {
  const parts = fragment.split(".").slice(1);
  return [0, 1].filter((side) => parts[side] === "e" && !isEmpty(states[side]));
}

function part(state, imagePixels) {
  const { base, strokes } = state;
  if (isEmpty(state)) return "e";
  if (base === null) return `s${toText(strokeBytes(strokes))}`;
  if (base.kind === "grey" && strokes.length === 0) return `${base.side === 14 ? "c" : "m"}${toText(base.pixels)}`;
  const pixels = imagePixels();
  return pixels === undefined ? "e" : `m${toText(pixels)}`;
}

function strokeBytes(strokes) {
  const bytes = [];
  const write = (value) => {
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  };
  write(strokes.length);
  for (const { erases, points } of strokes) {
    write(2 * (points.length / 3) + (erases ? 1 : 0));
    const before = [0, 0, 0];
    points.forEach((value, at) => {
      const step = value - before[at % 3];
      write(step < 0 ? -2 * step - 1 : 2 * step);
      before[at % 3] = value;
    });
  }
  return Uint8Array.from(bytes);
}

function stateOf(text) {
  if (text === "e") return { base: null, strokes: [] };
  const bytes = fromText(text.slice(1));
  if (bytes === null) return null;
  if (text[0] === "s") {
    const strokes = strokesOf(bytes);
    return strokes === null ? null : { base: null, strokes };
  }
  const side = Object.hasOwn(SQUARES, text[0] ?? "") ? SQUARES[text[0]] : 0;
  return side > 0 && bytes.length === side * side ? { base: greyBase(side, bytes), strokes: [] } : null;
}

function strokesOf(bytes) {
  let at = 0;
  const read = () => {
    let value = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      if (at >= bytes.length) return NaN;
      const byte = bytes[at];
      at += 1;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    return NaN;
  };
  const count = read();
  if (!(count >= 1 && count <= MOST_STROKES)) return null;
  const strokes = [];
  let room = MOST_POINTS;
  for (let number = 0; number < count; number += 1) {
    const head = read();
    const length = head >>> 1;
    if (!(head >= 2) || length > room) return null;
    room -= length;
    const points = pointsOf(read, length);
    if (points === null) return null;
    strokes.push({ erases: (head & 1) === 1, points });
  }
  return at === bytes.length ? strokes : null;
}

function pointsOf(read, length) {
  const points = [];
  const before = [0, 0, 0];
  for (let at = 0; at < 3 * length; at += 1) {
    const code = read();
    const value = before[at % 3] + (code & 1 ? -(code + 1) / 2 : code / 2);
    if (!(value >= (at % 3 === 2 ? 1 : 0) && value < GRID)) return null;
    before[at % 3] = value;
    points.push(value);
  }
  return points;
}

function toText(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromText(text) {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
