// The game: ten hard pairs, the reader against the network and the clock.

import { Clock } from "./clock.js";
import { button, element, setText } from "./dom.js";
import { Picture, paint } from "./drawing.js";
import { hardPairs } from "./hard.js";
import { names, networkNamed } from "./networks.js";
import { digitOf, ownPairs } from "./own.js";
import { PAIRS, chosen, decodeRound, encodeRound } from "./round.js";
import { Score, countOf } from "./score.js";
import { game as texts } from "./strings-play.js";
import { tell } from "./toast.js";
import { copyText } from "./ways-out.js";

/** Pixels along a side of a board. */
const BOARD = 280;

export class Part {
  #page;
  #root = document.getElementById("game");
  #parts = parts(this);
  #clock = new Clock(() => this.answer(null));
  #score = new Score();
  #picture = new Picture();
  /** The round that is played, and the one that a link brought. */
  #pairs = [];
  #results = [];
  #challenge = null;
  /** Who plays against the reader: the page's own network, whichever answers above. */
  #network = null;

  constructor(page) {
    this.#page = page;
    const { task, boards, relation, choices, told, next, limit, start, share } = this.#parts;
    const duel = element("div", { class: "duel" }, boards[0], relation, boards[1]);
    this.#root.append(
      task, duel, this.#clock.root, element("div", { class: "choices" }, ...choices), told,
      element("p", { class: "controls" }, next, start, share, limit), this.#score.root,
    );
    this.#root.addEventListener("keydown", (event) => this.#key(event));
    this.#enter("ready");
    setText(task, texts.ready(ownPairs().length));
  }

  /** Follows what is new outside of the game: a link to a round, and drawings that may come up in it. */
  show() {
    if (this.#page.challenge !== undefined) this.#accept();
    else if (this.#state === "ready" && this.#challenge === null) setText(this.#parts.task, texts.ready(ownPairs().length));
  }

  get #state() {
    return this.#root.dataset.state;
  }

  #enter(state) {
    this.#root.dataset.state = state;
    this.#score.show(this.#results);
  }

  /** Takes the round that a link brought. */
  async #accept() {
    const text = this.#page.challenge;
    this.#page.challenge = undefined;
    const hard = await this.#hard();
    if (hard === null) return;
    this.#challenge = decodeRound(text, hard);
    if (this.#challenge === null) return tell(texts.roundRefused);
    this.#clock.stop();
    [this.#pairs, this.#results] = [[], []];
    this.#enter("ready");
    setText(this.#parts.task, texts.challenged(this.#challenge));
  }

  async #hard() {
    try {
      return await hardPairs();
    } catch (fault) {
      this.#page.failed(fault);
      return null;
    }
  }

  async begin() {
    const hard = await this.#hard();
    if (hard === null) return;
    try {
      this.#network = await networkNamed(names[0]);
    } catch (fault) {
      return this.#page.failed(fault);
    }
    this.#pairs = this.#challenge?.pairs ?? chosen(hard, ownPairs());
    this.#results = [];
    this.#ask();
  }

  next() {
    if (this.#results.length < PAIRS) this.#ask();
    else this.#end();
  }

  #ask() {
    const { states, isOwn } = this.#pairs[this.#results.length];
    const { task, boards, relation, choices, limit } = this.#parts;
    boards.forEach((board, side) => paint(board.getContext("2d"), states[side]));
    setText(relation, "?");
    setText(task, texts.pair(this.#results.length + 1, PAIRS, isOwn === true));
    this.#enter("asking");
    choices[0].focus({ preventScroll: true });
    const seconds = Number(limit.querySelector("select").value);
    this.#clock.start(seconds === 0 ? null : seconds);
  }

  /** Takes the reader's answer; null when the time was over. */
  answer(isLeq) {
    if (this.#state !== "asking") return;
    const time = this.#clock.stop();
    const { labels, states } = this.#pairs[this.#results.length];
    const truth = labels[0] <= labels[1];
    const { isLeq: network, sentence } = this.#ofNetwork(states);
    const result = { you: isLeq === truth, network: network === truth, time };
    this.#results.push(result);
    setText(this.#parts.relation, truth ? "\u2264" : ">");
    setText(this.#parts.told, texts.told(labels, truth, isLeq === null ? null : result.you, sentence, result.network));
    setText(this.#parts.next, this.#results.length < PAIRS ? texts.next : texts.finish);
    this.#enter("told");
    this.#parts.next.focus({ preventScroll: true });
  }

  #ofNetwork(states) {
    const digits = states.map((state) => digitOf(state, this.#picture));
    // A link may bring drawings in which no digit is found.
    if (digits.includes(undefined)) return { isLeq: undefined, sentence: texts.noDigit };
    const answer = this.#network.compare(...digits);
    const { isLeq, sentence } = answer;
    for (const each of [answer, ...digits]) each.free();
    return { isLeq, sentence };
  }

  #end() {
    setText(this.#parts.task, texts.over(this.#outcome(), this.#challenge));
    setText(this.#parts.start, texts.again);
    this.#challenge = null;
    this.#enter("over");
    this.#parts.share.focus({ preventScroll: true });
  }

  #outcome() {
    const seconds = Math.round(this.#results.reduce((sum, { time }) => sum + time, 0));
    const [you, network] = ["you", "network"].map((who) => countOf(this.#results, who));
    return { you, network, seconds };
  }

  /** Copies result, marks and a link to the same ten pairs. */
  copy() {
    const outcome = this.#outcome();
    const fragment = encodeRound({ ...outcome, pairs: this.#pairs });
    const row = (who) => this.#results.map((result) => texts.marks[result[who] ? "right" : "wrong"]).join("");
    const address = `${location.origin}${location.pathname}#${fragment}`;
    copyText(texts.shared(outcome, row("you"), row("network"), address), texts.copied, () => {
      history.replaceState(null, "", `#${fragment}`);
      return texts.inAddress;
    });
  }

  #key(event) {
    const isLeq = { ArrowLeft: false, ArrowRight: true }[event.key];
    if (isLeq === undefined || event.target.matches("select") || this.#state !== "asking") return;
    event.preventDefault();
    this.answer(isLeq);
  }
}

/** All that the game consists of, but the clock and the score. */
function parts(game) {
  const board = (side) =>
    element("canvas", { width: BOARD, height: BOARD, role: "img", "aria-label": texts.board(side) });
  const choice = (isLeq) => button(texts.choices[isLeq ? "leq" : "greater"], { onclick: () => game.answer(isLeq) });
  const times = texts.limits.map(([seconds, label]) => element("option", { value: seconds }, label));
  return {
    task: element("p", { class: "task", role: "status" }),
    boards: [board(0), board(1)],
    relation: element("p", { class: "sign", "aria-hidden": "true" }, "?"),
    choices: [choice(false), choice(true)],
    told: element("p", { class: "told", role: "status" }),
    next: button(texts.next, { class: "primary next", onclick: () => game.next() }),
    start: button(texts.start, { class: "primary start", onclick: () => game.begin() }),
    share: button(texts.share, { class: "share", onclick: () => game.copy() }),
    limit: element("label", { class: "limit" }, `${texts.limit} `, element("select", {}, ...times)),
  };
}
