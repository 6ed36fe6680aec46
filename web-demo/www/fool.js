// Fool the network: the reader says which digits were meant, and what the network got wrong goes into a gallery.

import { button, element, setText } from "./dom.js";
import { FooledCard } from "./fooled-card.js";
import { drawingsOf } from "./journal.js";
import { addOwn, ownPairs, removeOwn } from "./own.js";
import { sides } from "./strings.js";
import { fool as texts } from "./strings-play.js";

export class Part {
  #page;
  #said = element("p", { class: "said" });
  #meant = sides.map((name) => digitChoice(texts.meant(name)));
  #verdict = element("p", { class: "verdict", role: "status" });
  #gallery = element("ul", { class: "gallery" });
  #empty = element("p", { class: "quiet" }, texts.noneYet);
  /** The drawings that the choices are about. */
  #states = null;
  #cards = new Map();

  constructor(page) {
    this.#page = page;
    const judge = button(texts.judge, { class: "primary", onclick: () => this.#judge() });
    const form = element("p", { class: "controls" }, ...this.#meant, judge);
    const heading = element("h3", {}, texts.gallery);
    document.getElementById("fool").append(this.#said, form, this.#verdict, heading, this.#empty, this.#gallery);
    this.#showGallery();
  }

  /** Follows the pads: other drawings have other digits. */
  show() {
    const { answer, labels } = this.#page.current();
    setText(this.#said, answer === null ? this.#nothing : texts.says(answer.sentence));
    const { states } = this.#page.sheet;
    if (states === this.#states) return;
    this.#states = states;
    setText(this.#verdict, "");
    this.#choices.forEach((choice, side) => (choice.value = labels[side] ?? ""));
  }

  /** Why there is no answer. */
  get #nothing() {
    return this.#page.current().network === null ? texts.unanswered : texts.drawFirst;
  }

  get #choices() {
    return this.#meant.map((label) => label.querySelector("select"));
  }

  #judge() {
    const { answer, networkName } = this.#page.current();
    const missing = this.#choices.find(({ value }) => value === "");
    if (answer === null || missing !== undefined) {
      setText(this.#verdict, answer === null ? this.#nothing : texts.chooseFirst);
      return missing?.focus();
    }
    const labels = this.#choices.map(({ value }) => Number(value));
    const faults = faultsOf(answer, labels);
    const drawings = drawingsOf(this.#page.sheet.states, this.#page.pads);
    addOwn({ drawings, labels, network: networkName, isWrong: faults.length > 0 });
    setText(this.#verdict, faults.length > 0 ? texts.fooled(faults) : texts.notFooled(answer.sentence));
    this.#showGallery();
  }

  #showGallery() {
    const wrong = ownPairs().filter(({ isWrong }) => isWrong);
    for (const pair of wrong) if (!this.#cards.has(pair)) this.#cards.set(pair, this.#card(pair));
    this.#empty.hidden = wrong.length > 0;
    this.#gallery.replaceChildren(...wrong.map((pair) => this.#cards.get(pair).root));
  }

  #card(pair) {
    return new FooledCard(pair, {
      show: (states) => {
        this.#page.change(states);
        document.getElementById("stage").scrollIntoView();
      },
      remove: () => {
        removeOwn(pair);
        this.#showGallery();
        this.#choices[0].focus({ preventScroll: true });
      },
    });
  }
}

/** What an answer gets wrong about two digits, in words. */
function faultsOf(answer, labels) {
  const truth = labels[0] <= labels[1];
  const faults = [];
  if (answer.refuses) faults.push(texts.refused);
  else if (answer.isLeq !== truth) faults.push(texts.compared(labels, truth));
  labels.forEach((label, side) => {
    const [read] = answer.guesses(side) ?? [label];
    if (read !== label) faults.push(texts.misread(label, read));
  });
  return faults;
}

function digitChoice(label) {
  const digits = [...Array(10).keys()].map((digit) => element("option", { value: digit }, String(digit)));
  const select = element("select", {}, element("option", { value: "" }, texts.notChosen), ...digits);
  return element("label", {}, `${label} `, select);
}
