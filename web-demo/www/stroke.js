// Strokes: from pointers on a canvas to points on the drawing's grid.

import { GRID, roomOf } from "./sheet.js";

/** Points closer than this on the grid add nothing to a stroke. */
const LEAST_STEP = 14;
/** `PointerEvent.buttons` of a pen's eraser end. */
const PEN_ERASER = 32;

/** Follows one pointer at a time. */
export class StrokePen {
  #canvas;
  #owner;
  /** The stroke under way: its points, its pointer, the pad's rectangle on the page and the points left. */
  #stroke = null;

  /**
   * `owner.brush()` gives `{width, erases}`; `owner.begin(stroke)` adds a stroke to the drawing and gives the points that
   * it has room for; `owner.grew()`, `owner.filled()` and `owner.ended()` tell what became of it.
   */
  constructor(canvas, owner) {
    this.#canvas = canvas;
    this.#owner = owner;
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#lift(event));
    }
  }

  get isDown() {
    return this.#stroke !== null;
  }

  /** Ends the stroke under way, as it is. */
  cancel() {
    if (this.#stroke === null) return;
    const { pointer } = this.#stroke;
    this.#stroke = null;
    if (this.#canvas.hasPointerCapture(pointer)) this.#canvas.releasePointerCapture(pointer);
    this.#owner.ended();
  }

  #press(event) {
    if (this.#stroke !== null || (event.button > 0 && !(event.buttons & PEN_ERASER))) return;
    event.preventDefault();
    const erases = this.#owner.brush().erases || (event.buttons & PEN_ERASER) > 0;
    const points = [];
    const room = this.#owner.begin({ erases, points });
    if (room === 0) return this.#owner.filled();
    this.#stroke = { points, pointer: event.pointerId, area: this.#area(), room };
    this.#canvas.setPointerCapture(event.pointerId);
    this.#add(event);
  }

  /** The pad's rectangle on the page, read once a stroke: whatever else moves, a line stays as it was drawn. */
  #area() {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { left: left + window.scrollX, top: top + window.scrollY, width, height };
  }

  #move(event) {
    if (this.#stroke?.pointer !== event.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length > 0 ? all : [event]) this.#add(each);
  }

  #add(event) {
    const { points, area, room } = this.#stroke;
    if (points.length / 3 >= room) return;
    const onGrid = (share) => Math.min(GRID - 1, Math.max(0, Math.round(share * GRID)));
    const x = onGrid((event.pageX - area.left) / area.width);
    const y = onGrid((event.pageY - area.top) / area.height);
    if (points.length > 0 && Math.hypot(x - points.at(-3), y - points.at(-2)) < LEAST_STEP) return;
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? 0.4 + 1.2 * event.pressure : 1;
    points.push(x, y, Math.max(1, onGrid((this.#owner.brush().width * pressure) / GRID)));
    this.#owner.grew();
    if (points.length / 3 === room) this.#owner.filled();
  }

  #lift(event) {
    if (this.#stroke?.pointer !== event.pointerId) return;
    this.#stroke = null;
    this.#owner.ended();
  }
}

/** Adds a stroke to a state; the state as it was, if it is full. */
export function withStroke(state, stroke) {
  return roomOf(state) === 0 ? state : { base: state.base, strokes: [...state.strokes, stroke] };
}
