// The cell editor: a drawing of 14 x 14 cells made with the keyboard, or by dragging over cells.

import { element } from "./dom.js";
import { cells as texts } from "./strings.js";

export const SIDE = 14;
const INK = 255;
const STEPS = { ArrowUp: -SIDE, ArrowDown: SIDE, ArrowLeft: -1, ArrowRight: 1 };

/**
 * A grid that edits 196 bytes; `changed(pixels, isNewStep)` gets a new array after every edit, and whether it is a step of
 * its own or belongs to the drag under way.
 */
export class CellEditor {
  #pixels = new Uint8Array(SIDE * SIDE);
  #cells = [];
  #at = 0;
  #changed;
  /** The drag under way: its pointer and whether it paints or wipes. */
  #drag = null;

  constructor(number, changed) {
    this.#changed = changed;
    this.grid = element("div", { class: "cells", role: "grid", "aria-label": texts.grid(number) });
    this.grid.addEventListener("keydown", (event) => this.#key(event));
    this.grid.addEventListener("pointerdown", (event) => this.#press(event));
    this.grid.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) this.grid.addEventListener(end, () => this.endDrag());
  }

  get isDragging() {
    return this.#drag !== null;
  }

  /** Ends the drag under way, as it is. */
  endDrag() {
    this.#drag = null;
  }

  /** Shows other pixels, without telling of a change. */
  show(pixels) {
    this.endDrag();
    if (this.#cells.length === 0) this.#build();
    this.#pixels = Uint8Array.from(pixels);
    this.#cells.forEach((_, at) => this.#paint(at));
  }

  focus() {
    this.#cells[this.#at].focus();
  }

  /** The cells, when they are first to be seen: most who draw never ask for them. */
  #build() {
    for (let row = 0; row < SIDE; row += 1) {
      const line = element("div", { role: "row" });
      for (let column = 0; column < SIDE; column += 1) line.append(this.#cell(row * SIDE + column));
      this.grid.append(line);
    }
    this.#enter(7 * SIDE + 7, false);
  }

  #cell(at) {
    const cell = element("div", { role: "gridcell", tabindex: -1 });
    // Assistive technology clicks without a pointer; pointers are followed by the grid.
    cell.addEventListener("click", (event) => {
      if (event.detail === 0) this.#toggle(at);
    });
    this.#cells.push(cell);
    return cell;
  }

  #paint(at) {
    const ink = this.#pixels[at];
    const [row, column] = [Math.floor(at / SIDE), at % SIDE];
    this.#cells[at].style.setProperty("--ink", ink / INK);
    this.#cells[at].setAttribute("aria-label", texts.cell(row + 1, column + 1, ink > 0));
    this.#cells[at].setAttribute("aria-selected", String(ink > 0));
  }

  #set(at, ink, isNewStep = true) {
    this.#pixels[at] = ink;
    this.#paint(at);
    this.#changed(this.#pixels.slice(), isNewStep);
  }

  #toggle(at) {
    this.#enter(at, true);
    this.#set(at, this.#pixels[at] > 0 ? 0 : INK);
  }

  #press(event) {
    const at = this.#cells.indexOf(event.target);
    if (at < 0 || event.button > 0) return;
    event.preventDefault();
    this.#drag = { pointer: event.pointerId, ink: this.#pixels[at] > 0 ? 0 : INK };
    this.#toggle(at);
    this.grid.setPointerCapture(event.pointerId);
  }

  #move(event) {
    if (this.#drag?.pointer !== event.pointerId) return;
    const at = this.#cells.indexOf(document.elementFromPoint(event.clientX, event.clientY));
    if (at < 0 || at === this.#at) return;
    const { ink } = this.#drag;
    for (const each of between(this.#at, at)) if (this.#pixels[each] > 0 !== ink > 0) this.#set(each, ink, false);
    this.#enter(at, true);
  }

  /** One cell is in the order of Tab: the one last used. */
  #enter(at, focus) {
    this.#cells[this.#at].tabIndex = -1;
    this.#at = at;
    this.#cells[at].tabIndex = 0;
    if (focus) this.#cells[at].focus();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const column = this.#at % SIDE;
    if (event.key === " " || event.key === "Enter") this.#toggle(this.#at);
    else if (event.key === "Home") this.#enter(this.#at - column, true);
    else if (event.key === "End") this.#enter(this.#at - column + SIDE - 1, true);
    else if (event.key in STEPS) this.#step(event.key, event.shiftKey);
    else return;
    event.preventDefault();
  }

  #step(key, paints) {
    const column = this.#at % SIDE;
    const atEdge = (key === "ArrowLeft" && column === 0) || (key === "ArrowRight" && column === SIDE - 1);
    const to = this.#at + STEPS[key];
    if (atEdge || to < 0 || to >= SIDE * SIDE) return;
    if (paints && this.#pixels[this.#at] === 0) this.#set(this.#at, INK);
    this.#enter(to, true);
    if (paints && this.#pixels[to] === 0) this.#set(to, INK);
  }
}

/** The cells on the way from one to another: a fast pointer skips some. */
function between(from, to) {
  const [across, down] = [(to % SIDE) - (from % SIDE), Math.floor(to / SIDE) - Math.floor(from / SIDE)];
  const steps = Math.max(Math.abs(across), Math.abs(down));
  const cell = (step) =>
    from + Math.round((step * across) / steps) + SIDE * Math.round((step * down) / steps);
  return Array.from({ length: steps }, (_, step) => cell(step + 1));
}
