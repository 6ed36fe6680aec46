// The reader's own pairs with the digits that were meant, newest first, kept for this tab.

import { Digit } from "./engine.js";
import { decode } from "./share.js";
import { store, stored } from "./session.js";

const KEY = "leq own pairs";
const MOST = 12;

const isPair = ({ drawings, labels }) => decode(drawings) !== null && labels.length === 2;

let pairs = stored(KEY, (found) => found.every(isPair)) ?? [];

/** All of them: `{drawings, labels, network, isWrong}`, the drawings as a link has them. */
export function ownPairs() {
  return pairs;
}

/** Adds a pair, instead of the same drawings if they are there; the oldest make room. */
export function addOwn(pair) {
  const others = pairs.filter(({ drawings }) => drawings !== pair.drawings);
  keep([pair, ...others].slice(0, MOST));
}

export function removeOwn(pair) {
  keep(pairs.filter((each) => each !== pair));
}

/** A state as the network sees it, undefined if no digit is found in it; `picture` is the Picture to paint it on. */
export function digitOf(state, picture) {
  const context = picture.of(state);
  const { width, height } = context.canvas;
  const pixels = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
  return Digit.prepare(width, height, pixels, false);
}

function keep(changed) {
  pairs = changed;
  store(KEY, pairs);
}
