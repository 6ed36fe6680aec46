// The finding, told: what every network gets right, how sure it is there, and the same live on pairs of the reader's choice.

import { ablation as models, records } from "./assets.js";
import { button, element, setText } from "./dom.js";
import { Tally, TestPairs, percent, start } from "./engine.js";
import { loadedOnce } from "./files.js";
import { accuracyOf } from "./metadata.js";
import { networkNamed } from "./networks.js";
import { reliabilityPlot } from "./reliability.js";
import { nameOf, notices } from "./strings.js";
import { finding as texts } from "./strings-why.js";

/** Pairs that a network answers before the screen is painted again. */
const CHUNK = 10;

/** The test pairs. */
const testPairs = loadedOnce("pairs.bin", (bytes) => new TestPairs(bytes), texts.missing);

export class Finding {
  #rows;
  #failed;
  #hand;
  #button = button(texts.run, { id: "run-pairs", onclick: () => this.#toggle() });
  #progress = element("span", { role: "status" });
  /** Counts the runs: one that is no longer the last stops. */
  #run = 0;
  #isRunning = false;

  /** `hand` is the choice of how the digits are drawn; `failed(fault)` is told what goes wrong. */
  constructor(table, controls, hand, failed) {
    this.#hand = hand;
    this.#failed = failed;
    hand.addEventListener("change", () => this.#clear());
    controls.append(this.#button, this.#progress);
    const head = texts.columns.map((name) => element("th", { scope: "col" }, name));
    const caption = element("caption", { class: "for-screen-readers" }, texts.caption);
    this.#rows = models.map((name) => row(name));
    const body = element("tbody", {}, ...this.#rows.map(({ root }) => root));
    table.append(caption, element("thead", {}, element("tr", {}, ...head)), body);
  }

  /** Shows what the file of a network that is there says. */
  arrived(name, network) {
    const { right, byDigits } = this.#rows.find((row) => row.name === name);
    setText(right, texts.right(accuracyOf(network, "learned_head")));
    setText(byDigits, texts.right(accuracyOf(network, "digit_posteriors")));
  }

  async #toggle() {
    const wasRunning = this.#isRunning;
    this.#run += 1;
    this.#show(!wasRunning);
    if (wasRunning) return;
    const run = this.#run;
    setText(this.#progress, notices.loading);
    try {
      await start();
      await this.#answer(await testPairs(), run);
    } catch (fault) {
      if (run === this.#run) setText(this.#progress, "");
      this.#failed(fault);
    }
    if (run === this.#run) this.#show(false);
  }

  /** Has all networks answer all pairs, a chunk at a time. */
  async #answer(pairs, run) {
    const networks = await Promise.all(models.map((name) => networkNamed(name)));
    if (run !== this.#run) return;
    pairs.drawBy(this.#hand.value);
    const tallies = models.map(() => new Tally());
    for (let from = 0; from < pairs.count && run === this.#run; from += CHUNK) {
      networks.forEach((network, at) => {
        pairs.answer(network, from, from + CHUNK, tallies[at]);
        fill(this.#rows[at], tallies[at]);
      });
      setText(this.#progress, texts.progress(tallies[0].all, pairs.count));
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    for (const tally of tallies) tally.free();
  }

  /** Other digits make what was counted no answer. */
  #clear() {
    this.#run += 1;
    this.#show(false);
    setText(this.#progress, "");
    this.#rows.forEach(empty);
  }

  #show(isRunning) {
    this.#isRunning = isRunning;
    setText(this.#button, isRunning ? texts.stop : texts.run);
  }
}

function row(name) {
  const [right, byDigits, countByDigits] = ["", "", ""].map(() => element("td", {}, texts.waiting));
  const bars = ["accuracy", "confidence"].map((kind) => element("span", { class: `live ${kind}` }, texts.waiting));
  const [plot, accuracy, confidence] = [reliabilityPlot(nameOf(name), records[name]), ...bars].map((it) =>
    element("td", {}, it),
  );
  const head = element("th", { scope: "row" }, nameOf(name));
  const root = element("tr", {}, head, right, byDigits, plot, accuracy, countByDigits, confidence);
  return { name, root, right, byDigits, bars, countByDigits };
}

function fill({ bars: [accuracy, confidence], countByDigits }, tally) {
  setText(accuracy, texts.share(tally.right, tally.all));
  setText(countByDigits, texts.byDigits(tally.rightByDigits, tally.all));
  setText(confidence, percent(tally.confidence));
  accuracy.style.setProperty("--share", tally.accuracy);
  confidence.style.setProperty("--share", tally.confidence);
}

function empty({ bars, countByDigits }) {
  for (const cell of [...bars, countByDigits]) setText(cell, texts.waiting);
  for (const bar of bars) bar.style.setProperty("--share", 0);
}
