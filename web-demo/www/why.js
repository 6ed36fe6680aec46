// Why the answer: the digits' table, the strokes that decided, and the same drawings through other networks.

import { ablation as ablationModels } from "./assets.js";
import { element, setText, square } from "./dom.js";
import { loadNetwork } from "./engine.js";
import { paintCells } from "./seen.js";
import { ablation as ablationTexts, occlusion as occlusionTexts, table as tableTexts } from "./strings.js";

const CLASSES = 10;
const CELLS = 14;
/** Probabilities below this are shown by colour alone. */
const LEAST_SHOWN = 0.005;
/** Milliseconds without a change before the occlusion map is made. */
const REST = 250;

/** The 10 x 10 table of p(i) p(j), its half i <= j outlined and summed. */
export class ProductTable {
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
      setText(cell, p >= LEAST_SHOWN ? (100 * p).toFixed(p >= 0.0995 ? 0 : 1) : "");
      cell.style.setProperty("--p", Math.sqrt(p).toFixed(3));
      cell.classList.toggle("strong", p > 0.2);
    });
    setText(this.#sum, products ? tableTexts.sum(answer.pLeqFromDigits, answer.pLeq) : tableTexts.empty);
  }
}

/** Two images, each cell coloured by how the comparison moves without the ink around it. */
export class OcclusionMaps {
  #maps;
  #run = 0;

  constructor(root) {
    this.#maps = [0, 1].map((number) => {
      const [canvas, context] = square(CELLS * 16);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", occlusionTexts.label(number));
      root.append(canvas);
      paintCells(context, undefined);
      return context;
    });
  }

  /** Makes the maps once nothing has changed for a moment; a row at a time, so that drawing is never held up. */
  async show(network, digits) {
    this.#run += 1;
    const run = this.#run;
    this.#maps.forEach((map, side) => paintCells(map, digits?.[side]?.pixels));
    if (!digits?.every((digit) => digit !== undefined)) return;
    await pause(REST);
    const falls = [new Float32Array(CELLS * CELLS), new Float32Array(CELLS * CELLS)];
    for (let line = 0; line < 2 * CELLS; line += 1) {
      // Digits are freed when a drawing changes, which starts another run.
      if (run !== this.#run) return;
      const [side, row] = [Math.floor(line / CELLS), line % CELLS];
      falls[side].set(network.occlusionRow(digits[0], digits[1], side, row), row * CELLS);
      await pause(0);
    }
    if (run !== this.#run) return;
    const largest = Math.max(...falls.map((map) => Math.max(...map.map(Math.abs))), 1e-6);
    this.#maps.forEach((map, side) => tint(map, falls[side], largest));
  }

  /** Stops what is under way. */
  stop() {
    this.#run += 1;
  }
}

function tint(context, falls, largest) {
  const cell = context.canvas.width / CELLS;
  falls.forEach((fall, at) => {
    const strength = Math.abs(fall) / largest;
    context.fillStyle = fall > 0 ? `rgb(61 139 255 / ${strength})` : `rgb(255 138 0 / ${strength})`;
    context.fillRect((at % CELLS) * cell, Math.floor(at / CELLS) * cell, cell, cell);
  });
}

function pause(time) {
  return new Promise((resolve) => setTimeout(resolve, time));
}

/** One row a network, loaded when the part is first opened. */
export class Ablation {
  #rows = [];
  #body = element("tbody");

  constructor(table) {
    const head = ablationTexts.columns.map((name) => element("th", { scope: "col" }, name));
    const caption = element("caption", { class: "for-screen-readers" }, ablationTexts.caption);
    table.append(caption, element("thead", {}, element("tr", {}, ...head)), this.#body);
  }

  /** Shows what every network says of two digits; `failed(fault)` is told of one that does not load. */
  show(digits, failed) {
    if (this.#rows.length === 0) this.#load(failed);
    this.#digits = digits;
    this.#rows.forEach((row) => this.#fill(row));
  }

  #digits = [undefined, undefined];

  #load(failed) {
    for (const name of ablationModels) {
      const cells = ["", "", ""].map(() => element("td"));
      const title = element("th", { scope: "row" }, ablationTexts.names[name] ?? name);
      this.#body.append(element("tr", {}, title, ...cells));
      const row = { network: null, cells };
      this.#rows.push(row);
      loadNetwork(name).then((network) => {
        row.network = network;
        this.#fill(row);
      }, failed);
    }
  }

  #fill({ network, cells }) {
    const [first, second] = this.#digits;
    const texts = ["", ablationTexts.nothing, ""];
    if (network === null) texts[1] = ablationTexts.loading;
    else if (first !== undefined && second !== undefined) {
      const answer = network.compare(first, second);
      texts[0] = answer.pLeq.toFixed(4);
      texts[1] = answer.sentence;
      texts[2] = readings(answer.digitProbs);
      answer.free();
    }
    cells.forEach((cell, at) => setText(cell, texts[at]));
  }
}

function readings(probabilities) {
  if (probabilities === undefined) return ablationTexts.noHeads;
  const likeliest = (ten) => ten.indexOf(Math.max(...ten));
  return `${likeliest(probabilities.slice(0, CLASSES))}, ${likeliest(probabilities.slice(CLASSES))}`;
}
