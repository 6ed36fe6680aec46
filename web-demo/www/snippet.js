// The page on other people's pages: HTML to copy.

import { button, element, setText } from "./dom.js";
import { drawingsOf } from "./journal.js";
import { isEmpty } from "./sheet.js";
import { embed as texts } from "./strings-take.js";
import { copyText } from "./ways-out.js";

/**
 * What the frame may do: run scripts and keep drawings as a page of its own address, save files, open links in a tab.
 * It may not send forms, open dialogs or lead the page around it elsewhere.
 */
const SANDBOX = "allow-scripts allow-same-origin allow-downloads allow-popups allow-popups-to-escape-sandbox";

export class Part {
  #page;
  #code = element("code");
  #withDrawings = element("input", { type: "checkbox", id: "with-drawings", onchange: () => this.show() });

  constructor(page) {
    this.#page = page;
    const choice = element("label", { for: "with-drawings" }, this.#withDrawings, ` ${texts.withDrawings}`);
    const copy = button(texts.copy, { class: "primary", onclick: () => this.#copy() });
    const code = element("pre", { class: "scrolls", tabindex: "0", role: "region", "aria-label": texts.code }, this.#code);
    document.getElementById("embed").append(code, element("p", { class: "controls" }, copy, choice));
  }

  /** Follows the drawings, if they are to be in it. */
  show() {
    const { sheet, pads } = this.#page;
    const has = this.#withDrawings.checked && !sheet.states.every(isEmpty);
    const address = `${location.origin}${location.pathname}${has ? `#${drawingsOf(sheet.states, pads)}` : ""}`;
    setText(
      this.#code,
      `<iframe src="${address}" title="${texts.title}" width="100%" height="900" style="border: 0" loading="lazy" ` +
        `allow="clipboard-write" sandbox="${SANDBOX}"></iframe>`,
    );
  }

  #copy() {
    copyText(this.#code.textContent, texts.copied, () => {
      getSelection().selectAllChildren(this.#code);
      return texts.selected;
    });
  }
}
