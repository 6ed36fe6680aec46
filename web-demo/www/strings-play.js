// The English texts of the game and of "Fool the network".

const sign = (isLeq) => (isLeq ? "\u2264" : ">");
const side = (number) => (number === 0 ? "first" : "second");
const judged = (isRight) => (isRight ? "right" : "wrong");
const ofYours = (count) => (count === 1 ? "The pair that you named" : `Some of the ${count} pairs that you named`);
const own = (count) =>
  count === 0
    ? "Pairs that you name under \u201cFool the network\u201d come up in it too."
    : `${ofYours(count)} under \u201cFool the network\u201d will come up in it.`;

export const game = {
  ready: (count) => `Ready when you are. ${own(count)}`,
  challenged: ({ you, network, seconds }) =>
    `A round for you: somebody got ${you} of 10 right in ${seconds} s, the network ${network}. The same ten pairs await you.`,
  pair: (number, all, isOwn) => `Pair ${number} of ${all}${isOwn ? ", drawn by hand" : ""}: which is it?`,
  board: (number) => `The ${side(number)} digit of the pair, a picture to be judged by eye`,
  choices: { greater: "first > second", leq: "first \u2264 second" },
  told: ([first, second], truth, you, sentence, network) =>
    `${first} ${sign(truth)} ${second}. ${you === null ? "Time is up." : `You are ${judged(you)}.`} ` +
    `The network says \u201c${sentence}\u201d: ${judged(network)}.`,
  noDigit: "no digit found",
  next: "Next pair",
  finish: "See the result",
  start: "Start the round",
  again: "Another round",
  share: "Copy the result",
  limit: "Time for a pair",
  limits: [
    [5, "5 seconds"],
    [3, "3 seconds"],
    [10, "10 seconds"],
    [0, "no limit"],
  ],
  untimed: "no limit",
  secondsLeft: (seconds) => `${seconds} s`,
  over: ({ you, network, seconds }, challenge) => {
    const who = you > network ? "You win" : you < network ? "The network wins" : "A draw";
    const before = challenge === null ? "" : ` Whoever sent you the round got ${challenge.you} in ${challenge.seconds} s.`;
    return `${who}: you ${you} of 10 in ${seconds} s, the network ${network}.${before}`;
  },
  scoreCaption: "Who was right, pair by pair",
  players: { you: "You", network: "Network" },
  marks: { right: "\u2713", wrong: "\u2717", open: "\u00b7" },
  shared: ({ you, network, seconds }, marksOfYou, marksOfNetwork, address) =>
    `Is the first digit \u2264 the second? Ten hard pairs: I got ${you} in ${seconds} s, the network ${network}.\n` +
    `I        ${marksOfYou}\nNetwork  ${marksOfNetwork}\nThe same ten for you: ${address}`,
  copied: "The result is copied, with a link to the same ten pairs.",
  inAddress: "A link to the same ten pairs and your result is in the address bar.",
  missing: "The pairs of the game could not be loaded. Try again when you are online.",
  roundRefused:
    "The link holds no whole round: it was cut or changed on its way, or comes from another version of this page.",
};

export const fool = {
  drawFirst: "Draw two digits above first.",
  unanswered: "No network answers, so there is none to fool.",
  says: (sentence) => `The network says: \u201c${sentence}\u201d.`,
  meant: (name) => `${name} is a`,
  notChosen: "\u2013",
  judge: "Judge it",
  chooseFirst: "First say which digits you meant.",
  compared: ([first, second], truth) => `${first} ${sign(truth)} ${second}, but it says the opposite`,
  misread: (label, read) => `it takes your ${label} for ${read === 8 ? "an" : "a"} ${read}`,
  refused: "it sees no digit where you drew one",
  fooled: (faults) => `Fooled: ${faults.join("; ")}. The pair is in the gallery.`,
  notFooled: (sentence) => `Not this time: \u201c${sentence}\u201d is right. The pair may come up in your next round.`,
  gallery: "Your last drawings that it got wrong",
  noneYet: "None yet. Try a 7 with a bar, a 1 with a foot, an open 9, a very flat 2.",
  pair: ([first, second]) => `${first} and ${second}`,
  map: (number, label) => `The ${side(number)} digit, meant as ${label}, coloured by what the answer rests on`,
  meantOnly: ([first, second]) => `Meant: ${first} and ${second}`,
  caption: ([first, second], network, sentence) =>
    `Meant: ${first} ${sign(first <= second)} ${second}. The network (${network}) says: ${sentence}`,
  noNetwork: (network) => `The network ${network} is not here, so there is no map.`,
  show: "Show in the pads",
  link: "Copy link",
  save: "Save PNG",
  remove: "Remove",
};
