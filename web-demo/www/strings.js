// The English texts that change while the page is used. What stands still is in index.html, so that it is there without
// scripts; the answer's sentence is worded by the crate `digits` for all programs.

import { percent } from "./engine.js";

const kilobytes = (bytes) => `${Math.round(bytes / 1000)} KB`;
const milliseconds = (time) => (time < 0.1 ? "less than 0.1 ms" : `${time.toFixed(time < 10 ? 1 : 0)} ms`);

export const sides = ["First digit", "Second digit"];
const side = (number) => (number === 0 ? "first" : "second");
const Side = (number) => (number === 0 ? "The first" : "The second");

export const pad = {
  canvas: (number, reading) => `${sides[number]}, drawing area: ${reading}`,
  empty: "empty",
  unreadable: "no digit found",
  readsAs: (digit, probability) => `reads as ${digit}, ${percent(probability)}`,
  inked: "drawn",
  clear: "Clear",
  image: "Image",
  cells: "Cells",
  ofSide: (what, number) => `${what}, ${side(number)} digit`,
  seen: (number) => `What the network sees of the ${side(number)} digit: 14 by 14 cells`,
  seenEmpty: (number) => `The network sees nothing of the ${side(number)} digit yet`,
  bars: (number, likeliest) => `${sides[number]}, probabilities: ${likeliest}`,
  barsEmpty: (number) => `${sides[number]}, no probabilities yet`,
  likeliest: (digit, probability) => `${digit} ${percent(probability)}`,
  seenCaption: "14 \u00d7 14, as the network sees it",
};

export const cells = {
  grid: (number) => `${sides[number]}, 14 by 14 cells. Arrows move, space paints or wipes, Shift with arrows paints.`,
  cell: (row, column, inked) => `row ${row}, column ${column}, ${inked ? "ink" : "blank"}`,
  hint: "Drag over cells to paint or wipe them. With keys: arrows move, space paints or wipes, Shift with an arrow paints on.",
};

export const tools = {
  undo: "Undo",
  redo: "Redo",
  brush: "Brush",
  eraser: "Eraser",
  swap: "Swap",
  clearBoth: "Clear both",
  samples: "MNIST pair",
  mistakes: "Hard pair",
  share: "Copy link",
  download: "Save PNGs",
};

const a = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;
const noDigit = (which, verb) => `${which} ${verb} not look like a digit, so the answer means little.`;

export const answer = {
  relation: { leq: "\u2264", greater: ">", open: "?" },
  emptyBoth: "Draw a digit in each box.",
  emptySide: (number) => `Now draw the ${side(number)} digit.`,
  unreadable: (number) => `No digit found in the ${side(number)} drawing.`,
  unreadableAdvice: "What is there is too small or too faint to be a digit. Draw it larger, or clear it.",
  alone: (number, digit, probability) => `${Side(number)} reads as ${digit}, ${percent(probability)}.`,
  twoDigits: (number) => `There seem to be two digits in the ${side(number)} box. Draw one in each.`,
  advice: {
    sure: "Both digits are read clearly.",
    "sure-unnamed": "This network only compares; it does not say which digits it sees.",
    "first-is-no-digit": noDigit("The first drawing", "does"),
    "second-is-no-digit": noDigit("The second drawing", "does"),
    "neither-is-a-digit": "Neither drawing looks like a digit, so the answer means little.",
    "heads-disagree": "The network contradicts itself: it compares one way, and names digits that say the other.",
    "not-sure": "The network is not sure. A clearer drawing may help.",
  },
  unclear: (number, [digit, p, other]) => `${Side(number)} may be ${a(digit)} (${percent(p)}), or ${a(other)}.`,
  truth: (first, second, right) =>
    `MNIST's own labels: ${first} and ${second}. The network is ${right ? "right" : "wrong"}.`,
};

export const table = {
  corner: "first \\ second",
  caption: "Probability of each pair of digits in percent",
  sum: (fromDigits, pLeq) => `The outlined half adds up to ${percent(fromDigits)}; the network\u2019s answer is ${percent(pLeq)}.`,
  empty: "Draw two digits to see the table.",
};

export const occlusion = {
  label: (number) => `Which strokes of the ${side(number)} digit decided`,
};

export const ablation = {
  caption: "One row a network",
  columns: ["Network", "\u2264 with", "Answer", "Digits read"],
  noHeads: "it names none",
  loading: "Loading\u2026",
  offline: "Not on this device yet. It comes when the network is back.",
  names: {
    "report-a-convnet": "plain",
    "report-a-convnet-ws": "weight sharing",
    "report-a-convnet-aux": "auxiliary loss",
    "report-a-headline": "weight sharing and auxiliary loss",
    leq: "this page\u2019s own",
  },
  nothing: "Draw two digits first.",
};

export const numbers = {
  engine: "Engine",
  engineIs: "candle-onnx and the trainer's own convolutions, in WebAssembly with SIMD, one thread",
  model: "Model",
  modelIs: (name, accuracy, bytes) => `${name}, ${accuracy}${bytes === undefined ? "your file" : kilobytes(bytes)}`,
  accuracy: ({ right, all }) => `right on ${right} of ${all} test pairs, `,
  downloaded: "Downloaded for this visit",
  downloadedIs: (bytes) => (bytes > 0 ? kilobytes(bytes) : "nothing, it came from this device"),
  comparison: "One comparison",
  preparation: "Preparing one drawing",
  timing: (median, p95, count) => `median ${milliseconds(median)}, p95 ${milliseconds(p95)}, of the last ${count}`,
  noTiming: "none yet",
  version: "Version",
};

export const notices = {
  linkCopied: "The link to these two drawings is copied.",
  linkInAddress: "The link to these two drawings is in the address bar.",
  linkRefused:
    "The link that opened this page holds no whole pair of drawings: it was cut or changed on its way. Ask for it " +
    "again, or draw.",
  nothingToSave: "Both boxes are empty; draw something first.",
  drawingFull: (number) => `The ${side(number)} drawing is full: no more strokes fit. Undo or clear something.`,
  twoFound: "The picture shows two digits: one went into each box. Undo takes them out.",
  imageRefused: (name) => `${name} cannot be read as an image. Take a PNG, JPEG, WebP or GIF file.`,
  imageTooLarge: (name) => `${name} is larger than 50 MB. Scale it down first.`,
  pasted: "the pasted image",
  samplesMissing: "The sample digits could not be loaded. Reload the page when you are online.",
  updated: "A new version of this page is there. Reload to get it; your drawings are kept.",
  gone: "This page was replaced by a new version while it was open, and this part of it is gone. Reload; your drawings are kept.",
  reload: "Reload",
  picked: (name) => `${name} answers now.`,
};

export const networkView = {
  steps: "Layer that is shown",
  step: (layer) => (layer === 0 ? "Input" : `Layer ${layer}`),
  maps: (number, layer) =>
    layer === 0
      ? `What goes in of the ${side(number)} digit`
      : `Feature maps of layer ${layer}, ${side(number)} digit. Point at a value, or move with arrow keys, to take it apart.`,
  layer(arrangement, layer, [channels, rows, columns, kernel, , pool, parameters]) {
    if (layer === 0) return `Input: ${rows} \u00d7 ${columns} cells`;
    const pooling = pool > 1 ? `, largest of each ${pool} \u00d7 ${pool}` : "";
    const once = arrangement === "shared" ? "the same weights for both digits" : texts.arrangements[arrangement];
    return `Layer ${layer}: ${channels} kernels of ${kernel} \u00d7 ${kernel}, ${parameters.toLocaleString("en")} weights${pooling}; ${once}`;
  },
  arrangements: {
    separate: "other weights for the second digit",
    stacked: "both digits in one picture",
    unknown: "",
  },
  head: ({ digit_head: head, leq_head: comparison, auxiliary }) =>
    auxiliary === false
      ? "No digit heads: nobody told this network which digits it sees."
      : `Digit heads: ${head?.filter((layer) => layer.linear).length ?? 1} linear layers, the same for both digits, taught ` +
        `with the labels 0 to 9${comparison === "digit_posteriors" ? "." : ": the auxiliary loss."}`,
  comparison({ leq_head: head }, pLeq) {
    const how =
      head === "digit_posteriors"
        ? "Comparison: no weights of its own. It adds up the digits\u2019 probabilities where first \u2264 second."
        : "Comparison: both digits\u2019 features together through two linear layers of its own, taught with \u2264 or >.";
    return pLeq === undefined ? how : `${how} Here: \u2264 with ${percent(pLeq)}.`;
  },
  parts: { patch: "values under the kernel", kernel: "kernel", product: "products" },
  cellHint: "Point at any value above to see how it is computed.",
  cell: (number, layer, channel, row, column, inChannel) =>
    `${sides[number]}, layer ${layer}, map ${channel + 1}, row ${row + 1}, column ${column + 1}. Shown: input map ` +
    `${inChannel + 1}, which moves it most.`,
  sum([ofChannel, ofOthers, bias, value], channels) {
    const others = channels > 1 ? ` + ${ofOthers.toFixed(2)} from the other ${channels - 1} input maps` : "";
    return `Sum: ${ofChannel.toFixed(2)}${others} + bias ${bias.toFixed(2)}; after ReLU ${value.toFixed(2)}.`;
  },
};
const texts = networkView;

export const finding = {
  caption: "What each network gets right, and how sure it is",
  columns: ["Network", "Right, of 1,000 test pairs", "By its digits alone", "Reliability", "Right, of these pairs", "Mean confidence"],
  share: (right, all) => `${right} of ${all}`,
  right: (of) => (of === null || of === undefined ? "names none" : String(of.right)),
  reliability: (name, ece) => `${name}: how often first \u2264 second holds, against the p_leq that the network gives; off by ${ece} points on average`,
  run: "Run 200 pairs",
  stop: "Stop",
  waiting: "\u2013",
  progress: (done, all) => `${done} of ${all} pairs`,
  missing: "The test pairs could not be loaded. Try again when you are online.",
};

export const picker = {
  label: "Network",
  own: (name) => `${name}, your file`,
};
