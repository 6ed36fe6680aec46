// The page: two pads, one network, one live answer.

import { AnswerView } from "./answer.js";
import { defaultModel } from "./assets.js";
import { setText } from "./dom.js";
import { firstNetwork } from "./engine.js";
import { Missing, Notice, faults, inWords, isTrap } from "./faults.js";
import { Incoming, watch } from "./incoming.js";
import { Journal, drawingsOf, rowOf } from "./journal.js";
import { networkNamed } from "./networks.js";
import { Opening } from "./opening.js";
import { Pad } from "./pad.js";
import { Picker } from "./picker.js";
import { PlayAndTake } from "./play-and-take.js";
import { samplePair } from "./samples.js";
import { Bars, SeenImage } from "./seen.js";
import { Session } from "./session.js";
import { encode, lostSides } from "./share.js";
import { EMPTY, Sheet, isEmpty } from "./sheet.js";
import { answer as answerTexts, nameOf, notices, pad as padTexts } from "./strings.js";
import { Timing } from "./timing.js";
import { confirm, tell } from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { beforeReload, keepOffline, reloading, tellMissing } from "./update.js";
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
/** The request for the next update; null while none is due. */
let frame = null;
let stopped = false;

const toolbar = new Toolbar(find("tools"), {
  undo: () => goThroughHistory(() => sheet.undo()),
  redo: () => goThroughHistory(() => sheet.redo()),
  clearBoth: () => sheet.states.every(isEmpty) || change([EMPTY, EMPTY]),
  swap: () => change([...sheet.states].reverse()),
  samples: () => offerSamples(false),
  mistakes: () => offerSamples(true),
  share,
  download: () => savePngs(pads),
});
const forPads = {
  sheet, brush: () => toolbar.brush, changed: schedule, tell, take: (files, pad) => incoming.takePictures(files, pad),
};
/** The two pads; tests read drawings and pictures through them. */
export const pads = [...document.querySelectorAll(".pad")].map((root, side) => new Pad(root, side, forPads));
const answerView = new AnswerView();
const seen = [0, 1].map((side) => new SeenImage(side));
const bars = [0, 1].map((side) => new Bars(side));
seen.forEach((image, side) => find("findings").append(image.root, bars[side].root));
// Of all that is kept when the page is left the drawings come first: there may be no room for the rest.
const session = new Session(() => sheet.states, pixelsOf);
const journal = new Journal();
const why = new Why(timings, fail, networkFailed);
const current = () => ({ network: stopped ? null : network, networkName, answer, labels: pads.map(label) });
const playAndTake = new PlayAndTake({ sheet, pads, journal, change, current, failed: fail });
const picker = new Picker(find("picker"), { use, take: (file) => incoming.takeNetwork(file), failed: fail });
const opening = new Opening({
  sheet, change, changed: schedule, challenge: (fragment) => playAndTake.challenge(fragment),
});
const incoming = new Incoming({
  pads, change, finishExample: () => opening.finish(), add: (name, own) => picker.add(name, own), failed: fail,
});

beforeReload(() => session.secure());
opening.begin();
schedule();
firstNetwork
  .then((loaded) => network ?? answerWith(loaded, defaultModel), loadingFailed)
  .finally(() => setTimeout(() => keepOffline(() => setText(find("offline"), notices.offline)), SETTLING));

function change(states) {
  for (const pad of pads) pad.endDrawing();
  opening.stop();
  sheet.change(states);
  schedule();
}

/** Goes a step back or forth, but not under the pen. */
function goThroughHistory(move) {
  if (!pads.some((pad) => pad.isDrawing) && move()) schedule();
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
      networkFailed(fault, network);
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
  forgetAnswer();
  if (!digits.includes(undefined)) answer = timings.comparison.measure(() => network.compare(...digits));
  if (answer !== null) digits.forEach((digit, side) => digit.choose(answer, side));
  const guesses = digits.map((digit, side) => guessesOf(digit, side));
  guesses.forEach((each, side) => {
    bars[side].show(each);
    pads[side].describe(describe(sides[side], each));
  });
  answerView.show(answer, sides, digits, (side) => guesses[side]?.slice(0, 2), pads.map(label));
  // What follows may ask for more files, and the first canvas that a browser paints takes some milliseconds.
  if (answer !== null && performance.getEntriesByName("first-answer").length === 0) performance.mark("first-answer");
  pads.forEach((pad, side) => {
    if (isNew[side]) seen[side].show(pad.digit);
  });
  why.show(network, networkName, digits, answer, pads.some((pad) => pad.isDrawing));
  playAndTake.show();
  journal.schedule(answer === null || sheet.states.some((state) => state.isExample) ? null : row);
}

/** An answer that was freed must not be asked again, whatever fails after that. */
function forgetAnswer() {
  const old = answer;
  answer = null;
  old?.free();
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

/** A pad's picture as 28x28 bytes, if a digit is found in it. After a trap there may be none. */
function pixelsOf(side) {
  try {
    return pads[side].digit?.mnistPixels;
  } catch {
    return undefined;
  }
}

/** Puts a pair of samples into the pads, unless somebody draws before they come. */
async function offerSamples(isMistake) {
  const isUntouched = watch(pads);
  try {
    const states = await samplePair(isMistake);
    if ([0, 1].every(isUntouched)) change(states);
    else tell(notices.tooLate);
  } catch (fault) {
    fail(fault);
  }
}

function share() {
  const fragment = drawingsOf(sheet.states, pads);
  copyLink(fragment, lostSides(fragment, sheet.states));
}

/** Has another network answer, at the reader's wish; false if it cannot. */
function use(other, name) {
  if (stopped) tell(notices.stoppedAlready, reloading);
  else answerWith(other, name);
  if (!stopped) confirm(notices.picked(nameOf(name)));
  return !stopped;
}

function answerWith(other, name) {
  [network, networkName] = [other, name];
  find("help").hidden = true;
  answerView.name(name === defaultModel ? null : nameOf(name));
  update();
}

/** Tells of what did not come or could not be done. */
function fail(fault) {
  if (isTrap(fault)) return stop(fault);
  if (!(fault instanceof Notice)) console.error(fault);
  if (fault instanceof Missing) tellMissing(fault.message, fault.needsReload ? reloading : null);
  else tell(inWords(fault));
}

/** The page's own network did not load: that is said beside the pads too, until another one answers. */
function loadingFailed(fault) {
  fail(fault);
  if (network !== null) return;
  answerView.tell(answerTexts.failed, answerTexts.failedAdvice);
  setText(find("help-text"), inWords(fault));
  find("help").classList.add("is-told");
}

/** After a fault of another network the page's own one answers again; after one of its own, or a trap, none. */
function networkFailed(fault, of) {
  if (isTrap(fault) || (of === network && networkName === defaultModel)) return stop(fault);
  if (of !== network) return console.warn(fault);
  const text = faults.modelFailed(nameOf(networkName), fault.message);
  network = null;
  networkNamed(defaultModel).then((first) => {
    picker.show(defaultModel);
    answerWith(first, defaultModel);
    tell(text);
  }, loadingFailed);
}

/** Stops for good: after a fault inside WebAssembly its memory is not to be trusted. */
function stop(fault) {
  if (stopped) return;
  stopped = true;
  console.error(fault);
  why.stop();
  journal.schedule(null);
  answer = null;
  answerView.tell(answerTexts.stopped);
  pads.forEach((pad, side) => {
    bars[side].show(undefined);
    pad.describe(pad.isEmpty ? padTexts.empty : padTexts.inked);
  });
  history.replaceState(null, "", `#${encode(sheet.states, pixelsOf)}`);
  tell(faults.stopped(fault.message), reloading);
}
