// The choice of the network that answers: one of the page's, or a file of the reader's.

import { element } from "./dom.js";
import { names, networkNamed } from "./networks.js";
import { networkNames, picker as texts } from "./strings.js";

export class Picker {
  #select;
  #use;
  #failed;

  /** `use(network, name)` has another network answer; `failed(fault)` is told of one that does not load. */
  constructor(root, use, failed) {
    this.#use = use;
    this.#failed = failed;
    this.#select = element("select", { id: "network-choice", onchange: () => this.#choose() });
    this.#select.append(...names.map((name) => element("option", { value: name }, networkNames[name] ?? name)));
    root.append(element("label", { for: "network-choice" }, `${texts.label} `), this.#select);
  }

  /** Adds a file of the reader's and has it chosen. */
  add(name, network) {
    this.#select.append(element("option", { value: name, selected: true }, texts.own(name)));
    this.#select.value = name;
    this.#use(network, name);
  }

  async #choose() {
    const name = this.#select.value;
    try {
      const network = await networkNamed(name);
      if (name === this.#select.value) this.#use(network, name);
    } catch (fault) {
      this.#failed(fault);
    }
  }
}
