// The time that is left for a pair.

import { element, setText } from "./dom.js";
import { game as texts } from "./strings-play.js";

const STEP = 100;
const STEP_WITHOUT_MOTION = 1000;

export class Clock {
  #bar = element("span", { class: "time-left" });
  #text = element("span", { class: "seconds" });
  #ended;
  #timer = 0;
  #start = 0;
  #limit = null;
  root = element("div", { class: "clock", "aria-hidden": "true" }, element("span", { class: "time" }, this.#bar), this.#text);

  /** `ended()` is called when the time is over. */
  constructor(ended) {
    this.#ended = ended;
  }

  /** Starts anew with `limit` seconds; without an end for null. */
  start(limit) {
    clearInterval(this.#timer);
    this.#limit = limit;
    this.#start = performance.now();
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#timer = setInterval(() => this.#tick(), isStill ? STEP_WITHOUT_MOTION : STEP);
    this.#show();
  }

  /** Stops it and gives the seconds that went by. */
  stop() {
    clearInterval(this.#timer);
    return this.#seconds;
  }

  get #seconds() {
    return (performance.now() - this.#start) / 1000;
  }

  #tick() {
    this.#show();
    if (this.#limit !== null && this.#seconds >= this.#limit) this.#ended();
  }

  #show() {
    const left = this.#limit === null ? 1 : Math.max(0, 1 - this.#seconds / this.#limit);
    this.#bar.style.setProperty("--left", left.toFixed(3));
    setText(this.#text, this.#limit === null ? texts.untimed : texts.secondsLeft(Math.ceil(left * this.#limit)));
  }
}
