// The page's honest numbers: engine, model, bytes and times.

import { models } from "./assets.js";
import { element } from "./dom.js";
import { accuracyOf } from "./metadata.js";
import { nameOf } from "./strings.js";
import { numbers as texts } from "./strings-why.js";

export class Numbers {
  #root;
  #timings;

  constructor(root, timings) {
    this.#root = root;
    this.#timings = timings;
  }

  show(network, name) {
    const accuracy = accuracyOf(network, "learned_head");
    const rows = [
      [texts.engine, texts.engineIs],
      [texts.model, texts.modelIs(nameOf(name), accuracy ? texts.accuracy(accuracy) : "", models[name]?.bytes)],
      [texts.downloaded, texts.downloadedIs(downloaded())],
      [texts.comparison, timing(this.#timings.comparison)],
      [texts.preparation, timing(this.#timings.preparation)],
      [texts.version, new URL(".", import.meta.url).pathname.split("/").at(-2)],
    ];
    const cells = ([name, value]) => [element("dt", {}, name), element("dd", {}, value)];
    this.#root.replaceChildren(...rows.flatMap(cells));
  }
}

function downloaded() {
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return entries.filter((entry) => entry.transferSize > 0).reduce((sum, entry) => sum + entry.encodedBodySize, 0);
}

function timing(of) {
  const summary = of.summary();
  return summary ? texts.timing(summary.median, summary.p95, summary.count) : texts.noTiming;
}
