// Parts whose scripts come when they are first used.

/** Milliseconds until a part that did not come is asked for again. */
const PATIENCE = 10_000;

export class Later {
  #load;
  #arrived;
  #failed;
  #coming = null;
  #part = null;

  /** `load()` gives the part; `arrived()` is called when it is there, `failed(fault)` when it does not come. */
  constructor(load, arrived, failed) {
    this.#load = load;
    this.#arrived = arrived;
    this.#failed = failed;
  }

  /** Gives the part to `work`, if it is there. */
  use(work) {
    if (this.#part !== null) return work(this.#part);
    this.#coming ??= this.#load().then(
      (part) => {
        this.#part = part;
        this.#arrived();
      },
      (fault) => {
        setTimeout(() => (this.#coming = null), PATIENCE);
        this.#failed(fault);
      },
    );
  }
}
