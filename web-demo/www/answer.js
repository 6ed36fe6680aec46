// The answer in words, on the scale, and for screen readers.

import { setShare, setText } from "./dom.js";
import { Rest } from "./rest.js";
import { answer as texts } from "./strings.js";

/** Milliseconds without a change before the answer is spoken: a live region that talks while one draws helps nobody. */
const REST = 600;

/** A sentence that is large: short, whatever the font. All others are written smaller, so that none needs more room. */
const SHORT = /^\d [\u2264>] \d, [^,]*$/;

const find = (id) => document.getElementById(id);

export class AnswerView {
  #root = find("answer");
  #spoken = "";
  #rest = new Rest(REST, () => setText(find("announcement"), this.#spoken));

  /**
   * Shows an answer, or what the pads hold instead: `sides` are "empty", "unreadable" or "digit"; `alone(side)` gives the
   * likeliest digit and its probability of a pad alone. `labels` are MNIST's own, if both drawings are samples.
   */
  show(answer, sides, digits, alone, labels) {
    const said = answer === null ? waiting(sides, alone) : answered(answer, digits);
    this.#root.dataset.pLeq = answer === null ? "" : String(answer.pLeq);
    // Of what is no digit nothing is compared.
    this.#say(said, answer?.refuses ? null : answer, labels);
  }

  /** Says why there is no answer. */
  tell(sentence, advice = "") {
    this.#root.dataset.pLeq = "";
    this.#say({ sentence, reading: "none", advice }, null, []);
  }

  /** Names the network that answers; nothing for null. */
  name(network) {
    setText(find("answering"), network === null ? "" : texts.network(network));
  }

  #say({ sentence, reading, advice }, compared, labels) {
    this.#root.dataset.reading = reading;
    setText(find("sentence"), sentence);
    find("sentence").classList.toggle("is-long", !SHORT.test(sentence));
    setText(find("probability"), compared?.pLeqInWords ?? "");
    setText(find("advice"), advice);
    setText(find("truth"), truth(compared, labels));
    setShare(find("scale"), "--p", compared?.pLeq ?? 0.5);
    find("scale").classList.toggle("is-open", compared === null);
    const sign = compared === null ? "open" : compared.isLeq ? "leq" : "greater";
    setText(find("relation"), texts.relation[sign]);
    this.#speak([sentence.replace(/\.$/, ""), advice].filter((part) => part !== "").join(". "));
  }

  #speak(text) {
    this.#spoken = text;
    this.#rest.changed();
  }
}

/** What is said while there are not two digits. */
function waiting(sides, alone) {
  const unreadable = sides.indexOf("unreadable");
  if (unreadable >= 0) {
    return { reading: "unreadable", sentence: texts.unreadable(unreadable), advice: texts.unreadableAdvice };
  }
  const drawn = sides.indexOf("digit");
  if (drawn < 0) return { reading: "empty", sentence: texts.emptyBoth, advice: "" };
  const guess = alone(drawn);
  const advice = guess === undefined ? "" : texts.alone(drawn, ...guess);
  return { reading: "empty", sentence: texts.emptySide(1 - drawn), advice };
}

/** What is said about two digits, most doubtful first. */
function answered(answer, digits) {
  const { sentence, reading } = answer;
  const two = digits.findIndex((digit) => digit.showsTwo);
  if (two >= 0) return { sentence, reading: "two-digits", advice: texts.twoDigits(two) };
  if (reading === "sure" && answer.noDigit === undefined) {
    return { sentence, reading, advice: texts.advice["sure-but-blind"] };
  }
  if (reading !== "unclear") return { sentence, reading, advice: texts.advice[reading] ?? "" };
  const unclear = [0, 1].filter((side) => answer.sideReading(side) === "unclear");
  return { sentence, reading, advice: unclear.map((side) => texts.unclear(side, answer.guesses(side))).join(" ") };
}

function truth(answer, labels) {
  if (answer === null || labels.includes(undefined)) return "";
  const [first, second] = labels;
  return texts.truth(first, second, answer.isLeq === first <= second);
}
