// Times of the last calls, for the page's honest numbers.

const KEPT = 500;

export class Timing {
  #times = [];

  /** Calls `work`, keeps how long it took, and gives what it gave. */
  measure(work) {
    const start = performance.now();
    const result = work();
    this.#times.push(performance.now() - start);
    if (this.#times.length > KEPT) this.#times.shift();
    return result;
  }

  /** Median, 95th percentile (nearest rank) and count, in milliseconds; null before the first call. */
  summary() {
    const sorted = [...this.#times].sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const rank = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return { median: rank(0.5), p95: rank(0.95), count: sorted.length };
  }
}
