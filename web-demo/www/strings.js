// Every English text of the page, but for the answer's sentence, which the crate `digits` words for all programs, and
// what must be readable without JavaScript (index.html).

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const kilobytes = (bytes) => `${Math.round(bytes / 1000)} KB`;
const milliseconds = (time) => `${time.toFixed(time < 10 ? 2 : 0)} ms`;

export const sides = ["First digit", "Second digit"];
const side = (number) => (number === 0 ? "first" : "second");

// Filled into elements by their attributes data-text and data-label.
export const fixed = {
  title: "Is the first digit less than or equal to the second?",
  introduction:
    "Draw two digits. A small neural network, trained on MNIST and running in this page, compares them while you draw.",
  drawingSection: "Drawing",
  answerSection: "Answer",
  tools: "Tools for both drawings",
  scaleGreater: "first > second",
  scaleLeq: "first <= second",
  whyTitle: "Why this answer",
  tableTitle: "What the two digits alone say",
  tableText:
    "The network also names each digit. Read apart, the pair is digit i beside digit j with " +
    "probability p(i) times p(j), shown in percent: rows are the first digit, columns the second. The outlined half, " +
    "where i <= j, adds up to what the digits alone say about the comparison.",
  occlusionTitle: "Which strokes decided",
  occlusionText:
    "The network is asked again with a little of the ink taken away, 3 by 3 cells at a time. A cell is coloured by how " +
    "far the comparison moves.",
  occlusionLegend: "Blue ink speaks for <=, orange ink for >; the stronger the colour, the more the answer rests on it.",
  ablationTitle: "The same drawings through other networks",
  ablationText:
    "The plain network reads both images through one tower, as two channels of one picture. With weight sharing, one " +
    "and the same tower reads first the one, then the other, so that what it learns of a 3 on the left it knows of a 3 " +
    "on the right. With the auxiliary loss it is also taught to name the digits, which only shared features make easy. " +
    "These four learned from 1,000 pairs. This page\u2019s own network compares nothing by itself: it names the digits, and the " +
    "table above adds its answer up; it learned so from all of MNIST, distorted. See how sure each one is of your drawings.",
  numbersTitle: "Engine, size and time",
  privacy: "Drawings stay in this page. Nothing is sent anywhere, and the page works offline after the first visit.",
  credits:
    "Trained on MNIST by Yann LeCun and Corinna Cortes, CC BY-SA 3.0; the sample digits are from its test split.",
};

export const pad = {
  canvas: (number, reading) => `${sides[number]}, drawing area: ${reading}`,
  empty: "empty",
  invitation: "Draw a digit here",
  readsAs: (digit, probability) => `reads as ${digit}, ${percent(probability)}`,
  undo: "Undo",
  redo: "Redo",
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
  hint: "Arrow keys move, space paints or wipes a cell, Shift with an arrow paints on.",
};

export const tools = {
  brush: "Brush",
  eraser: "Eraser",
  swap: "Swap",
  samples: "MNIST pair",
  mistakes: "Hard pair",
  share: "Copy link",
  download: "Save PNGs",
};

export const answer = {
  relation: { leq: "\u2264", greater: ">", open: "?" },
  loading: "Loading the network\u2026",
  emptyBoth: "Draw a digit in each box.",
  emptySide: (number) => `Now draw the ${side(number)} digit.`,
  probability: (pLeq) => `p_leq = ${pLeq.toFixed(4)}`,
  advice: {
    sure: "Both digits are read clearly, and agree with this.",
    "first-is-no-digit": "The first drawing does not look like a digit, so the answer means little.",
    "second-is-no-digit": "The second drawing does not look like a digit, so the answer means little.",
    "neither-is-a-digit": "Neither drawing looks like a digit, so the answer means little.",
    "heads-disagree":
      "The network contradicts itself: its comparison says one thing, the digits it names say another.",
    "not-sure": "The network is not sure. A clearer drawing may help.",
  },
  truth: (first, second, right) =>
    `MNIST's own labels: ${first} and ${second}. The network is ${right ? "right" : "wrong"}.`,
};

export const table = {
  corner: "first \\ second",
  caption: "Probability of each pair of digits in percent",
  sum: (fromDigits, pLeq) =>
    `The outlined half adds up to ${fromDigits.toFixed(4)}; the network\u2019s answer is ` +
    `${pLeq.toFixed(4)}.`,
  empty: "Draw two digits to see the table.",
};

export const occlusion = {
  label: (number) => `Which strokes of the ${side(number)} digit decided`,
  empty: "Draw two digits to see which strokes decide.",
};

export const ablation = {
  caption: "One row a network",
  columns: ["Network", "p_leq", "Answer", "Digits read"],
  noHeads: "it names none",
  loading: "Loading\u2026",
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
  modelIs: (name, accuracy, bytes) => `${name}, ${accuracy}${kilobytes(bytes)}`,
  accuracy: ({ right, all }) => `right on ${percent(right / all)} of ${all} test pairs, `,
  downloaded: "Downloaded for this visit",
  downloadedIs: (bytes) => (bytes > 0 ? kilobytes(bytes) : "nothing, it came from this device"),
  comparison: "One comparison",
  preparation: "Preparing one drawing",
  timing: (median, p95, count) => `median ${milliseconds(median)}, p95 ${milliseconds(p95)}, of the last ${count}`,
  noTiming: "none yet",
};

export const notices = {
  linkCopied: "The link to these two drawings is copied.",
  linkInAddress: "The link to these two drawings is in the address bar.",
  linkRefused:
    "The link that opened this page holds no whole pair of drawings: it was cut or changed on its way. Ask for it " +
    "again, or draw.",
  nothingToSave: "Both boxes are empty; draw something first.",
  imageRefused: (name) => `${name} cannot be read as an image. Take a PNG, JPEG, WebP or GIF file.`,
  imageTooLarge: (name) => `${name} is larger than 50 MB. Scale it down first.`,
  pasted: "the pasted image",
  samplesMissing: "The sample digits could not be loaded. Reload the page when you are online.",
  modelMissing: (name, status) =>
    `The model ${name} could not be loaded (${status}). Check the connection and reload the page; if it stays so, the ` +
    `page was published incompletely.`,
  modelDamaged: (name, fault) =>
    `The model ${name} arrived damaged (${fault}). Reload the page while holding Shift; if it stays so, the page was ` +
    `published incompletely.`,
  modelChecksum: "its checksum is wrong",
  wasmUnsupported:
    "This browser has no WebAssembly with SIMD, or it is switched off, and the network runs on it. Update the browser, " +
    "allow WebAssembly, or open the page in another one.",
  wasmMissing: (status) =>
    `The page's WebAssembly file could not be loaded (${status}). Check the connection and reload the page; if it stays ` +
    `so, the page was published incompletely.`,
  wasmDamaged: (fault) =>
    `The page's WebAssembly file arrived damaged (${fault}). Reload the page while holding Shift; if it stays so, the ` +
    `page was published incompletely.`,
  stopped: (fault) => `The network stopped working (${fault}). Reload the page; your drawings are kept in its address.`,
};
