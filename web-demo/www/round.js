// A round: ten pairs, and the link that holds them with a result, for somebody else to try.
//
//   #round.YOU.NETWORK.SECONDS~PAIR~...~PAIR
//
// A pair is `h` and its number among MNIST's test digits, or both digits and both drawings of somebody: `49.FIRST.SECOND`.
// What comes in is data from anybody: a fault anywhere refuses the whole.

import { MOST_LETTERS as MOST_LETTERS_OF_A_PAIR, decode } from "./share.js";
import { isEmpty } from "./sheet.js";

/** Pairs of a round, and the most of them that are the reader's own. */
export const PAIRS = 10;
const MOST_OWN = 3;
/** Most letters of a fragment: those of full drawings, and something for the rest. */
const MOST_LETTERS = MOST_OWN * MOST_LETTERS_OF_A_PAIR + 1000;
/** Longest time of a round that a link holds, in seconds. */
const MOST_SECONDS = 9999;

/** Ten pairs in a random order: some of the reader's own, and hard ones. */
export function chosen(hard, own) {
  const mine = shuffled(own).slice(0, MOST_OWN).map(({ drawings, labels }) => ownPair(labels, drawings));
  return shuffled([...mine, ...shuffled(hard).slice(0, PAIRS - mine.length)]);
}

/** The fragment of a round that was played. */
export function encodeRound({ you, network, seconds, pairs }) {
  return [`round.${you}.${network}.${Math.min(MOST_SECONDS, seconds)}`, ...pairs.map(({ code }) => code)].join("~");
}

/** `{you, network, seconds, pairs}` of a fragment without its "round."; null when it is not whole and sound. */
export function decodeRound(text, hard) {
  if (text.length > MOST_LETTERS) return null;
  const [head, ...codes] = text.split("~");
  const result = /^(\d{1,2})\.(\d{1,2})\.(\d{1,4})$/.exec(head)?.slice(1).map(Number);
  if (result === undefined || codes.length !== PAIRS) return null;
  const [you, network, seconds] = result;
  const pairs = codes.map((code) => pairOf(code, hard));
  return pairs.includes(null) || you > PAIRS || network > PAIRS ? null : { you, network, seconds, pairs };
}

function pairOf(code, hard) {
  if (code.startsWith("h")) return hard.find((pair) => pair.code === code) ?? null;
  const own = /^(\d)(\d)\.([\w-]+\.[\w-]+)$/.exec(code);
  return own === null ? null : ownPair([Number(own[1]), Number(own[2])], `1.${own[3]}`);
}

/** A pair of drawings that a link holds; null if it does not hold two. */
function ownPair(labels, drawings) {
  const states = decode(drawings);
  if (states === null || states.some(isEmpty)) return null;
  return { code: `${labels.join("")}${drawings.slice(1)}`, labels, states, isOwn: true };
}

function shuffled(list) {
  const rest = [...list];
  return list.map(() => rest.splice(Math.floor(Math.random() * rest.length), 1)[0]);
}
