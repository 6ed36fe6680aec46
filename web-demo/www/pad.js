// One pad: its board, the tools that belong to it alone, and what the network makes of it.

import { CellEditor, SIDE as CELLS } from "./cells.js";
import { button, element, setAttribute } from "./dom.js";
import { Painting, Picture, greyBase } from "./drawing.js";
import { Digit } from "./engine.js";
import { EMPTY, isEmpty, roomOf } from "./sheet.js";
import { StrokePen, withStroke } from "./stroke.js";
import { cells as cellTexts, notices, pad as texts } from "./strings.js";

export class Pad {
  /** The prepared digit; undefined while there is none. */
  digit = undefined;
  /** "empty", "unreadable" where there is ink and no digit, or "digit". */
  holds = "empty";
  /** How often somebody drew on it: strokes and edits of cells. */
  edits = 0;
  #number;
  #page;
  #prepared = null;
  #picture = new Picture();
  #context;
  #painting;
  #pen;
  #editor;
  /** The state that the cell editor shows; null while it does not show what the network sees of it. */
  #inEditor = null;
  /** What the canvas shows: it is painted when one of these changes. */
  #painted = [];
  #buttons = {};

  /**
   * `page.sheet` holds the drawings; `page.brush()` gives `{width, erases}`; `page.changed()` is called after every
   * change; `page.tell(notice)` shows a sentence; `page.take(files, pad)` takes pictures.
   */
  constructor(root, number, page) {
    this.root = root;
    this.board = root.querySelector(".board");
    this.canvas = root.querySelector("canvas");
    this.#number = number;
    this.#page = page;
    this.#context = this.canvas.getContext("2d");
    this.#painting = new Painting(this.#context);
    this.#editor = new CellEditor(number, (pixels, isNewStep) => this.#setCells(pixels, isNewStep));
    this.board.append(this.#editor.grid);
    this.#pen = new StrokePen(this.canvas, this);
    this.#addTools();
    new ResizeObserver(() => this.#fit()).observe(this.canvas);
  }

  get state() {
    return this.#page.sheet.states[this.#number];
  }

  get isEmpty() {
    return isEmpty(this.state);
  }

  /** Whether a stroke or a drag over cells is under way. */
  get isDrawing() {
    return this.#pen.isDown || this.#editor.isDragging;
  }

  /** Ends what is under way, as it is. */
  endDrawing() {
    this.#pen.cancel();
    this.#editor.endDrag();
  }

  /** Replaces what is drawn, as one step that can be undone. */
  load(state) {
    this.endDrawing();
    this.#page.sheet.changeSide(this.#number, state);
    this.#page.changed();
  }

  /** Prepares the drawing anew if it changed; `measure` times the work. True if it did. */
  prepare(measure) {
    const { state } = this;
    const points = state.strokes.at(-1)?.points.length;
    if (this.#prepared?.state === state && this.#prepared.points === points) return false;
    this.#prepared = { state, points };
    this.digit?.free();
    this.digit = undefined;
    this.holds = "empty";
    const picture = this.#picture.of(state);
    if (picture === null) return true;
    const { width, height } = picture.canvas;
    const pixels = new Uint8Array(picture.getImageData(0, 0, width, height).data.buffer);
    this.digit = measure(() => Digit.prepare(width, height, pixels, !this.#pen.isDown));
    if (this.digit !== undefined) this.holds = "digit";
    else if (state.base?.kind === "image" || !Digit.isBlank(pixels)) this.holds = "unreadable";
    return true;
  }

  /** Says for people who do not see it what the drawing is read as. */
  describe(reading) {
    setAttribute(this.canvas, "aria-label", texts.canvas(this.#number, reading));
  }

  /** Paints drawing and crop onto the screen, and follows the drawing with the editor. */
  paint() {
    this.root.classList.toggle("is-empty", this.isEmpty);
    this.root.classList.toggle("is-example", this.state.isExample === true);
    setAttribute(this.#buttons.clear, "aria-disabled", this.isEmpty);
    this.#follow();
    const { state } = this;
    const shown = [state, state.strokes.at(-1)?.points.length, this.digit, this.#pen.isDown, this.canvas.width];
    if (shown.every((part, at) => part === this.#painted[at])) return;
    this.#painted = shown;
    this.#painting.show(state);
    if (this.digit !== undefined && !this.#pen.isDown) this.#paintCrop();
  }

  /** The picture that was prepared, as a PNG that `infer compare` reads to the same answer; null for an empty pad. */
  async png() {
    const picture = this.#picture.of(this.state);
    if (picture === null) return null;
    return new Promise((resolve) => picture.canvas.toBlob(resolve, "image/png"));
  }

  brush() {
    return this.#page.brush();
  }

  /** Adds a stroke that begins; the points that it has room for. Strokes go over pictures as prepared, white on black. */
  begin(stroke) {
    let { state } = this;
    if (state.isExample) state = EMPTY;
    if (state.base?.kind === "image") {
      const pixels = this.digit?.mnistPixels;
      state = { base: pixels ? greyBase(28, pixels) : null, strokes: [] };
    }
    const room = roomOf(state);
    if (room === 0) return 0;
    this.edits += 1;
    this.#page.sheet.changeSide(this.#number, withStroke(state, stroke));
    return room;
  }

  grew() {
    this.#page.changed();
  }

  filled() {
    this.#page.tell(notices.drawingFull(this.#number));
  }

  ended() {
    // Digits in a pad are counted when the pen is lifted.
    this.#prepared = null;
    this.#page.changed();
  }

  #addTools() {
    const make = (name, onclick, attributes = {}) => {
      const label = texts.ofSide(texts[name], this.#number);
      this.#buttons[name] = button(texts[name], { onclick, "aria-label": label, "data-tool": name, ...attributes });
      return this.#buttons[name];
    };
    const file = element("input", { type: "file", accept: "image/*", hidden: true });
    file.addEventListener("change", () => {
      if (file.files[0] !== undefined) this.#page.take([file.files[0]], this);
      file.value = "";
    });
    this.root.querySelector(".pad-tools").append(
      make("clear", () => this.isEmpty || this.load(EMPTY)),
      make("image", () => file.click()),
      make("cells", () => this.#toggleCells(), { "aria-pressed": "false" }),
      file,
    );
  }

  get #editsCells() {
    return this.root.classList.contains("edits-cells");
  }

  #toggleCells() {
    const edits = this.root.classList.toggle("edits-cells");
    this.#buttons.cells.setAttribute("aria-pressed", String(edits));
    if (!edits) return;
    this.#inEditor = null;
    this.#follow();
    this.#editor.focus();
    this.#page.tell(cellTexts.hint);
  }

  /** Shows in the editor what was changed elsewhere: what the network sees of it. Nothing is drawn until a cell is. */
  #follow() {
    const { state } = this;
    if (!this.#editsCells || state === this.#inEditor) return;
    const { base, strokes } = state;
    const isCells = base?.side === CELLS && strokes.length === 0;
    const isPrepared = this.#prepared?.state === state;
    const seen = isCells ? base.pixels : isPrepared ? this.digit?.pixels : undefined;
    // What is not prepared yet is shown once it is.
    this.#inEditor = seen !== undefined || this.isEmpty ? state : null;
    this.#editor.show(seen ? Uint8Array.from(seen, Math.round) : new Uint8Array(CELLS * CELLS));
  }

  #setCells(pixels, isNewStep) {
    const inked = pixels.some((ink) => ink > 0);
    const state = { base: inked ? greyBase(CELLS, pixels) : null, strokes: [] };
    this.edits += 1;
    this.#inEditor = state;
    if (isNewStep) this.#page.sheet.changeSide(this.#number, state);
    else this.#page.sheet.amendSide(this.#number, state);
    this.#page.changed();
  }

  #fit() {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    if (side === 0 || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side;
    this.paint();
  }

  #paintCrop() {
    const { width, height } = this.#picture.of(this.state)?.canvas ?? {};
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
