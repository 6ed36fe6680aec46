// Why the answer: all parts below the first screen, each of which works only while it is open.

import { element, setText, square } from "./dom.js";
import { occlusionPicture, percent } from "./engine.js";
import { Missing } from "./faults.js";
import { notices, occlusion as occlusionTexts, table as tableTexts } from "./strings.js";

const CLASSES = 10;
const CELLS = 14;
/** Probabilities below this are shown by colour alone. */
const LEAST_SHOWN = 0.005;
/** Milliseconds without a change before the occlusion map is made. */
const REST = 250;
/** Milliseconds until a part that did not come is asked for again. */
const PATIENCE = 10_000;

const find = (id) => document.getElementById(id);

/** A part whose script comes when it is first used. */
class Later {
  #load;
  #arrived;
  #failed;
  #coming = null;
  #part = null;

  /** `load()` gives the part; `arrived()` is called when it is there, `failed(fault)` when it does not come. */
  constructor(load, arrived, failed) {
    this.#load = load;
    this.#arrived = arrived;
    this.#failed = failed;
  }

  /** Gives the part to `work`, if it is there. */
  use(work) {
    if (this.#part !== null) return work(this.#part);
    this.#coming ??= this.#load().then(
      (part) => {
        this.#part = part;
        this.#arrived();
      },
      (fault) => {
        setTimeout(() => (this.#coming = null), PATIENCE);
        this.#failed(fault);
      },
    );
  }
}

/** All parts. */
export class Why {
  #table = new ProductTable(find("product"), find("table-sum"));
  #occlusion = new OcclusionMaps(find("occlusion"));
  #view;
  #networks;
  #numbers;
  #stopped;
  /** Whether the network at work is on the screen: until then nothing is computed for it. */
  #isViewSeen = false;
  #last = [null, "", [undefined, undefined], null];

  /**
   * `timings` are the page's; `tell(notice)` shows a sentence, `failed(fault)` is told what does not load,
   * `stopped(fault)` what goes wrong for good.
   */
  constructor(timings, tell, failed, stopped) {
    this.#stopped = stopped;
    const again = () => this.show(...this.#last);
    const later = (load) => new Later(load, again, (fault) => failed(new Missing(notices.partMissing(fault.message))));
    this.#view = later(async () => new (await import("./network-view.js")).NetworkView(find("network-view")));
    this.#networks = later(async () => {
      const [{ Ablation }, { Finding }] = await Promise.all([import("./ablation.js"), import("./finding.js")]);
      new Finding(find("finding"), find("finding-controls"), find("hand"), tell);
      return new Ablation(find("ablation"), failed);
    });
    this.#numbers = later(async () => new (await import("./numbers.js")).Numbers(find("numbers"), timings));
    for (const part of document.querySelectorAll("main details")) part.addEventListener("toggle", again);
    new IntersectionObserver(([entry]) => {
      this.#isViewSeen = entry.isIntersecting;
      again();
    }).observe(find("network-view"));
  }

  /** Shows why the network called `name` answers so about two digits, either of which may be undefined. */
  show(network, name, digits, answer) {
    this.#last = [network, name, digits, answer];
    if (network === null) return;
    const use = (id, part, work) => find(id).open && part.use(work);
    try {
      this.#table.show(answer);
      if (this.#isViewSeen) use("network-part", this.#view, (view) => view.show(network, digits, answer));
      if (find("occlusion-part").open) this.#occlusion.show(network, digits).catch(this.#stopped);
      use("ablation-part", this.#networks, (ablation) => ablation.show(digits));
      use("numbers-part", this.#numbers, (numbers) => numbers.show(network, name));
    } catch (fault) {
      this.#stopped(fault);
    }
  }

  /** Stops what is under way about digits that are about to go. */
  stop() {
    this.#occlusion.stop();
  }
}

/** The 10 x 10 table of p(i) p(j), its half i <= j outlined and summed. */
class ProductTable {
  #cells = [];
  #sum;

  constructor(table, sum) {
    this.#sum = sum;
    const digits = [...Array(CLASSES).keys()];
    const head = element("tr", {}, element("td", { class: "corner" }, tableTexts.corner));
    head.append(...digits.map((digit) => element("th", { scope: "col" }, String(digit))));
    const row = (i) => {
      const cells = digits.map((j) => element("td", { class: i <= j ? "leq" : "greater" }));
      this.#cells.push(...cells);
      return element("tr", {}, element("th", { scope: "row" }, String(i)), ...cells);
    };
    const caption = element("caption", { class: "for-screen-readers" }, tableTexts.caption);
    table.append(caption, element("thead", {}, head), element("tbody", {}, ...digits.map(row)));
  }

  show(answer) {
    const products = answer?.productTable;
    this.#cells.forEach((cell, at) => {
      const p = products?.[at] ?? 0;
      setText(cell, p >= LEAST_SHOWN ? percent(p).replace(" %", "").replace("over 99.9", ">99.9") : "");
      cell.style.setProperty("--p", p.toFixed(3));
      cell.classList.toggle("strong", p > 0.2);
    });
    setText(this.#sum, products ? tableTexts.sum(answer.pLeqFromDigits, answer.pLeq) : tableTexts.empty);
  }
}

/** Two images, each cell coloured by how the comparison moves without the ink around it. */
class OcclusionMaps {
  #maps;
  #run = 0;

  constructor(root) {
    this.#maps = [0, 1].map((number) => {
      const [canvas, context] = square(CELLS);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", occlusionTexts.label(number));
      root.append(canvas);
      return context;
    });
  }

  /** Makes the maps once nothing has changed for a moment; a row at a time, so that drawing is never held up. */
  async show(network, digits) {
    this.#run += 1;
    const run = this.#run;
    const falls = [0, 1].map(() => new Float32Array(CELLS * CELLS));
    this.#paint(digits, falls);
    if (digits.includes(undefined)) return;
    await pause(REST);
    for (let line = 0; line < 2 * CELLS; line += 1) {
      // Digits are freed when a drawing changes, which starts another run.
      if (run !== this.#run) return;
      const [side, row] = [line < CELLS ? 0 : 1, line % CELLS];
      falls[side].set(network.occlusionRow(digits[0], digits[1], side, row), row * CELLS);
      await pause(0);
    }
    if (run === this.#run) this.#paint(digits, falls);
  }

  /** Stops what is under way. */
  stop() {
    this.#run += 1;
  }

  #paint(digits, falls) {
    this.#maps.forEach((context, side) => {
      if (digits[side] === undefined) return context.clearRect(0, 0, CELLS, CELLS);
      const pixels = occlusionPicture(digits[side], Float32Array.of(...falls[side], ...falls[1 - side]));
      context.putImageData(new ImageData(new Uint8ClampedArray(pixels), CELLS), 0, 0);
    });
  }
}

function pause(time) {
  return new Promise((resolve) => setTimeout(resolve, time));
}
