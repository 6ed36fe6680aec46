// What the reader is told when the network does not load or stops: plain texts, which need nothing of it.

/** Something that the reader is told in words. */
export class Notice extends Error {}

/** A file that did not come: it may come later. */
export class Missing extends Notice {}

export const faults = {
  modelMissing: (name, status) =>
    `The model ${name} could not be loaded (${status}). Check the connection and reload the page; if it stays so, the ` +
    `page was published incompletely.`,
  modelDamaged: (name, fault) =>
    `The model ${name} arrived damaged (${fault}). Reload the page while holding Shift; if it stays so, the page was ` +
    `published incompletely.`,
  modelRefused: (name, fault) =>
    `${name} is no network that this page can show (${fault}). Drop an .onnx file that the trainer of this project exported.`,
  modelChecksum: "its checksum is wrong",
  wasmUnsupported:
    "This browser has no WebAssembly with SIMD, or it is switched off, and the network runs on it. Update the browser, " +
    "allow WebAssembly, or open the page in another one.",
  wasmForbidden:
    "The policy of the site that shows this page forbids WebAssembly, on which the network runs. Open the page in a tab " +
    "of its own; whoever runs the site can allow 'wasm-unsafe-eval'.",
  wasmMissing: (status) =>
    `The page's WebAssembly file could not be loaded (${status}). Check the connection and reload the page; if it stays ` +
    `so, the page was published incompletely.`,
  wasmDamaged: (fault) =>
    `The page's WebAssembly file arrived damaged (${fault}). Reload the page while holding Shift; if it stays so, the ` +
    `page was published incompletely.`,
  stopped: (fault) => `The network stopped working (${fault}). Reload the page; your drawings are kept.`,
};
