/** CPU time of this process, user and system, in seconds: other work on the machine disturbs it little. */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

/** Wall time in milliseconds, for what a person waits for. */
export function milliseconds(work: () => void): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** The value that this part (0..1) of the values does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function repeated<Value>(times: number, measure: () => Value): readonly Value[] {
  return Array.from({ length: times }, measure);
}

const SLOTS = 1 << 22;

/**
 * The machine's own score, to divide figures of other machines by: inserts of pseudo-random 64-bit fingerprints into an
 * open-addressing table of 32 MB, a CPU second. Memory-bound, as any search over many states is.
 */
export function kernelScore(): number {
  const table = new Int32Array(2 * SLOTS);
  table.fill(1).fill(0); // so that the pages are there before the clock runs
  const inserts = 2_000_000;
  let state = 12345;
  const seconds = cpuSeconds(() => {
    for (let i = 0; i < inserts; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      const low = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
      const high = Math.imul(low ^ (low >>> 12), 0x297a2d39) | 1;
      let at = (low ^ (low >>> 16)) & (SLOTS - 1);
      while (table[2 * at + 1] !== 0) at = (at + 1) & (SLOTS - 1);
      table[2 * at] = low;
      table[2 * at + 1] = high;
    }
  });
  return inserts / seconds;
}
