// The pairs that the page's own network finds hardest. web-demo/examples/mnist_files.rs chooses them.

import { loadedOnce } from "./files.js";
import { digitsIn, sampleState } from "./samples.js";
import { game as texts } from "./strings-play.js";

/** `[{code, labels, states}]`. */
export const hardPairs = loadedOnce("hard.bin", (bytes) => {
  const digits = digitsIn(bytes);
  const pairs = [];
  for (let at = 0; at + 1 < digits.length; at += 2) {
    const both = digits.slice(at, at + 2);
    pairs.push({ code: `h${both[0].index}`, labels: both.map(({ label }) => label), states: both.map(sampleState) });
  }
  return pairs;
}, texts.missing);
