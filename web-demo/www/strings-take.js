// The English texts of what can be taken along: answers as files, and the page as a frame.

const answersOf = (count) => (count === 1 ? "1 answer" : `${count} answers`);

export const answers = {
  caption: "The last answers of this visit",
  columns: ["Answer", "\u2264 with", "Network"],
  answer: (first, second, isLeq) => `${first ?? "first"} ${isLeq ? "\u2264" : ">"} ${second ?? "second"}`,
  notCompared: "no digit",
  csv: "Save CSV",
  json: "Save JSON",
  count: (count) => (count === 0 ? "No answers yet: draw two digits first." : `${answersOf(count)} so far`),
  saved: (count, name) => `${answersOf(count)} saved as ${name}`,
};

export const embed = {
  code: "HTML to copy",
  copy: "Copy the HTML",
  withDrawings: "with the two drawings above",
  title: "Is the first digit \u2264 the second? Draw two digits",
  copied: "The HTML is copied.",
  selected: "The HTML is selected: copy it with Ctrl+C, on a Mac with \u2318C.",
};
