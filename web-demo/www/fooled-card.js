// A pair that fooled the network: which ink its answer rests on, what was meant, and ways to show it to others.

import { button, element, setText, square } from "./dom.js";
import { Picture } from "./drawing.js";
import { networkNamed } from "./networks.js";
import { CELLS, inkPictures, occlusionPictures } from "./occlusion.js";
import { digitOf } from "./own.js";
import { decode } from "./share.js";
import { nameOf } from "./strings.js";
import { fool as texts } from "./strings-play.js";
import { copyLink, save } from "./ways-out.js";

/** The saved picture: a map's side, what is around it, and the text's lines, in pixels. */
const SAVED = { map: 336, gap: 24, line: 34, font: "22px system-ui, sans-serif" };

export class FooledCard {
  #pair;
  #maps = [0, 1].map(() => square(CELLS));
  #caption = element("figcaption");
  root;

  /** `actions.show(states)` puts the drawings back into the pads; `actions.remove()` takes the card away. */
  constructor(pair, actions) {
    this.#pair = pair;
    this.#maps.forEach(([canvas], side) => {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", texts.map(side, pair.labels[side]));
    });
    const of = (text, onclick) => button(text, { onclick, "aria-label": `${text}: ${texts.pair(pair.labels)}` });
    const buttons = element(
      "div", { class: "card-tools" },
      of(texts.show, () => actions.show(decode(pair.drawings))),
      of(texts.link, () => copyLink(pair.drawings)),
      of(texts.save, () => this.#save()),
      of(texts.remove, actions.remove),
    );
    const maps = element("div", { class: "maps" }, ...this.#maps.map(([canvas]) => canvas));
    this.root = element("li", { class: "card" }, element("figure", {}, maps, this.#caption), buttons);
    this.#fill().catch(() => setText(this.#caption, texts.noNetwork(pair.network)));
  }

  async #fill() {
    const { drawings, labels, network: name } = this.#pair;
    setText(this.#caption, texts.meantOnly(labels));
    const network = await networkNamed(name);
    const digits = decode(drawings).map((state) => digitOf(state, new Picture()));
    this.#paint(inkPictures(digits));
    const answer = network.compare(...digits);
    setText(this.#caption, texts.caption(labels, nameOf(name), answer.sentence));
    answer.free();
    this.#paint(await occlusionPictures(network, digits, () => false));
    for (const digit of digits) digit.free();
  }

  #paint(pictures) {
    this.#maps.forEach(([, context], side) => context.putImageData(pictures[side], 0, 0));
  }

  /** Saves both maps with the caption below as one PNG. */
  async #save() {
    const { map, gap, line, font } = SAVED;
    const lines = this.#caption.textContent.split(". ");
    const size = { width: 2 * map + 3 * gap, height: map + 2 * gap + lines.length * line };
    const canvas = element("canvas", size);
    const context = canvas.getContext("2d");
    context.fillStyle = "#15171a";
    context.fillRect(0, 0, size.width, size.height);
    context.imageSmoothingEnabled = false;
    this.#maps.forEach(([from], side) => context.drawImage(from, gap + side * (map + gap), gap, map, map));
    Object.assign(context, { fillStyle: "#eceef0", font, textBaseline: "top" });
    lines.forEach((text, at) => context.fillText(text, gap, map + 1.5 * gap + at * line, size.width - 2 * gap));
    const png = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    save(png, `leq-fooled-${this.#pair.labels.join("-")}.png`);
  }
}
