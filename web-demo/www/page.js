// The page: two pads, one network, one live answer.

import { AnswerView } from "./answer.js";
import { defaultModel, models } from "./assets.js";
import { button, element, setText } from "./dom.js";
import { Notice, firstNetwork } from "./engine.js";
import { Pad } from "./pad.js";
import { samples } from "./samples.js";
import { decode, encode } from "./share.js";
import { answer as answerTexts, fixed, notices, numbers as numberTexts, tools as toolTexts } from "./strings.js";
import { Timing } from "./timing.js";
import { Ablation, OcclusionMaps, ProductTable } from "./why.js";

const find = (id) => document.getElementById(id);
/** Brush widths on the drawing's grid: from a pencil's to a marker's; MNIST's strokes are about 320. */
const BRUSH = { least: 120, most: 640, first: 320 };

/** Milliseconds from the first answer to the service worker's start, which fetches all files again. */
const SETTLING = 300;

const comparison = new Timing();
const preparation = new Timing();
let network = null;
let answer = null;
/** The request for the next update; null while none is due. */
let frame = null;
let stopped = false;
/** The pad that a pasted picture goes into. */
let lastUsed = null;

for (const each of document.querySelectorAll("[data-text]")) setText(each, fixed[each.dataset.text]);
for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", fixed[each.dataset.label]);

const brushWidth = element("input", {
  type: "range", id: "brush", min: BRUSH.least, max: BRUSH.most, step: 20, value: BRUSH.first,
});
const eraser = button(toolTexts.eraser, { id: "eraser", "aria-pressed": "false", onclick: toggleEraser });
const brush = () => ({
  width: Number(brushWidth.value),
  erases: eraser.getAttribute("aria-pressed") === "true",
});

/** The two pads; tests read drawings and pictures through them. */
export const pads = [0, 1].map((number) => new Pad(number, { brush, changed: schedule, tell }));
const relation = element("p", { id: "relation", "aria-hidden": "true" }, answerTexts.relation.open);
const answerView = new AnswerView(relation);
const productTable = new ProductTable(find("product"), find("table-sum"));
const occlusionMaps = new OcclusionMaps(find("occlusion"));
const ablation = new Ablation(find("ablation"));

buildPage();
loadFragment();
schedule();
firstNetwork.then((loaded) => {
  network = loaded;
  update();
}, fail).finally(() => setTimeout(keepOffline, SETTLING));

function buildPage() {
  find("pads").append(pads[0].root, relation, pads[1].root);
  find("tools").append(
    element("label", { for: "brush" }, toolTexts.brush), brushWidth, eraser,
    button(toolTexts.swap, { id: "swap", onclick: swap }),
    button(toolTexts.samples, { id: "samples", onclick: () => offer(randomPair) }),
    button(toolTexts.mistakes, { id: "mistakes", onclick: () => offer(nextMistake) }),
    button(toolTexts.share, { id: "share", onclick: share }),
    button(toolTexts.download, { id: "download", onclick: download }),
  );
  for (const pad of pads) {
    pad.showProbabilities(undefined);
    for (const kind of ["pointerdown", "focusin"]) pad.root.addEventListener(kind, () => (lastUsed = pad));
  }
  for (const part of ["occlusion-part", "ablation-part", "numbers-part"]) find(part).addEventListener("toggle", showWhy);
  document.addEventListener("paste", paste);
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
  window.addEventListener("hashchange", loadFragment);
}

/** Without it the page works all the same, only not offline. */
function keepOffline() {
  navigator.serviceWorker?.register("sw.js").catch((fault) => console.warn(fault));
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
}

function compare() {
  occlusionMaps.stop();
  for (const pad of pads) pad.prepare((work) => preparation.measure(work));
  const [first, second] = pads.map((pad) => pad.digit);
  answer?.free();
  answer = first && second ? comparison.measure(() => network.compare(first, second)) : null;
  const probabilities = answer?.digitProbs;
  pads.forEach((pad, side) => pad.showProbabilities(probabilities?.slice(10 * side, 10 * side + 10)));
  answerView.show(answer, [!first, !second], pads.map(label));
  productTable.show(answer);
  showWhy();
  if (answer !== null && performance.getEntriesByName("first-answer").length === 0) performance.mark("first-answer");
}

/** MNIST's label of a pad that holds nothing but a sample. */
function label({ state }) {
  return state.strokes.length === 0 ? state.base?.label : undefined;
}

function showWhy() {
  if (network === null || stopped) return;
  const digits = pads.map((pad) => pad.digit);
  try {
    if (find("occlusion-part").open) occlusionMaps.show(network, digits).catch(stop);
    if (find("ablation-part").open) ablation.show(digits, fail);
    if (find("numbers-part").open) showNumbers();
  } catch (fault) {
    stop(fault);
  }
}

function showNumbers() {
  const accuracy = JSON.parse(network.metadata("accuracy") ?? "{}").learned_head;
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const bytes = entries.filter((entry) => entry.transferSize > 0).reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  const timing = (of) => {
    const summary = of.summary();
    return summary ? numberTexts.timing(summary.median, summary.p95, summary.count) : numberTexts.noTiming;
  };
  const model = numberTexts.modelIs(
    defaultModel, accuracy ? numberTexts.accuracy(accuracy) : "", models[defaultModel].bytes,
  );
  const rows = [
    [numberTexts.engine, numberTexts.engineIs],
    [numberTexts.model, model],
    [numberTexts.downloaded, numberTexts.downloadedIs(bytes)],
    [numberTexts.comparison, timing(comparison)],
    [numberTexts.preparation, timing(preparation)],
  ];
  find("numbers").replaceChildren(...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function toggleEraser() {
  eraser.setAttribute("aria-pressed", String(!brush().erases));
}

function swap() {
  const [first, second] = pads.map((pad) => pad.state);
  pads[0].load(second);
  pads[1].load(first);
}

/** Puts a pair of samples into the pads. */
async function offer(choose) {
  try {
    const found = await samples();
    choose(found).forEach((number, side) => {
      const { label: digit, base } = found.digits[number];
      pads[side].load({ base: { ...base, label: digit }, strokes: [] });
    });
  } catch {
    tell(notices.samplesMissing);
  }
}

function randomPair({ digits, mistakes }) {
  const ordinary = digits.length - 2 * mistakes.length;
  return [0, 1].map(() => Math.floor(Math.random() * ordinary));
}

let mistake = -1;

function nextMistake({ mistakes }) {
  mistake = (mistake + 1) % mistakes.length;
  return mistakes[mistake];
}

function fragment() {
  return encode(pads.map((pad) => pad.state), (number) => pads[number].digit?.mnistPixels);
}

async function share() {
  history.replaceState(null, "", `#${fragment()}`);
  try {
    await navigator.clipboard.writeText(location.href);
    tell(notices.linkCopied);
  } catch {
    tell(notices.linkInAddress);
  }
}

function loadFragment() {
  const text = location.hash.slice(1);
  if (text === "") return;
  const states = decode(text);
  if (states === null) tell(notices.linkRefused);
  else states.forEach((state, side) => pads[side].load(state));
}

async function download() {
  const pictures = await Promise.all(pads.map((pad) => pad.png()));
  if (pictures.every((picture) => picture === null)) tell(notices.nothingToSave);
  pictures.forEach((picture, side) => {
    if (picture === null) return;
    const link = element("a", { href: URL.createObjectURL(picture), download: `leq-${["first", "second"][side]}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}

function paste(event) {
  const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
  if (file === undefined) return;
  event.preventDefault();
  const pad = lastUsed ?? pads.find((each) => each.drawing.isEmpty) ?? pads[0];
  pad.takeImage(file, notices.pasted);
}

/** Shows a sentence above the pads until the next one. */
function tell(text) {
  const notice = find("notice");
  setText(notice, text);
  notice.hidden = false;
}

function fail(fault) {
  if (!(fault instanceof Notice)) console.error(fault);
  tell(fault instanceof Notice ? fault.message : notices.stopped(fault.message));
  if (network === null) setText(find("sentence"), "");
}

/** After a fault inside WebAssembly its memory is not to be trusted. */
function stop(fault) {
  stopped = true;
  history.replaceState(null, "", `#${encode(pads.map((pad) => pad.state), () => undefined)}`);
  fail(fault);
}
