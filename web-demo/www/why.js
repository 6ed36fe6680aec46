// Why the answer: all parts below the first screen, each of which works only while it is open.

import { element, setText, square } from "./dom.js";
import { percent } from "./engine.js";
import { Lazy } from "./lazy.js";
import { CELLS, inkPictures, occlusionPictures } from "./occlusion.js";
import { Spread } from "./spread.js";
import { occlusion as occlusionTexts, table as tableTexts } from "./strings.js";

const CLASSES = 10;
/** Probabilities below this are shown by colour alone. */
const LEAST_SHOWN = 0.005;
/** Milliseconds without a change before the occlusion map is made. */
const REST = 250;

const find = (id) => document.getElementById(id);

/** All parts. */
export class Why {
  #table = new ProductTable(find("product"), find("table-sum"));
  #occlusion = new OcclusionMaps(find("occlusion"));
  #view;
  #networks;
  #numbers;
  #networkFailed;
  #spread = new Spread((fault) => this.#networkFailed(fault, this.#last[0]));
  /** Whether the network at work is on the screen: until then nothing is computed for it. */
  #isViewSeen = false;
  #last = [null, "", [undefined, undefined], null];

  /**
   * `timings` are the page's; `failed(fault)` is told what does not load, `networkFailed(fault, network)` what goes wrong
   * with a network.
   */
  constructor(timings, failed, networkFailed) {
    this.#networkFailed = networkFailed;
    const again = () => this.show(...this.#last);
    const lazy = (place, load) => new Lazy(find(place), load, again, failed);
    this.#view = lazy("network-view", async () => {
      return new (await import("./network-view.js")).NetworkView(find("network-view"));
    });
    this.#networks = lazy("ablation", async () => {
      const [{ Ablation }, { Finding }] = await Promise.all([import("./ablation.js"), import("./finding.js")]);
      const finding = new Finding(find("finding"), find("finding-controls"), find("hand"), failed);
      return new Ablation(find("ablation"), failed, (name, network) => finding.arrived(name, network));
    });
    this.#numbers = lazy("numbers", async () => new (await import("./numbers.js")).Numbers(find("numbers"), timings));
    for (const part of document.querySelectorAll("main details")) part.addEventListener("toggle", again);
    new IntersectionObserver(([entry]) => {
      this.#isViewSeen = entry.isIntersecting;
      again();
    }).observe(find("network-view"));
  }

  /**
   * Shows why the network called `name` answers so about two digits, either of which may be undefined. While somebody draws, the table
   * and the network at work follow between frames.
   */
  show(network, name, digits, answer, isDrawing = false) {
    this.#last = [network, name, digits, answer];
    if (network === null) return;
    const use = (id, part, work) => find(id).open && part.use(work);
    try {
      const steps = () => this.#steps();
      if (isDrawing) this.#spread.later(steps);
      else this.#spread.now(steps);
      if (find("occlusion-part").open) this.#showOcclusion(network, digits);
      use("ablation-part", this.#networks, (ablation) => ablation.show(digits));
      use("numbers-part", this.#numbers, (numbers) => numbers.show(network, name));
    } catch (fault) {
      this.#networkFailed(fault, network);
    }
  }

  /** What shows the table and the network at work, a little a step. */
  #steps() {
    const [network, , digits, answer] = this.#last;
    const steps = find("table-part").open ? this.#table.steps(answer) : [];
    const isSeen = this.#isViewSeen && find("network-part").open;
    if (isSeen) this.#view.use((view) => steps.push(...view.steps(network, digits, answer)));
    return steps;
  }

  #showOcclusion(network, digits) {
    this.#occlusion.show(network, digits).catch((fault) => this.#networkFailed(fault, network));
  }

  /** Stops what is under way about digits that are about to go. */
  stop() {
    this.#occlusion.stop();
    this.#spread.forget();
  }
}

/** The 10 x 10 table of p(i) p(j), its half i <= j outlined and summed. */
class ProductTable {
  #cells = [];
  /** The probability that each cell shows. */
  #shown = [];
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

  /** The step that shows the table of an answer, or that there is none. */
  steps(answer) {
    const products = answer?.productTable;
    const sum = products ? tableTexts.sum(answer.pLeqFromDigits, answer.pLeq) : tableTexts.empty;
    const show = () => {
      this.#cells.forEach((cell, at) => this.#fill(cell, at, products?.[at] ?? 0));
      setText(this.#sum, sum);
    };
    return [show];
  }

  #fill(cell, at, p) {
    if (this.#shown[at] === p) return;
    this.#shown[at] = p;
    setText(cell, p >= LEAST_SHOWN ? percent(p).replace(" %", "").replace("over 99.9", ">99.9") : "");
    cell.style.setProperty("--p", p.toFixed(3));
    cell.classList.toggle("strong", p > 0.2);
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

  /** Makes the maps once nothing has changed for a moment. */
  async show(network, digits) {
    this.#run += 1;
    const run = this.#run;
    // Digits are freed when a drawing changes, which starts another run.
    const isOver = () => run !== this.#run;
    this.#paint(inkPictures(digits));
    if (digits.includes(undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, REST));
    const pictures = isOver() ? null : await occlusionPictures(network, digits, isOver);
    if (pictures !== null) this.#paint(pictures);
  }

  /** Stops what is under way. */
  stop() {
    this.#run += 1;
  }

  #paint(pictures) {
    this.#maps.forEach((context, side) => {
      if (pictures[side] === undefined) context.clearRect(0, 0, CELLS, CELLS);
      else context.putImageData(pictures[side], 0, 0);
    });
  }
}
