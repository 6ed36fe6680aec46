// The same drawings through other networks.

import { ablation as models } from "./assets.js";
import { element, setText } from "./dom.js";
import { percent } from "./engine.js";
import { Missing } from "./faults.js";
import { networkNamed } from "./networks.js";
import { networkNames } from "./strings.js";
import { ablation as texts } from "./strings-why.js";

/** Milliseconds until a network that did not come is asked for again. */
const PATIENCE = 10_000;

/** One row a network, loaded when the part is first opened, and again when the network is back. */
export class Ablation {
  #rows = [];
  #body = element("tbody");
  #digits = [undefined, undefined];
  #failed;

  constructor(table, failed) {
    this.#failed = failed;
    const head = texts.columns.map((name) => element("th", { scope: "col" }, name));
    const caption = element("caption", { class: "for-screen-readers" }, texts.caption);
    table.append(caption, element("thead", {}, element("tr", {}, ...head)), this.#body);
    window.addEventListener("online", () => this.#rows.filter((row) => row.isMissing).forEach((row) => this.#load(row)));
  }

  /** Shows what every network says of two digits. */
  show(digits) {
    if (this.#rows.length === 0) models.forEach((name) => this.#addRow(name));
    this.#digits = digits;
    this.#rows.forEach((row) => this.#fill(row));
  }

  #addRow(name) {
    const cells = ["", "", ""].map(() => element("td"));
    this.#body.append(element("tr", {}, element("th", { scope: "row" }, networkNames[name] ?? name), ...cells));
    const row = { name, network: null, isMissing: false, cells };
    this.#rows.push(row);
    this.#load(row);
  }

  #load(row) {
    row.isMissing = false;
    networkNamed(row.name).then(
      (network) => {
        row.network = network;
        this.#fill(row);
      },
      (fault) => {
        row.isMissing = true;
        this.#fill(row);
        if (!(fault instanceof Missing)) return this.#failed(fault);
        setTimeout(() => row.isMissing && this.#load(row), PATIENCE);
      },
    );
  }

  #fill({ network, isMissing, cells }) {
    const shown = ["", texts.nothing, ""];
    if (network === null) shown[1] = isMissing ? texts.offline : texts.loading;
    else if (!this.#digits.includes(undefined)) {
      const answer = network.compare(...this.#digits);
      const guesses = [0, 1].map((side) => answer.guesses(side));
      shown[0] = percent(answer.pLeq);
      shown[1] = answer.sentence;
      shown[2] = guesses.includes(undefined) ? texts.noHeads : guesses.map(([digit]) => digit).join(", ");
      answer.free();
    }
    cells.forEach((cell, at) => setText(cell, shown[at]));
  }
}
