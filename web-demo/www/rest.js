// Work that waits until nothing has changed for a moment.

/**
 * Does `work` once `milliseconds` have passed without a change. A timer is not set anew at every change: while somebody draws
 * there are many.
 */
export class Rest {
  #milliseconds;
  #work;
  /** When the work is due; infinite while there is none. */
  #due = Infinity;
  #isTimed = false;

  constructor(milliseconds, work) {
    this.#milliseconds = milliseconds;
    this.#work = work;
  }

  /** Something has changed. */
  changed() {
    this.#due = performance.now() + this.#milliseconds;
    this.#time(this.#milliseconds);
  }

  /** Nothing is to be done until the next change. */
  cancel() {
    this.#due = Infinity;
  }

  #time(milliseconds) {
    if (this.#isTimed) return;
    this.#isTimed = true;
    setTimeout(() => this.#look(), milliseconds);
  }

  #look() {
    this.#isTimed = false;
    const left = this.#due - performance.now();
    if (left === Infinity) return;
    if (left > 0) return this.#time(left);
    this.#due = Infinity;
    this.#work();
  }
}
