// The English texts that change while the page is used. What stands still is in index.html, so that it is there without
// scripts; the answer's sentence is worded by the crate `digits` for all programs.

import { percent } from "./engine.js";

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
  seen: (number, remedy = "as it is") => `What the network sees of the ${side(number)} digit, ${remedy}: 14 by 14 cells`,
  seenEmpty: (number) => `The network sees nothing of the ${side(number)} digit yet`,
  bars: (number, likeliest) => `${sides[number]}, probabilities: ${likeliest}`,
  barsEmpty: (number) => `${sides[number]}, no probabilities yet`,
  likeliest: (digit, probability) => `${digit} ${percent(probability)}`,
  seenCaption: "14 \u00d7 14, as the network sees it",
  seenWith: (remedy) => `Refused as it was, so seen ${remedy}`,
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
const severalDigits = (which) => `${which} more than one digit. Draw one alone.`;

export const answer = {
  relation: { leq: "\u2264", greater: ">", open: "?" },
  emptyBoth: "Draw a digit in each box.",
  failed: "The network did not load.",
  failedAdvice: "You can still draw. See below what went wrong and what to do.",
  stopped: "Stopped. Reload the page.",
  network: (name) => `Network: ${name}`,
  emptySide: (number) => `Now draw the ${side(number)} digit.`,
  unreadable: (number) => `No digit found in the ${side(number)} drawing.`,
  unreadableAdvice: "What is there is too small or too faint to be a digit. Draw it larger, or clear it.",
  alone: (number, digit, probability) => `${Side(number)} reads as ${digit}, ${percent(probability)}.`,
  twoDigits: (number) => `There seem to be two digits in the ${side(number)} box. Draw one in each.`,
  advice: {
    sure: "Both digits are read clearly.",
    "sure-but-blind": "Each drawing reads as a digit. This network cannot tell when a drawing is none.",
    "sure-unnamed": "This network only compares; it does not say which digits it sees.",
    "first-is-no-digit": noDigit("The first drawing", "does"),
    "second-is-no-digit": noDigit("The second drawing", "does"),
    "neither-is-a-digit": "Neither drawing looks like a digit, so the answer means little.",
    "first-shows-several-digits": severalDigits("The first drawing shows"),
    "second-shows-several-digits": severalDigits("The second drawing shows"),
    "both-show-several-digits": severalDigits("Both drawings show"),
    "heads-disagree": "The network contradicts itself: it compares one way, and names digits that say the other.",
    "not-sure": "The network is not sure. A clearer drawing may help.",
  },
  unclear: (number, [digit, p, other]) => `${Side(number)} may be ${a(digit)} (${percent(p)}), or ${a(other)}.`,
  truth: (first, second, right) =>
    `MNIST\u2019s own labels: ${first} and ${second}. The network is ${right ? "right" : "wrong"}.`,
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

/** What became of a link; `lost` are the sides whose picture it does not hold. */
function link(what, lost) {
  if (lost.length === 0) return `The link to these two drawings is ${what}.`;
  const out = lost.length === 2 ? "both pictures out" : `the ${side(lost[0])} picture out`;
  return `The link is ${what}. It leaves ${out}: no digit was found there.`;
}

export const notices = {
  linkCopied: (lost) => link("copied", lost),
  linkInAddress: (lost) => link("in the address bar", lost),
  linkRefused:
    "The link that opened this page holds no whole pair of drawings: it was cut or changed on its way. Ask for it " +
    "again, or draw.",
  nothingToSave: "Both boxes are empty; draw something first.",
  drawingFull: (number) => `The ${side(number)} drawing is full: no more strokes fit. Undo or clear something.`,
  twoFound: "The picture shows two digits: one went into each box. Undo takes them out.",
  imageRefused: (name) => `${name} cannot be read as an image. Take a PNG, JPEG, WebP or GIF file.`,
  imageTooLarge: (name) => `${name} is larger than 50 MB. Scale it down first.`,
  pasted: "the pasted image",
  tooLate: "You drew while it was loading, so your drawing stays. Ask again to replace it.",
  loading: "Loading\u2026",
  partMissing: "This part of the page could not be loaded. Reload the page when you are online; your drawings are kept.",
  samplesMissing: "The sample digits could not be loaded. Try again when you are online.",
  updated: "A new version of this page is available. Reload to get it; your drawings are kept.",
  gone: "This page was replaced by a new version while it was open, and this part of it is gone. Reload; your drawings are kept.",
  reload: "Reload",
  picked: (name) => `Now answering: ${name}.`,
  stoppedAlready: "The network has stopped. Reload the page first; your drawings are kept.",
  offline: "The page works offline from now on.",
};

/** What a network is called; a file of the reader's by its name. */
export const nameOf = (name) => networkNames[name] ?? name;

const networkNames = {
  "report-a-convnet": "plain",
  "report-a-convnet-ws": "weight sharing",
  "report-a-convnet-aux": "auxiliary loss",
  "report-a-headline": "weight sharing and auxiliary loss",
  leq: "this page\u2019s own",
  "leq-1000": "our best from 1,000 pairs",
};

export const picker = {
  label: "Network",
  own: (name) => `${name}, your file`,
  fetched: (name, bytes) => `${name} (fetches ${(bytes / 1e6).toFixed(1)} MB)`,
  coming: "Fetching it\u2026",
  open: "Open a model file",
};
