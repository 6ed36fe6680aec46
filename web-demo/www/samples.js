// Digits of MNIST's test split, with their labels. The file's layout stands in web-demo/examples/mnist_files.rs.

import { greyBase } from "./drawing.js";

const SIDE = 28;
const RECORD = 3 + SIDE * SIDE;

let coming = null;

/** `{digits: [{label, base}], mistakes: [[first, second]]}`, loaded once. */
export function samples() {
  coming ??= load().catch((fault) => {
    coming = null;
    throw fault;
  });
  return coming;
}

async function load() {
  const response = await fetch(new URL("samples.bin", import.meta.url));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const [count, pairs] = bytes;
  if (bytes.length !== 2 + count * RECORD + 2 * pairs) throw new Error("cut short");
  const digits = Array.from({ length: count }, (_, number) => {
    const record = bytes.subarray(2 + number * RECORD, 2 + (number + 1) * RECORD);
    return { label: record[2], base: greyBase(SIDE, record.slice(3)) };
  });
  const ends = bytes.subarray(2 + count * RECORD);
  return { digits, mistakes: Array.from({ length: pairs }, (_, at) => [ends[2 * at], ends[2 * at + 1]]) };
}
