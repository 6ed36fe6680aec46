// The answer in words, on the scale, and for screen readers.

import { setText } from "./dom.js";
import { answer as texts } from "./strings.js";

/** Milliseconds without a change before the answer is spoken: a live region that talks while one draws helps nobody. */
const REST = 600;

const find = (id) => document.getElementById(id);

export class AnswerView {
  #root = find("answer");
  #spoken = "";
  #timer = 0;

  /** `relation` is the sign between the pads. */
  constructor(relation) {
    this.relation = relation;
    setText(find("sentence"), texts.loading);
  }

  /** Shows an answer, or which pads are empty; `labels` are MNIST's own, if both drawings are samples. */
  show(answer, empty, labels) {
    const sentence = answer?.sentence ?? (empty[0] && empty[1] ? texts.emptyBoth : texts.emptySide(empty[0] ? 0 : 1));
    const reading = answer?.reading ?? "empty";
    this.#root.dataset.reading = reading;
    this.#root.dataset.pLeq = answer === null ? "" : String(answer.pLeq);
    setText(find("sentence"), sentence);
    setText(find("probability"), answer === null ? "" : texts.probability(answer.pLeq));
    setText(find("advice"), texts.advice[reading] ?? "");
    setText(find("truth"), truth(answer, labels));
    find("scale").style.setProperty("--p", answer?.pLeq ?? 0.5);
    const sign = answer === null ? "open" : answer.isLeq ? "leq" : "greater";
    setText(this.relation, texts.relation[sign]);
    this.#speak([sentence, texts.advice[reading] ?? ""].filter((part) => part !== "").join(". "));
  }

  #speak(text) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (text !== this.#spoken) setText(find("announcement"), text);
      this.#spoken = text;
    }, REST);
  }
}

function truth(answer, labels) {
  if (answer === null || labels.includes(undefined)) return "";
  const [first, second] = labels;
  return texts.truth(first, second, answer.isLeq === first <= second);
}
