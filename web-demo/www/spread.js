// Work for the eye alone, done between frames while somebody draws, so that it never keeps the pen waiting.

/** Milliseconds that must be left before the next frame for a step to begin. */
const LEAST_LEFT = 3;
/** Steps between two frames: the next frame has to paint what they changed. */
const MOST_STEPS = 2;
/** Milliseconds after which a step is done however busy the frames are. */
const MOST_WAIT = 100;

/** Calls `work` when nothing else is to be done; where a browser cannot tell, soon. */
const whenIdle = (work) => {
  if ("requestIdleCallback" in window) return requestIdleCallback(work, { timeout: MOST_WAIT });
  return setTimeout(() => work({ didTimeout: true, timeRemaining: () => 0 }));
};

/** Steps of work, one after the other, and what comes after them. */
export class Spread {
  #steps = [];
  #next = null;
  #isAsked = false;
  #failed;

  /** `failed(fault)` is told what goes wrong in a step; the steps after it are dropped. */
  constructor(failed) {
    this.#failed = failed;
  }

  /**
   * Does the steps that `begin()` lists between the next frames. It is called once the steps before are done, so that what is
   * shown is always whole; of several that wait for that only the last is.
   */
  later(begin) {
    this.#next = begin;
    this.#ask();
  }

  /** Does the steps that `begin()` lists at once, in place of all others. */
  now(begin) {
    this.forget();
    this.#steps = [];
    for (const step of begin()) step();
  }

  /** Drops what has not begun. */
  forget() {
    this.#next = null;
  }

  #ask() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    whenIdle((deadline) => {
      this.#isAsked = false;
      try {
        this.#work(deadline);
      } catch (fault) {
        this.#steps = [];
        this.#failed(fault);
      }
    });
  }

  #work(deadline) {
    let isDue = deadline.didTimeout;
    for (let done = 0; done < MOST_STEPS && (isDue || deadline.timeRemaining() > LEAST_LEFT); done += 1) {
      isDue = false;
      if (this.#steps.length > 0) this.#steps.shift()();
      else if (this.#next === null) return;
      else this.#begin();
    }
    this.#ask();
  }

  #begin() {
    const begin = this.#next;
    this.#next = null;
    this.#steps = begin();
  }
}
