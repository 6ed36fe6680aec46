// The English texts of the parts under "Why this answer" that come when they are opened.

import { percent } from "./engine.js";
import { sides } from "./strings.js";

const kilobytes = (bytes) => `${Math.round(bytes / 1000)} KB`;
const milliseconds = (time) => (time < 0.1 ? "less than 0.1 ms" : `${time.toFixed(time < 10 ? 1 : 0)} ms`);

const side = (number) => (number === 0 ? "first" : "second");

export const ablation = {
  caption: "One row a network",
  columns: ["Network", "\u2264 with", "Answer", "Digits read"],
  noHeads: "it names none",
  loading: "Loading\u2026",
  offline: "Not on this device yet. It comes when the network is back.",
  gone: "Gone: a new version has replaced this page.",
  damaged: "It arrived damaged.",
  nothing: "Draw two digits first.",
};

export const numbers = {
  engine: "Engine",
  engineIs: "our own ONNX evaluator with the trainer's convolutions, in WebAssembly with SIMD, one thread",
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

const digitOf = (arrangement, number) => (arrangement === "stacked" ? "both digits" : `${side(number)} digit`);
const SEPARATE_DIGITS = ["for the first digit alone", "for the second digit alone"];

export const networkView = {
  steps: "Layer that is shown",
  step: (layer) => (layer === 0 ? "Input" : `Layer ${layer}`),
  drawFirst: "Draw a digit to see it go through the layers.",
  drawBoth: "This network takes both digits as one picture. Draw both to see what it makes of them.",
  unknown: "This page cannot show the layers of this network.",
  maps: (arrangement, number, layer) =>
    layer === 0
      ? `What goes in: ${digitOf(arrangement, number)}`
      : `Feature maps of layer ${layer}, ${digitOf(arrangement, number)}. Point at a value, or move with arrow keys, to take it apart.`,
  layer(arrangement, number, layer, [channels, rows, columns, kernel, , pool, parameters]) {
    if (layer === 0) return `Input: ${rows} \u00d7 ${columns} cells`;
    const pooling = pool > 1 ? `, largest of each ${pool} \u00d7 ${pool}` : "";
    const whose = { shared: "the same weights for both digits", stacked: "both digits in one picture" }[arrangement];
    const weights = `${parameters.toLocaleString("en")} weights${pooling}; ${whose ?? SEPARATE_DIGITS[number]}`;
    return `Layer ${layer}: ${channels} kernels of ${kernel} \u00d7 ${kernel}, ${weights}`;
  },
  head(spec, number) {
    if (spec === null) return "The file does not say how its heads are made.";
    if (!spec.namesDigits) return "No digit heads: this network was never told which digits it sees.";
    const { isSeparate, linearLayers, addsUp } = spec;
    const layers = linearLayers === 1 ? "1 linear layer" : `${linearLayers} linear layers`;
    const whose = isSeparate
      ? `Digit head: ${layers}, ${SEPARATE_DIGITS[number]},`
      : `Digit heads: ${layers}, the same for both digits,`;
    return `${whose} taught with the labels 0 to 9${addsUp ? "." : ": the auxiliary loss."}`;
  },
  comparison(spec, pLeq) {
    const how =
      spec === null
        ? ""
        : spec.addsUp
          ? "Comparison: no weights of its own. It adds up the digits\u2019 probabilities where first \u2264 second."
          : "Comparison: both digits\u2019 features together through two linear layers of its own, taught with \u2264 or >.";
    return pLeq === undefined ? how : `${how} Here: \u2264 with ${percent(pLeq)}.`.trimStart();
  },
  parts: { patch: "values under the kernel", kernel: "kernel", product: "products" },
  cellHint: "Point at any value above to see how it is computed.",
  cell: (arrangement, number, layer, channel, row, column, inChannel) =>
    `${arrangement === "stacked" ? "Both digits" : sides[number]}, layer ${layer}, map ${channel + 1}, row ${row + 1}, ` +
    `column ${column + 1}. Shown: input map ${inChannel + 1}, which moves it most.`,
  sum([ofChannel, ofOthers, bias, value], channels) {
    const maps = channels === 2 ? "the other input map" : `the other ${channels - 1} input maps`;
    const others = channels > 1 ? ` + ${ofOthers.toFixed(2)} from ${maps}` : "";
    return `Sum: ${ofChannel.toFixed(2)}${others} + bias ${bias.toFixed(2)}; after ReLU ${value.toFixed(2)}.`;
  },
};

export const finding = {
  caption: "What each network gets right, and how sure it is",
  columns: ["Network", "Right, of 1,000 test pairs", "By its digits alone", "Reliability", "Right, of these pairs", "By its digits, of these", "Mean confidence"],
  share: (right, all) => `${right} of ${all}`,
  right: (of) => (of === undefined ? "names none" : String(of.right)),
  byDigits: (right, all) => (right === undefined ? "names none" : `${right} of ${all}`),
  reliability: (name, ece) => `${name}: how often first \u2264 second holds, against the p_leq that the network gives; off by ${ece} points on average`,
  run: "Run 200 pairs",
  stop: "Stop",
  waiting: "\u2013",
  progress: (done, all) => `${done} of ${all} pairs`,
  missing: "The test pairs could not be loaded. Try again when you are online.",
};
