// The reliability of a network as a small plot: how often first <= second holds, against how sure the network says it is.

import { finding as texts } from "./strings-why.js";

/** Side of the plot in its own units, one a percent. */
const SIDE = 100;

/** `record.bins` are [mean probability, share of pairs that are <=, share of all pairs], each from 0 to 1. */
export function reliabilityPlot(name, record) {
  const plot = svg("svg", {
    class: "reliability", viewBox: `-4 -4 ${SIDE + 8} ${SIDE + 8}`, role: "img",
    "aria-label": texts.reliability(name, record.ece),
  });
  plot.append(svg("rect", { class: "frame", width: SIDE, height: SIDE }));
  plot.append(svg("line", { class: "ideal", x1: 0, y1: SIDE, x2: SIDE, y2: 0 }));
  const points = record.bins.map(([probability, share]) => `${SIDE * probability},${SIDE - SIDE * share}`);
  plot.append(svg("polyline", { class: "curve", points: points.join(" ") }));
  return plot;
}

function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
