// What the reader is told when something does not load or stops: plain texts, which need no network.

/** Something that the reader is told in words. */
export class Notice extends Error {}

/** A file that did not come. Some come later; `needsReload` of those that browsers ask for only once. */
export class Missing extends Notice {
  constructor(text, needsReload = false) {
    super(text);
    this.needsReload = needsReload;
  }
}

/** Whether a fault is a trap in WebAssembly, after which its memory is not to be trusted. */
export function isTrap(fault) {
  return typeof WebAssembly === "object" && fault instanceof WebAssembly.RuntimeError;
}

/** What the reader is told of a fault. */
export function inWords(fault) {
  return fault instanceof Notice ? fault.message : faults.unexpected(fault.message);
}

export const faults = {
  modelMissing: (name, status) =>
    `The model ${name} could not be loaded (${status}). Check the connection and reload the page; if that does not help, ` +
    `the page was published incompletely.`,
  modelDamaged: (name, fault) =>
    `The model ${name} arrived damaged (${fault}). Reload the page while holding Shift; if that does not help, the page ` +
    `was published incompletely.`,
  modelRefused: (name, fault) =>
    `This page cannot run ${name} (${fault}). Take an .onnx file that this project\u2019s trainer has exported.`,
  modelTooLarge: (name, most) => `${name} is larger than ${Math.round(most / 2 ** 20)} MiB, the most that is read of a model.`,
  modelChecksum: "its checksum is wrong",
  modelFailed: (name, fault) => `${name} failed (${fault}). The page\u2019s own network answers again.`,
  fileUnreadable: (name) => `The browser cannot read ${name}. Was it moved or deleted?`,
  digitsDamaged: (name) => `The file ${name} arrived damaged. Reload the page while holding Shift.`,
  wasmUnsupported:
    "This browser has no WebAssembly with SIMD, or it is switched off, and the network runs on it. Update the browser, " +
    "allow WebAssembly, or open the page in another one.",
  wasmForbidden:
    "The policy of the site that shows this page forbids WebAssembly, on which the network runs. Open the page in a tab " +
    "of its own; whoever runs the site can allow 'wasm-unsafe-eval'.",
  wasmMissing: (status) =>
    `The page's WebAssembly file could not be loaded (${status}). Check the connection and reload the page; if that does ` +
    `not help, the page was published incompletely.`,
  wasmDamaged: (fault) =>
    `The page's WebAssembly file arrived damaged (${fault}). Reload the page while holding Shift; if that does not help, ` +
    `the page was published incompletely.`,
  stopped: (fault) => `The network stopped working (${fault}). Reload the page; your drawings are kept.`,
  unexpected: (fault) => `Something went wrong (${fault}). Reload the page; your drawings are kept.`,
};
