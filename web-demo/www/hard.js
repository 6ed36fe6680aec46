// The pairs that the page's own network finds hardest. web-demo/examples/mnist_files.rs chooses them.

import { digitsIn, sampleState } from "./samples.js";

let coming = null;

/** `[{code, labels, states}]`, loaded once. */
export function hardPairs() {
  coming ??= load().catch((fault) => {
    coming = null;
    throw fault;
  });
  return coming;
}

async function load() {
  const response = await fetch(new URL("hard.bin", import.meta.url));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const digits = digitsIn(new Uint8Array(await response.arrayBuffer()));
  const pairs = [];
  for (let at = 0; at + 1 < digits.length; at += 2) {
    const both = digits.slice(at, at + 2);
    pairs.push({ code: `h${both[0].index}`, labels: both.map(({ label }) => label), states: both.map(sampleState) });
  }
  return pairs;
}
