// The WebAssembly, on its way from the page's first moment on: this module needs no other, so that it runs before them all.

/** The file's response. */
export const response = fetch(new URL("web_demo_bg.wasm", import.meta.url));
/** The module, compiled while the file comes. */
export const compiled = response.then(compile);
// engine.js awaits both and tells of faults.
for (const each of [response, compiled]) each.catch(() => {});

/** Browsers compile what is still coming only if the host names its type. */
async function compile(found) {
  const isNamed = found.headers.get("content-type") === "application/wasm";
  return isNamed ? WebAssembly.compileStreaming(found) : WebAssembly.compile(await found.arrayBuffer());
}
