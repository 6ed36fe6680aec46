// The choice of the network that answers: one of the page's, or a file of the reader's.

import { ablation, models } from "./assets.js";
import { button, element, setText } from "./dom.js";
import { names, networkNamed } from "./networks.js";
import { nameOf, picker as texts } from "./strings.js";

export class Picker {
  #select;
  #status = element("span", { role: "status" });
  #use;
  #failed;
  /** The name of the one that answers. */
  #used = names[0];

  /**
   * `use(network, name)` has another network answer, and gives whether it does; `take(file)` takes a model file;
   * `failed(fault)` is told of a network that does not load.
   */
  constructor(root, { use, take, failed }) {
    this.#use = use;
    this.#failed = failed;
    this.#select = element("select", { id: "network-choice", onchange: () => this.#choose() });
    this.#select.append(...names.map((name) => element("option", { value: name }, labelOf(name))));
    const file = element("input", { type: "file", accept: ".onnx", hidden: true });
    file.addEventListener("change", () => {
      if (file.files[0] !== undefined) take(file.files[0]);
      file.value = "";
    });
    const label = element("label", { for: "network-choice" }, texts.label);
    root.append(label, this.#select, button(texts.open, { onclick: () => file.click() }), file, this.#status);
  }

  /** Adds a file of the reader's, or another of the same name in its place, and has it chosen. */
  add(name, network) {
    const isThere = [...this.#select.options].some(({ value }) => value === name);
    if (!isThere) this.#select.append(element("option", { value: name }, texts.own(name)));
    this.#answers(name, network);
  }

  /** Shows that another one answers. */
  show(name) {
    this.#used = name;
    this.#select.value = name;
    setText(this.#status, "");
  }

  async #choose() {
    const name = this.#select.value;
    setText(this.#status, texts.coming);
    try {
      const network = await networkNamed(name);
      if (name === this.#select.value) this.#answers(name, network);
    } catch (fault) {
      if (name !== this.#select.value) return;
      this.show(this.#used);
      this.#failed(fault);
    }
  }

  #answers(name, network) {
    this.show(this.#use(network, name) ? name : this.#used);
  }
}

/** What a network is called; one that no other part of the page needs, with what it costs to fetch. */
function labelOf(name) {
  return name === names[0] || ablation.includes(name) ? nameOf(name) : texts.fetched(nameOf(name), models[name].bytes);
}
