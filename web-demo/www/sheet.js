// Both drawings with one history, so that undoing goes back through what was done, on whichever pad.
//
// A drawing's state is `{base, strokes}`: an optional picture and the strokes over it. Coordinates and widths are whole
// numbers on a grid of GRID x GRID over the pad, so that a shared link holds exactly what was drawn.

/** Steps across the pad. */
export const GRID = 4096;
/** Most strokes of a drawing, and most points of all of them together. */
export const MOST_STROKES = 200;
export const MOST_POINTS = 4000;

const MOST_STEPS = 200;

export const EMPTY = Object.freeze({ base: null, strokes: Object.freeze([]) });

export const isEmpty = ({ base, strokes }) => base === null && strokes.length === 0;

export class Sheet {
  #steps = [[EMPTY, EMPTY]];
  #at = 0;

  /** The states of both drawings. */
  get states() {
    return this.#steps[this.#at];
  }

  get canUndo() {
    return this.#at > 0;
  }

  get canRedo() {
    return this.#at + 1 < this.#steps.length;
  }

  /** Makes other states the current ones, to be undone in one step. */
  change(states) {
    this.#steps.splice(this.#at + 1);
    this.#steps.push(states);
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
    this.#at = this.#steps.length - 1;
  }

  /** The same for one drawing. */
  changeSide(side, state) {
    this.change(this.#with(side, state));
  }

  /** Replaces one drawing without a step of its own: it belongs to the last one. */
  amendSide(side, state) {
    this.#steps[this.#at] = this.#with(side, state);
  }

  /** Replaces both drawings and forgets the history. */
  restart(states) {
    this.#steps = [states];
    this.#at = 0;
  }

  /** Goes one step back; false at the start. */
  undo() {
    if (!this.canUndo) return false;
    this.#at -= 1;
    return true;
  }

  /** Goes one step forth; false at the end. */
  redo() {
    if (!this.canRedo) return false;
    this.#at += 1;
    return true;
  }

  #with(side, state) {
    return this.states.map((each, number) => (number === side ? state : each));
  }
}

/** How many points a state still takes; 0 when it is full. */
export function roomOf({ strokes }) {
  if (strokes.length >= MOST_STROKES) return 0;
  return Math.max(0, MOST_POINTS - strokes.reduce((sum, each) => sum + each.points.length / 3, 0));
}
