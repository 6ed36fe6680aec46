// The answers of this visit, one row a pair, under the names that `infer batch` gives its columns.

import { Rest } from "./rest.js";
import { encode } from "./share.js";
import { store, stored } from "./session.js";

const KEY = "leq answers";
/** Milliseconds without a change before an answer counts as given. */
const REST = 600;
const MOST_ROWS = 500;

export class Journal {
  rows = stored(KEY, Array.isArray) ?? [];
  #row = null;
  #rest = new Rest(REST, () => this.#add(this.#row()));

  constructor() {
    window.addEventListener("pagehide", () => store(KEY, this.rows));
  }

  /** Takes in what `row()` gives, once nothing has changed for a moment; nothing for null. */
  schedule(row) {
    this.#row = row;
    if (row === null) this.#rest.cancel();
    else this.#rest.changed();
  }

  #add(row) {
    const last = this.rows.at(-1);
    if (last !== undefined && ["left", "right", "network"].every((column) => last[column] === row[column])) return;
    this.rows.push(row);
    if (this.rows.length > MOST_ROWS) this.rows.shift();
  }
}

/** The row of an answer; `drawings` are both pads' link, `labels` the digits that are known, if they are. */
export function rowOf(drawings, labels, network, answer) {
  const [, left, right] = drawings.split(".");
  const [first, second] = [0, 1].map((side) => answer.guesses(side) ?? []);
  const [leftNoDigit, rightNoDigit] = answer.noDigit ?? [];
  const isCompared = !answer.refuses;
  return {
    left,
    right,
    label: labels.includes(undefined) ? undefined : Number(labels[0] <= labels[1]),
    leq: isCompared ? Number(answer.isLeq) : undefined,
    p_leq: isCompared ? answer.pLeq : undefined,
    left_digit: first[0],
    left_probability: first[1],
    right_digit: second[0],
    right_probability: second[1],
    left_no_digit: leftNoDigit,
    right_no_digit: rightNoDigit,
    network,
  };
}

/** Both drawings as a link has them. */
export function drawingsOf(states, pads) {
  return encode(states, (side) => pads[side].digit?.mnistPixels);
}
