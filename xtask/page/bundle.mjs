// Bundles the page's modules: `node bundle.mjs ROLLUP FIRST NAMED FOLDER...`.
//
// ROLLUP is Rollup's module. FIRST lists, with commas between, the modules that index.html starts: each becomes one file with all
// that it imports, but for what is in the files before it. NAMED lists modules that keep a file of their own name, which leads to
// where they are. The modules lie in the FOLDERs. What is imported dynamically gets a file of its own.
//
// Prints one JSON object: each file's `code`, and the names of the files that it imports (`imports`), at once or later
// (`dynamicImports`).

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [rollupModule, firstList, namedList, ...folders] = process.argv.slice(2);
const [first, named] = [firstList.split(","), namedList.split(",")];
const { rollup } = await import(pathToFileURL(rollupModule));
const nameOf = (module) => module.replace(/\.js$/, "");

/** Modules are known by their plain names, so that no folder's path can get into a file. */
const inFolders = {
  name: "in-folders",
  buildStart() {
    for (const id of named) this.emitFile({ type: "chunk", id, name: nameOf(id), preserveSignature: "strict" });
  },
  resolveId: (source) => source.replace(/^\.\//, ""),
  load(id) {
    const folder = folders.find((each) => existsSync(join(each, id)));
    return folder === undefined ? this.error(`there is no ${id}`) : readFile(join(folder, id), "utf8");
  },
};

/** A module and all that it imports at once. */
function imported(module, getModuleInfo, found = new Set()) {
  if (!found.has(module)) {
    found.add(module);
    for (const id of getModuleInfo(module).importedIds) imported(id, getModuleInfo, found);
  }
  return found;
}

const bundle = await rollup({
  input: Object.fromEntries(first.map((module) => [nameOf(module), module])),
  plugins: [inFolders],
  preserveEntrySignatures: "allow-extension",
  onLog(level, log) {
    if (level === "warn") throw new Error(log.message);
  },
});
const { output } = await bundle.generate({
  format: "es",
  generatedCode: "es2015",
  entryFileNames: "[name].js",
  chunkFileNames: "[name].js",
  hoistTransitiveImports: false,
  minifyInternalExports: false,
  manualChunks(id, { getModuleInfo }) {
    const file = first.find((module) => imported(module, getModuleInfo).has(id));
    return file === undefined ? undefined : nameOf(file);
  },
});
await bundle.close();
const files = output.map(({ fileName, code, imports, dynamicImports }) => [fileName, { code, imports, dynamicImports }]);
console.log(JSON.stringify(Object.fromEntries(files)));
