// The finding, told: what every network gets right, how sure it is there, and the same live on pairs of the reader's choice.

import { ablation as models, records } from "./assets.js";
import { button, element, setText } from "./dom.js";
import { Tally, TestPairs, percent } from "./engine.js";
import { loadedOnce } from "./files.js";
import { networkNamed } from "./networks.js";
import { reliabilityPlot } from "./reliability.js";
import { networkNames } from "./strings.js";
import { finding as texts } from "./strings-why.js";

/** Pairs that a network answers before the screen is painted again. */
const CHUNK = 10;
/** Milliseconds until a network that did not come is asked for again. */
const PATIENCE = 10_000;

/** The test pairs. */
const testPairs = loadedOnce("pairs.bin", (bytes) => new TestPairs(bytes));

export class Finding {
  #rows;
  #tell;
  #hand;
  #button = button(texts.run, { id: "run-pairs", onclick: () => this.#toggle() });
  #progress = element("span", { role: "status" });
  /** Counts the runs: one that is no longer the last stops. */
  #run = 0;
  #isRunning = false;

  /** `hand` is the choice of how the digits are drawn; `tell(notice)` shows a sentence. */
  constructor(table, controls, hand, tell) {
    this.#hand = hand;
    this.#tell = tell;
    controls.append(this.#button, this.#progress);
    const head = texts.columns.map((name) => element("th", { scope: "col" }, name));
    const caption = element("caption", { class: "for-screen-readers" }, texts.caption);
    this.#rows = models.map((name) => row(name));
    const body = element("tbody", {}, ...this.#rows.map(({ root }) => root));
    table.append(caption, element("thead", {}, element("tr", {}, ...head)), body);
    for (const each of this.#rows) this.#askFile(each);
  }

  /** Shows what a network's file says, once it is there. */
  #askFile(row) {
    const again = () => setTimeout(() => this.#askFile(row), PATIENCE);
    networkNamed(row.name).then((network) => fillAccuracy(row, network), again);
  }

  async #toggle() {
    this.#run += 1;
    if (this.#isRunning) return this.#show(false);
    this.#show(true);
    try {
      await this.#answer(await testPairs(), this.#run);
    } catch (fault) {
      console.warn(fault);
      this.#tell(texts.missing);
    }
    this.#show(false);
  }

  /** Has all networks answer all pairs, a chunk at a time. */
  async #answer(pairs, run) {
    pairs.drawBy(this.#hand.value);
    const networks = await Promise.all(models.map((name) => networkNamed(name)));
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

  #show(isRunning) {
    this.#isRunning = isRunning;
    setText(this.#button, isRunning ? texts.stop : texts.run);
  }
}

function row(name) {
  const title = networkNames[name] ?? name;
  const [right, byDigits] = ["", ""].map(() => element("td", {}, texts.waiting));
  const bars = ["accuracy", "confidence"].map((kind) => element("span", { class: `live ${kind}` }, texts.waiting));
  const rest = [reliabilityPlot(title, records[name]), ...bars].map((it) => element("td", {}, it));
  const root = element("tr", {}, element("th", { scope: "row" }, title), right, byDigits, ...rest);
  return { name, root, right, byDigits, bars };
}

/** What a network's file says of its 1,000 test pairs: by its comparison, and by the digits that it names. */
function fillAccuracy({ right, byDigits }, network) {
  const accuracy = JSON.parse(network.metadata("accuracy") ?? "{}");
  setText(right, texts.right(accuracy.learned_head));
  setText(byDigits, texts.right(accuracy.digit_posteriors));
}

function fill({ bars: [accuracy, confidence] }, tally) {
  setText(accuracy, texts.share(tally.right, tally.all));
  setText(confidence, percent(tally.confidence));
  accuracy.style.setProperty("--share", tally.accuracy);
  confidence.style.setProperty("--share", tally.confidence);
}
