// Digits of MNIST's test split, with their labels. The file's layout stands in web-demo/examples/mnist_files.rs.

import { greyBase } from "./drawing.js";
import { loadedOnce } from "./files.js";
import { notices } from "./strings.js";

const SIDE = 28;
/** Bytes of a digit: its index in the test split, its label, its pixels. */
const RECORD = 3 + SIDE * SIDE;

/** Which of the mistakes was shown last. */
let shown = -1;

/** `{digits: [{label, base}], mistakes: [[first, second]]}`. */
const samples = loadedOnce("samples.bin", (bytes) => {
  const [count, pairs] = bytes;
  if (bytes.length !== 2 + count * RECORD + 2 * pairs) throw new Error("cut short");
  const digits = digitsIn(bytes.subarray(2, 2 + count * RECORD));
  const ends = bytes.subarray(2 + count * RECORD);
  return { digits, mistakes: Array.from({ length: pairs }, (_, at) => [ends[2 * at], ends[2 * at + 1]]) };
}, notices.samplesMissing);

/** The digits that records hold: index in the test split, label, and the picture. */
export function digitsIn(bytes) {
  return Array.from({ length: bytes.length / RECORD }, (_, number) => {
    const record = bytes.subarray(number * RECORD, (number + 1) * RECORD);
    return { index: record[0] + 256 * record[1], label: record[2], base: greyBase(SIDE, record.slice(3)) };
  });
}

/** The states of two pads that hold samples: any two of the ordinary ones, or the next pair that the network gets wrong. */
export async function samplePair(isMistake) {
  const { digits, mistakes } = await samples();
  const ordinary = digits.length - 2 * mistakes.length;
  if (isMistake) shown = (shown + 1) % mistakes.length;
  const numbers = isMistake ? mistakes[shown] : [0, 1].map(() => Math.floor(Math.random() * ordinary));
  return numbers.map((number) => sampleState(digits[number]));
}

/** The state of a pad that holds a sample, which keeps its label until somebody draws over it. */
export function sampleState({ label, base }) {
  return { base: { ...base, label }, strokes: [] };
}
