// The tools for both drawings, and the keys for undoing.

import { button, element, setAttribute } from "./dom.js";
import { tools as texts } from "./strings.js";

/** Brush widths on the drawing's grid: from a pencil's to a marker's; MNIST's strokes are about 320. */
const BRUSH = { least: 120, most: 640, first: 320 };

export class Toolbar {
  #undo;
  #redo;
  #clear;
  #eraser;
  #brushWidth;

  /** `actions` has a function for each tool: undo, redo, swap, clearBoth, samples, mistakes, share, download. */
  constructor(root, actions) {
    const make = (name) => button(texts[name], { id: name, onclick: () => actions[name]() });
    this.#undo = make("undo");
    this.#redo = make("redo");
    this.#clear = button(texts.clearBoth, { id: "clear-both", onclick: () => actions.clearBoth() });
    this.#eraser = button(texts.eraser, { id: "eraser", "aria-pressed": "false", onclick: () => this.#toggleEraser() });
    this.#brushWidth = element("input", {
      type: "range", id: "brush", min: BRUSH.least, max: BRUSH.most, step: 20, value: BRUSH.first,
    });
    const brush = element("label", { for: "brush" }, texts.brush, this.#brushWidth);
    root.append(
      this.#undo, this.#redo, this.#clear, make("swap"), make("samples"), make("mistakes"), make("share"),
      make("download"), this.#eraser, brush,
    );
    document.addEventListener("keydown", (event) => this.#key(event, actions));
  }

  /** `{width, erases}` of the next stroke. */
  get brush() {
    return {
      width: Number(this.#brushWidth.value),
      erases: this.#eraser.getAttribute("aria-pressed") === "true",
    };
  }

  /** Shows which tools have something to do. A disabled button would lose the focus of whoever has just pressed it. */
  enable(canUndo, canRedo, canClear) {
    setAttribute(this.#undo, "aria-disabled", !canUndo);
    setAttribute(this.#redo, "aria-disabled", !canRedo);
    setAttribute(this.#clear, "aria-disabled", !canClear);
  }

  #toggleEraser() {
    this.#eraser.setAttribute("aria-pressed", String(!this.brush.erases));
  }

  #key(event, actions) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "z") actions[event.shiftKey ? "redo" : "undo"]();
    else if (key === "y") actions.redo();
    else return;
    event.preventDefault();
  }
}
