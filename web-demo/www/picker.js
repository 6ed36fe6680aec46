// The choice of the network that answers: one of the page's, or a file of the reader's.

import { ablation, models } from "./assets.js";
import { element, setText } from "./dom.js";
import { names, networkNamed } from "./networks.js";
import { networkNames, picker as texts } from "./strings.js";

export class Picker {
  #select;
  #status = element("span", { role: "status" });
  #use;
  #failed;
  /** The name of the one that answers. */
  #used = names[0];

  /** `use(network, name)` has another network answer; `failed(fault)` is told of one that does not load. */
  constructor(root, use, failed) {
    this.#use = use;
    this.#failed = failed;
    this.#select = element("select", { id: "network-choice", onchange: () => this.#choose() });
    this.#select.append(...names.map((name) => element("option", { value: name }, labelOf(name))));
    root.append(element("label", { for: "network-choice" }, `${texts.label} `), this.#select, " ", this.#status);
  }

  /** Adds a file of the reader's and has it chosen. */
  add(name, network) {
    this.#select.append(element("option", { value: name, selected: true }, texts.own(name)));
    this.#select.value = name;
    this.#answers(name, network);
  }

  async #choose() {
    const name = this.#select.value;
    setText(this.#status, texts.coming);
    try {
      const network = await networkNamed(name);
      if (name === this.#select.value) this.#answers(name, network);
    } catch (fault) {
      if (name !== this.#select.value) return;
      this.#select.value = this.#used;
      setText(this.#status, "");
      this.#failed(fault);
    }
  }

  #answers(name, network) {
    this.#used = name;
    setText(this.#status, "");
    this.#use(network, name);
  }
}

/** What a network is called; one that no other part of the page needs, with what it costs to fetch. */
function labelOf(name) {
  const label = networkNames[name] ?? name;
  return name === names[0] || ablation.includes(name) ? label : texts.fetched(label, models[name].bytes);
}
