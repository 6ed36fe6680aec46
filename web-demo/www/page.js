// The page: two pads, one network, one live answer.

import { AnswerView } from "./answer.js";
import { defaultModel } from "./assets.js";
import { setText } from "./dom.js";
import { firstNetwork } from "./engine.js";
import { Example } from "./example.js";
import { Missing, Notice, faults } from "./faults.js";
import { listenForDrops, pairStates, pictureIn, pictureState } from "./images.js";
import { Journal, drawingsOf, rowOf } from "./journal.js";
import { More, isRound } from "./more.js";
import { networkFromFile } from "./networks.js";
import { Pad } from "./pad.js";
import { Picker } from "./picker.js";
import { samplePair } from "./samples.js";
import { Bars, SeenImage } from "./seen.js";
import { Session, kept } from "./session.js";
import { decode, encode } from "./share.js";
import { EMPTY, Sheet, isEmpty } from "./sheet.js";
import { notices, pad as padTexts } from "./strings.js";
import { Timing } from "./timing.js";
import { confirm, tell } from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { keepOffline, tellMissing } from "./update.js";
import { copyLink, savePngs } from "./ways-out.js";
import { Why } from "./why.js";

const find = (id) => document.getElementById(id);
/** Milliseconds from the first answer to the service worker's start, which fetches all files again. */
const SETTLING = 300;

const timings = { comparison: new Timing(), preparation: new Timing() };
const sheet = new Sheet();
let network = null;
let networkName = defaultModel;
let answer = null;
let example = null;
/** The request for the next update; null while none is due. */
let frame = null;
let stopped = false;
/** The pad that a pasted picture goes into. */
let lastUsed = null;

const toolbar = new Toolbar(find("tools"), {
  undo: () => step(sheet.undo()),
  redo: () => step(sheet.redo()),
  clearBoth: () => sheet.states.every(isEmpty) || change([EMPTY, EMPTY]),
  swap: () => change([...sheet.states].reverse()),
  samples: () => offer(false),
  mistakes: () => offer(true),
  share: () => copyLink(drawingsOf(sheet.states, pads)),
  download: () => savePngs(pads),
});
const forPads = { sheet, brush: () => toolbar.brush, changed: schedule, tell, take };
/** The two pads; tests read drawings and pictures through them. */
export const pads = [...document.querySelectorAll(".pad")].map((root, side) => new Pad(root, side, forPads));
const answerView = new AnswerView();
const seen = [0, 1].map((side) => new SeenImage(side));
const bars = [0, 1].map((side) => new Bars(side));
const why = new Why(timings, tell, fail, stop);
const journal = new Journal();
const current = () => ({ network, networkName, answer, labels: pads.map(label) });
const more = new More({ sheet, pads, journal, change, current }, fail);
const picker = new Picker(find("picker"), use, fail);
const session = new Session(() => sheet.states, (side) => pads[side].digit?.mnistPixels);

listen();
open();
schedule();
firstNetwork.then((loaded) => {
  network = loaded;
  find("help").remove();
  update();
}, fail).finally(() => setTimeout(() => keepOffline(() => session.keep()), SETTLING));

function listen() {
  seen.forEach((image, side) => find("findings").append(image.root, bars[side].root));
  for (const pad of pads) {
    for (const kind of ["pointerdown", "focusin"]) pad.root.addEventListener(kind, () => (lastUsed = pad));
  }
  // Whoever begins to draw wants no example; whoever takes a tool takes it to the whole of it.
  for (const kind of ["pointerdown", "click"]) find("pads").addEventListener(kind, dropExample, { capture: true });
  for (const part of ["tools", "skip"]) find(part).addEventListener("click", () => example?.finish(), { capture: true });
  listenForDrops(pads, takeDropped);
  document.addEventListener("paste", paste);
  window.addEventListener("hashchange", open);
}

/** Opens what the address holds, what this tab had drawn, or the example. */
function open(event) {
  const text = location.hash.slice(1);
  const before = event === undefined ? kept() : null;
  if (isRound(text)) more.challenge(text);
  if (before?.states) return change(before.states);
  if (text === "" || isRound(text)) return event === undefined && before === null ? showExample() : undefined;
  if (document.getElementById(text) !== null) return showPart(document.getElementById(text));
  const states = decode(text);
  return states === null ? tell(notices.linkRefused) : change(states);
}

/** Opens the part that the address names or is in, and the example or what was drawn with it. */
function showPart(named) {
  const part = named.closest("details") ?? named.querySelector("details");
  if (part !== null) part.open = true;
  named.scrollIntoView();
  if (sheet.states.every(isEmpty)) showExample();
}

function showExample() {
  firstNetwork.then(() => {
    if (!sheet.states.every(isEmpty)) return;
    find("skip").hidden = false;
    example = new Example(sheet, schedule, () => {
      example = null;
      find("skip").hidden = true;
    });
  }, () => {});
}

function dropExample(event) {
  if (example === null || event.target === find("skip")) return;
  example.stop();
  sheet.restart([EMPTY, EMPTY]);
  schedule();
}

function change(states) {
  example?.stop();
  sheet.change(states);
  step(true);
}

/** Shows a change that did not come from a pad. */
function step(isChanged) {
  if (!isChanged || pads.some((pad) => pad.isDrawing)) return;
  for (const pad of pads) pad.follow();
  schedule();
}

function schedule() {
  frame ??= requestAnimationFrame(update);
}

function update() {
  cancelAnimationFrame(frame);
  frame = null;
  if (network !== null && !stopped) {
    try {
      compare();
    } catch (fault) {
      stop(fault);
    }
  }
  for (const pad of pads) pad.paint();
  toolbar.enable(sheet.canUndo, sheet.canRedo, !sheet.states.every(isEmpty));
  session.schedule();
}

function compare() {
  why.stop();
  journal.schedule(null);
  const isNew = pads.map((pad) => pad.prepare((work) => timings.preparation.measure(work)));
  const digits = pads.map((pad) => pad.digit);
  const sides = pads.map((pad) => pad.holds);
  answer?.free();
  answer = digits.includes(undefined) ? null : timings.comparison.measure(() => network.compare(...digits));
  if (answer !== null) digits.forEach((digit, side) => digit.choose(answer, side));
  const guesses = digits.map((digit, side) => guessesOf(digit, side));
  pads.forEach((pad, side) => {
    if (isNew[side]) seen[side].show(pad.digit);
  });
  guesses.forEach((each, side) => {
    bars[side].show(each);
    pads[side].describe(describe(sides[side], each));
  });
  answerView.show(answer, sides, digits, (side) => guesses[side]?.slice(0, 2), pads.map(label));
  why.show(network, networkName, digits, answer);
  more.show();
  journal.schedule(answer === null || sheet.states.some((state) => state.isExample) ? null : row);
  if (answer !== null && performance.getEntriesByName("first-answer").length === 0) performance.mark("first-answer");
}

function row() {
  return rowOf(drawingsOf(sheet.states, pads), pads.map(label), networkName, answer);
}

/** What a digit is read as; one that is alone is put beside itself. */
function guessesOf(digit, side) {
  if (digit === undefined) return undefined;
  if (answer !== null) return answer.guesses(side);
  const alone = network.compare(digit, digit);
  digit.choose(alone, side);
  const guesses = alone.guesses(side);
  alone.free();
  return guesses;
}

function describe(state, guesses) {
  if (state !== "digit") return padTexts[state];
  return guesses === undefined ? padTexts.inked : padTexts.readsAs(guesses[0], guesses[1]);
}

/** MNIST's label of a pad that holds nothing but a sample. */
function label({ state }) {
  return state.strokes.length === 0 ? state.base?.label : undefined;
}

/** Puts a pair of samples into the pads. */
async function offer(isMistake) {
  try {
    change(await samplePair(isMistake));
  } catch (fault) {
    tellMissing(fault instanceof Notice ? fault.message : notices.samplesMissing);
  }
}

function paste(event) {
  const file = pictureIn(event.clipboardData);
  if (file === undefined) return;
  event.preventDefault();
  take(file, null, notices.pasted);
}

/** Has another network answer. */
function use(other, name) {
  [network, networkName] = [other, name];
  confirm(notices.picked(name));
  schedule();
}

/** Takes what was dropped: a network's file, or a picture. */
async function takeDropped(file, pad) {
  if (!file.name.endsWith(".onnx")) return take(file, pad);
  try {
    picker.add(file.name, await networkFromFile(file));
  } catch (fault) {
    fail(fault);
  }
}

/** Takes a picture for one pad; for both if it shows two digits, which on a pad have to be clearly apart. */
async function take(file, pad, name = file.name) {
  try {
    await firstNetwork;
    const pair = await pairStates(file, name, pad !== null);
    if (pair !== null) {
      change(pair);
      return tell(notices.twoFound);
    }
    const target = pad ?? lastUsed ?? pads.find((each) => each.isEmpty || each.state.isExample) ?? pads[0];
    target.load(await pictureState(file, name));
  } catch (fault) {
    if (!(fault instanceof Notice)) throw fault;
    tell(fault.message);
  }
}

function fail(fault) {
  if (!(fault instanceof Notice)) console.error(fault);
  if (fault instanceof Missing) tellMissing(fault.message);
  else tell(fault instanceof Notice ? fault.message : faults.stopped(fault.message));
  if (network !== null) return;
  find("help")?.remove();
  setText(find("sentence"), "");
}

/** After a fault inside WebAssembly its memory is not to be trusted. */
function stop(fault) {
  stopped = true;
  history.replaceState(null, "", `#${encode(sheet.states, () => undefined)}`);
  fail(fault);
}
