// The network: WebAssembly and model, loaded and checked, or a notice that says what is wrong and what to do.

import init, {
  Digit, Network, Tally, TestPairs, mostModelBytes, occlusionPicture, percent, splitBoxes,
} from "./web_demo.js";
import { defaultModel, models } from "./assets.js";
import { Missing, Notice, faults, isTrap } from "./faults.js";
import { ask, firstModel, wasm } from "./files.js";

export { Digit, Notice, Tally, TestPairs, occlusionPicture, percent, splitBoxes };

// The smallest module with an instruction of SIMD: (module (func (drop (v128.const i32x4 0 0 0 0)))).
const SIMD_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 26, 11,
];

let started = null;

/** Loads the WebAssembly once. */
export function start() {
  started ??= (async () => {
    if (typeof WebAssembly !== "object" || !WebAssembly.validate(Uint8Array.from(SIMD_MODULE))) {
      throw new Notice(faults.wasmUnsupported);
    }
    await arrived(wasm.response, faults.wasmMissing);
    try {
      await init({ module_or_path: wasm.contents });
    } catch (fault) {
      throw new Notice(isForbidden() ? faults.wasmForbidden : faults.wasmDamaged(fault.message));
    }
  })();
  return started;
}

/** Whether a policy keeps even the smallest module from being compiled. */
function isForbidden() {
  try {
    new WebAssembly.Module(Uint8Array.from(SIMD_MODULE));
    return false;
  } catch {
    return true;
  }
}

/** Loads a model by its name in `models`; its file, `asked` for, comes while the WebAssembly does. */
export async function loadNetwork(name, asked = ask(`${name}.onnx`)) {
  const { bytes: length, sha256 } = models[name];
  const [bytes] = await Promise.all([checked(), start()]);
  try {
    return new Network(new Uint8Array(bytes));
  } catch (fault) {
    throw new Notice(faults.modelDamaged(name, fault.message));
  }

  async function checked() {
    const missing = (status) => faults.modelMissing(name, status);
    await arrived(asked.response, missing);
    let found;
    try {
      found = await asked.contents;
    } catch (fault) {
      throw new Missing(missing(fault.message));
    }
    if (found.byteLength === length && (await checksum(found)) === sha256) return found;
    throw new Notice(faults.modelDamaged(name, faults.modelChecksum));
  }

  /** Browsers hash only for pages that came safely; elsewhere the length and the model's own check have to do. */
  async function checksum(of) {
    if (globalThis.crypto?.subtle === undefined) return sha256;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", of));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

/** Reads a model file of the reader's. Throws a Notice about any other file. */
export async function networkOfFile(file) {
  const { name } = file;
  await start();
  if (file.size > mostModelBytes()) throw new Notice(faults.modelTooLarge(name, mostModelBytes()));
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Notice(faults.fileUnreadable(name));
  }
  try {
    return new Network(bytes);
  } catch (fault) {
    if (isTrap(fault)) throw fault;
    throw new Notice(faults.modelRefused(name, fault.message));
  }
}

/** The network that answers. It loads as soon as this module runs, which is before the page is there. */
export const firstNetwork = loadNetwork(defaultModel, firstModel);
// The page, when it comes, tells of a fault; until then nobody is to be told.
firstNetwork.catch(() => {});

/** Waits for a file's response, or says that it is missing. */
async function arrived(coming, missing) {
  let response;
  try {
    response = await coming;
  } catch (fault) {
    throw new Missing(missing(fault.message));
  }
  if (!response.ok) throw new Missing(missing(`HTTP ${response.status}`));
}
