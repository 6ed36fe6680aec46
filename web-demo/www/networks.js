// The networks that the page knows: the default one, those beside it, and files that the reader drops.

import { defaultModel, models } from "./assets.js";
import { firstNetwork, loadNetwork, networkOfFile } from "./engine.js";

const loaded = new Map([[defaultModel, firstNetwork]]);
firstNetwork.catch(() => loaded.delete(defaultModel));

/** Every network's name, the default one first. */
export const names = [defaultModel, ...Object.keys(models).filter((name) => name !== defaultModel)];

/** A network by its name; one that did not come is asked for again the next time. */
export function networkNamed(name) {
  if (!loaded.has(name)) {
    const coming = loadNetwork(name);
    loaded.set(name, coming);
    coming.catch(() => loaded.delete(name));
  }
  return loaded.get(name);
}

/** Reads a model file of the reader's, which has its file's name from then on. Throws a Notice about any other file. */
export async function networkFromFile(file) {
  const network = await networkOfFile(file);
  loaded.set(file.name, Promise.resolve(network));
  return network;
}
