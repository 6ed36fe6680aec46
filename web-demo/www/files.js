// The page's large files. WebAssembly and the default model are on their way from the page's first moment on: this module
// needs little else, so that it runs before all others. engine.js tells of what goes wrong.

import { defaultModel } from "./assets.js";
import { Missing, Notice, faults, isTrap } from "./faults.js";

/** Asks for a file beside this one: its response, and what `read(response)` makes of it while it comes. */
export function ask(name, read = (response) => response.arrayBuffer()) {
  const response = fetch(new URL(name, import.meta.url));
  const contents = response.then(read);
  // Until somebody awaits them, faults are nobody's.
  for (const each of [response, contents]) each.catch(() => {});
  return { response, contents };
}

/**
 * A function that asks for a file when it is first called, and gives what `read(bytes)` made of it from then on. A file that did not
 * come is `missing`, in words, and is asked for again.
 */
export function loadedOnce(name, read, missing) {
  let coming = null;
  const bytes = async () => {
    try {
      const response = await fetch(new URL(name, import.meta.url));
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
    } catch (fault) {
      console.warn(fault);
    }
    throw new Missing(missing);
  };
  const load = async () => {
    const found = await bytes();
    try {
      return read(found);
    } catch (fault) {
      throw isTrap(fault) ? fault : new Notice(faults.digitsDamaged(name));
    }
  };
  return () => {
    coming ??= load().catch((fault) => {
      coming = null;
      throw fault;
    });
    return coming;
  };
}

/** The WebAssembly, whose contents are the compiled module. */
export const wasm = ask("web_demo_bg.wasm", compile);
/** The default model. */
export const firstModel = ask(`${defaultModel}.onnx`);

/** Browsers compile what is still coming only if the host names its type. */
async function compile(response) {
  const isNamed = response.headers.get("content-type") === "application/wasm";
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
