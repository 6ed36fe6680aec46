// The answers of this visit as a table, and as files for other programs.

import { button, element, setText } from "./dom.js";
import { percent } from "./engine.js";
import { nameOf } from "./strings.js";
import { answers as texts } from "./strings-take.js";
import { save } from "./ways-out.js";

/** `infer batch` writes these columns, but the last; `left` and `right` are drawings as a link has them. */
const COLUMNS = [
  "row", "left", "right", "label", "leq", "p_leq", "left_digit", "left_probability", "right_digit", "right_probability",
  "left_no_digit", "right_no_digit", "network",
];
/** Answers that are shown; all of them are saved. */
const SHOWN = 8;

export class Part {
  #journal;
  #status = element("span", { role: "status" });
  #body = element("tbody");
  #table;
  #count = -1;

  constructor({ journal }) {
    this.#journal = journal;
    const head = texts.columns.map((name) => element("th", { scope: "col" }, name));
    const caption = element("caption", { class: "for-screen-readers" }, texts.caption);
    this.#table = element("table", {}, caption, element("thead", {}, element("tr", {}, ...head)), this.#body);
    const region = { class: "scrolls", tabindex: "0", role: "region", "aria-label": texts.caption };
    const saving = (label, id, textOf, type) =>
      button(label, { id, onclick: () => this.#save(textOf(this.#rows), `leq-answers.${id}`, type) });
    const buttons = [saving(texts.csv, "csv", csvOf, "text/csv"), saving(texts.json, "json", jsonOf, "application/json")];
    const root = document.getElementById("answers");
    root.append(element("p", { class: "controls" }, ...buttons, this.#status), element("div", region, this.#table));
    // An answer counts once nothing has changed for a moment.
    setInterval(() => this.show(), 500);
  }

  /** Shows the answers so far, the last one first. */
  show() {
    const { rows } = this.#journal;
    if (rows.length === this.#count) return;
    this.#count = rows.length;
    setText(this.#status, texts.count(rows.length));
    this.#table.hidden = rows.length === 0;
    this.#body.replaceChildren(...rows.slice(-SHOWN).reverse().map(rowOf));
  }

  get #rows() {
    return this.#journal.rows.map((row, at) => ({ row: at + 1, ...row }));
  }

  #save(text, name, type) {
    if (this.#journal.rows.length === 0) return setText(this.#status, texts.count(0));
    save(new Blob([text], { type }), name);
    setText(this.#status, texts.saved(this.#journal.rows.length, name));
  }
}

function rowOf({ left_digit: first, right_digit: second, leq, p_leq: pLeq, network }) {
  const said = leq === undefined ? texts.notCompared : texts.answer(first, second, leq === 1);
  const cells = [said, pLeq === undefined ? "" : percent(pLeq), nameOf(network)];
  return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
}

function csvOf(rows) {
  const field = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const line = (row) => COLUMNS.map((column) => field(String(row[column] ?? ""))).join(",");
  return `${[COLUMNS.join(","), ...rows.map(line)].join("\n")}\n`;
}

function jsonOf(rows) {
  return `${JSON.stringify(rows, COLUMNS, 1)}\n`;
}
