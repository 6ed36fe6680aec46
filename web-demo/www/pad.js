// One pad: its drawing, the tools that belong to it alone, and what the network makes of it.

import { CellEditor, SIDE as CELLS } from "./cells.js";
import { button, element, square } from "./dom.js";
import { Drawing, GRID, greyBase, imageBase, paint } from "./drawing.js";
import { Digit, Notice } from "./engine.js";
import { Bars, SeenImage } from "./seen.js";
import { notices, pad as texts, sides } from "./strings.js";

/** Points closer than this on the grid add nothing to a stroke. */
const LEAST_STEP = 14;
/** Longer side, in pixels, to which larger pictures are scaled when they come in: preparation works at that size. */
const IMAGE_SIDE = 1024;
const MOST_IMAGE_BYTES = 50_000_000;
/** `PointerEvent.buttons` of a pen's eraser end. */
const PEN_ERASER = 32;

export class Pad {
  drawing = new Drawing();
  /** The prepared digit; undefined while there is no ink. */
  digit = undefined;
  #number;
  #brush;
  #changed;
  #stale = true;
  #context;
  #stroke = null;
  #editor;
  #buttons = {};
  #seen;
  #bars;

  /** `brush()` gives `{width, erases}`; `changed()` is called after every change; `tell(notice)` shows a sentence. */
  constructor(number, { brush, changed, tell }) {
    this.#number = number;
    this.#brush = brush;
    this.#changed = () => {
      this.#stale = true;
      changed();
    };
    this.tell = tell;
    this.#seen = new SeenImage(number);
    this.#bars = new Bars(number);
    this.#editor = new CellEditor(number, (pixels) => this.#setCells(pixels));
    this.root = element("section", { class: "pad", "aria-label": sides[number] });
    this.root.append(element("h2", {}, sides[number]), this.#board(), this.#editor.hint, this.#tools());
    this.root.append(element("div", { class: "findings" }, this.#seen.root, this.#bars.root));
    new ResizeObserver(() => this.#fit()).observe(this.canvas);
  }

  get state() {
    return this.drawing.state;
  }

  /** Replaces what is drawn, as one step that can be undone. */
  load(state) {
    this.drawing.change(state);
    this.#afterChange();
  }

  /** Prepares the drawing anew if it changed, and shows what the network sees of it; `measure` times the work. */
  prepare(measure) {
    if (!this.#stale) return;
    this.#stale = false;
    this.digit?.free();
    this.digit = undefined;
    const picture = this.drawing.picture();
    if (picture !== null) {
      const { width, height } = picture.canvas;
      const { data } = picture.getImageData(0, 0, width, height);
      this.digit = measure(() => Digit.prepare(width, height, new Uint8Array(data.buffer)));
    }
    this.#seen.show(this.digit);
  }

  /** Shows the ten probabilities of this digit, or none. */
  showProbabilities(probabilities) {
    this.#bars.show(probabilities);
    let reading = texts.empty;
    if (probabilities !== undefined) {
      const digit = probabilities.indexOf(Math.max(...probabilities));
      reading = texts.readsAs(digit, probabilities[digit]);
    }
    this.canvas.setAttribute("aria-label", texts.canvas(this.#number, reading));
  }

  /** Paints drawing and crop onto the screen. */
  paint() {
    this.root.classList.toggle("is-empty", this.drawing.isEmpty);
    paint(this.#context, this.state);
    if (this.digit !== undefined && this.#stroke === null) this.#paintCrop();
  }

  /** The picture that was prepared, as a PNG that `infer compare` reads to the same answer; null for an empty pad. */
  async png() {
    const picture = this.drawing.picture();
    if (picture === null) return null;
    return new Promise((resolve) => picture.canvas.toBlob(resolve, "image/png"));
  }

  /** Takes a picture that was dropped, pasted or chosen. */
  async takeImage(blob, name) {
    try {
      this.load({ base: await decoded(blob, name), strokes: [] });
    } catch (fault) {
      if (!(fault instanceof Notice)) throw fault;
      this.tell(fault.message);
    }
  }

  #board() {
    const [canvas, context] = square(GRID / 16);
    this.canvas = canvas;
    this.#context = context;
    canvas.setAttribute("role", "img");
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#lift(event));
    }
    const invitation = element("p", { class: "invitation", "aria-hidden": "true" }, texts.invitation);
    const board = element("div", { class: "board" }, canvas, invitation, this.#editor.grid);
    board.addEventListener("dragover", (event) => event.preventDefault());
    board.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file !== undefined) this.takeImage(file, file.name);
    });
    return board;
  }

  #tools() {
    const make = (name, onclick, attributes = {}) => {
      const label = texts.ofSide(texts[name], this.#number);
      this.#buttons[name] = button(texts[name], { onclick, "aria-label": label, "data-tool": name, ...attributes });
      return this.#buttons[name];
    };
    const file = element("input", { type: "file", accept: "image/*", hidden: true });
    file.addEventListener("change", () => {
      if (file.files[0] !== undefined) this.takeImage(file.files[0], file.files[0].name);
      file.value = "";
    });
    const step = (work) => () => {
      work();
      this.#afterChange();
    };
    const buttons = [
      make("undo", step(() => this.drawing.undo())),
      make("redo", step(() => this.drawing.redo())),
      make("clear", step(() => this.drawing.clear())),
      make("image", () => file.click()),
      make("cells", () => this.#toggleCells(), { "aria-pressed": "false" }),
    ];
    this.#enableButtons();
    return element("div", { class: "pad-tools", role: "group", "aria-label": sides[this.#number] }, ...buttons, file);
  }

  #enableButtons() {
    // A disabled button would lose the focus of whoever has just pressed it.
    this.#buttons.undo.setAttribute("aria-disabled", String(!this.drawing.canUndo));
    this.#buttons.redo.setAttribute("aria-disabled", String(!this.drawing.canRedo));
    this.#buttons.clear.setAttribute("aria-disabled", String(this.drawing.isEmpty));
  }

  #afterChange() {
    this.#enableButtons();
    if (this.#editsCells && this.state.base?.side !== CELLS) this.#startCells();
    else if (this.#editsCells) this.#editor.show(this.state.base.pixels);
    this.#changed();
  }

  get #editsCells() {
    return this.root.classList.contains("edits-cells");
  }

  #toggleCells() {
    const edits = this.root.classList.toggle("edits-cells");
    this.#buttons.cells.setAttribute("aria-pressed", String(edits));
    if (!edits) return;
    this.#startCells();
    this.#editor.focus();
  }

  /** The editor starts with what the network sees. Nothing is drawn until a cell is. */
  #startCells() {
    const { base, strokes } = this.state;
    if (base?.side === CELLS && strokes.length === 0) return this.#editor.show(base.pixels);
    const seen = this.drawing.isEmpty ? undefined : this.digit?.pixels;
    this.#editor.show(seen ? Uint8Array.from(seen, Math.round) : new Uint8Array(CELLS * CELLS));
  }

  #setCells(pixels) {
    const inked = pixels.some((ink) => ink > 0);
    this.drawing.change({ base: inked ? greyBase(CELLS, pixels) : null, strokes: [] });
    this.#enableButtons();
    this.#changed();
  }

  #press(event) {
    if (this.#stroke !== null || (event.button > 0 && !(event.buttons & PEN_ERASER))) return;
    event.preventDefault();
    const { erases } = this.#brush();
    if (this.state.base?.kind === "image") this.#redrawImage();
    const stroke = { erases: erases || (event.buttons & PEN_ERASER) > 0, points: [], pointer: event.pointerId };
    if (!this.drawing.begin(stroke)) return;
    this.#stroke = stroke;
    this.canvas.setPointerCapture(event.pointerId);
    this.#add(event);
  }

  /** Strokes go over the digit as prepared, white on black, whatever the picture's paper was. */
  #redrawImage() {
    const pixels = this.digit?.mnistPixels;
    this.drawing.change({ base: pixels ? greyBase(28, pixels) : null, strokes: [] });
  }

  #move(event) {
    if (this.#stroke?.pointer !== event.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length > 0 ? all : [event]) this.#add(each);
  }

  #add(event) {
    const { points } = this.#stroke;
    if (points.length / 3 >= this.#stroke.room) return;
    const area = this.canvas.getBoundingClientRect();
    const onGrid = (share) => Math.min(GRID - 1, Math.max(0, Math.round(share * GRID)));
    const x = onGrid((event.clientX - area.left) / area.width);
    const y = onGrid((event.clientY - area.top) / area.height);
    if (points.length > 0 && Math.hypot(x - points.at(-3), y - points.at(-2)) < LEAST_STEP) return;
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? 0.4 + 1.2 * event.pressure : 1;
    points.push(x, y, Math.max(1, onGrid((this.#brush().width * pressure) / GRID)));
    this.#changed();
  }

  #lift(event) {
    if (this.#stroke?.pointer !== event.pointerId) return;
    this.#stroke = null;
    this.#afterChange();
  }

  #fit() {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    if (side === 0 || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side;
    this.paint();
  }

  #paintCrop() {
    const { width, height } = this.drawing.picture()?.canvas ?? {};
    if (width === undefined) return;
    const [context, side] = [this.#context, this.canvas.width];
    const scale = side / Math.max(width, height);
    const [left, top, across, down] = this.digit.tightBox;
    context.save();
    context.lineWidth = side / 200;
    context.strokeStyle = "#5ad1ff";
    context.setLineDash([side / 40, side / 50]);
    const x = (side - width * scale) / 2 + left * scale;
    const y = (side - height * scale) / 2 + top * scale;
    context.strokeRect(x, y, across * scale, down * scale);
    context.restore();
  }
}

async function decoded(blob, name) {
  if (blob.size > MOST_IMAGE_BYTES) throw new Notice(notices.imageTooLarge(name));
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw new Notice(notices.imageRefused(name));
  }
  const scale = Math.min(1, IMAGE_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = element("canvas", {
    width: Math.max(1, Math.round(bitmap.width * scale)),
    height: Math.max(1, Math.round(bitmap.height * scale)),
  });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return imageBase(canvas, context);
}
