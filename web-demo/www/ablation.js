// The same drawings through other networks.

import { ablation as models } from "./assets.js";
import { element, setText } from "./dom.js";
import { percent } from "./engine.js";
import { Missing } from "./faults.js";
import { networkNamed } from "./networks.js";
import { nameOf } from "./strings.js";
import { ablation as texts } from "./strings-why.js";
import { tellIfReplaced } from "./update.js";

/** Milliseconds until a network that did not come is asked for again. */
const PATIENCE = 10_000;

/** One row a network, loaded when the part is first opened, and again when the network is back. */
export class Ablation {
  #rows = [];
  #body = element("tbody");
  #digits = [undefined, undefined];
  #failed;
  #arrived;
  /** The question whether this version of the page is gone, while it is asked; once it is known to be, `true` for good. */
  #isGone = null;

  /** `failed(fault)` is told of a network that is damaged, `arrived(name, network)` of one that is there. */
  constructor(table, failed, arrived) {
    this.#failed = failed;
    this.#arrived = arrived;
    const head = texts.columns.map((name) => element("th", { scope: "col" }, name));
    const caption = element("caption", { class: "for-screen-readers" }, texts.caption);
    table.append(caption, element("thead", {}, element("tr", {}, ...head)), this.#body);
    window.addEventListener("online", () => this.#rows.forEach((row) => this.#loadAgain(row)));
  }

  /** Shows what every network says of two digits. */
  show(digits) {
    if (this.#rows.length === 0) models.forEach((name) => this.#addRow(name));
    this.#digits = digits;
    this.#rows.forEach((row) => this.#fill(row));
  }

  #addRow(name) {
    const cells = ["", "", ""].map(() => element("td"));
    this.#body.append(element("tr", {}, element("th", { scope: "row" }, nameOf(name)), ...cells));
    const row = { name, network: null, state: texts.loading, cells };
    this.#rows.push(row);
    this.#load(row);
  }

  #load(row) {
    row.state = texts.loading;
    networkNamed(row.name).then(
      (network) => {
        row.network = network;
        this.#arrived(row.name, network);
        this.#fill(row);
      },
      (fault) => this.#miss(row, fault),
    );
  }

  #loadAgain(row) {
    if (row.state === texts.offline) this.#load(row);
  }

  /** A network did not come. With a connection, it may have gone with this version of the page. */
  async #miss(row, fault) {
    const isMissing = fault instanceof Missing;
    if (!isMissing) this.#failed(fault);
    this.#isGone ??= isMissing && navigator.onLine ? tellIfReplaced() : null;
    const isGone = await this.#isGone;
    if (!isGone) this.#isGone = null;
    row.state = isGone ? texts.gone : isMissing ? texts.offline : texts.damaged;
    this.#fill(row);
    setTimeout(() => this.#loadAgain(row), PATIENCE);
  }

  #fill({ network, state, cells }) {
    const shown = ["", texts.nothing, ""];
    if (network === null) shown[1] = state;
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
