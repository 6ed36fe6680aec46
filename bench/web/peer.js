// A minimal page that compares two digits by onnxruntime-web: WebAssembly backend, one thread, SIMD. It answers about one
// pair as soon as it can; the benchmark then calls `compareAll`.

import * as ort from "./ort.wasm.min.mjs";

const SIDE = 14;
const PIXELS = 4 * SIDE * SIDE;

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = new URL("./", import.meta.url).href;

const [session, first] = await Promise.all([
  ort.InferenceSession.create(new URL("model.onnx", import.meta.url).href, { executionProviders: ["wasm"] }),
  fetch("first.bin").then(bytesOf),
]);
document.getElementById("answer").textContent = String(await compare(pairOf(first, 0)));
performance.mark("first-answer");

/** The times of comparing all pairs of a reference file, in milliseconds, and the answers. */
export async function compareAll(name) {
  const bytes = await bytesOf(await fetch(name));
  const count = new DataView(bytes.buffer).getUint32(0, true);
  const pairs = Array.from({ length: count }, (_, number) => pairOf(bytes, 4 + 2 * PIXELS * number));
  for (const pair of pairs.slice(0, 100)) await compare(pair);
  const [times, answers] = [[], []];
  for (const pair of pairs) {
    const start = performance.now();
    const answer = await compare(pair);
    times.push(performance.now() - start);
    answers.push(answer);
  }
  return { times, answers };
}

async function compare(pair) {
  const { p_leq: pLeq } = await session.run({ pair: new ort.Tensor("float32", pair, [1, 2, SIDE, SIDE]) });
  return pLeq.data[0];
}

/** Two digits of MNIST, each halved to 14 x 14. */
function pairOf(bytes, start) {
  return Float32Array.from({ length: 2 * SIDE * SIDE }, (_, at) => {
    const [side, row, column] = [Math.floor(at / SIDE / SIDE), Math.floor(at / SIDE) % SIDE, at % SIDE];
    const corner = start + side * PIXELS + 4 * SIDE * row + 2 * column;
    return (bytes[corner] + bytes[corner + 1] + bytes[corner + 2 * SIDE] + bytes[corner + 2 * SIDE + 1]) / 4;
  });
}

async function bytesOf(response) {
  return new Uint8Array(await response.arrayBuffer());
}
