/** Sees to it that one tab at a time writes a run. */
export interface RunLocks {
  /** Null: another tab has the run. */
  acquire(run: string): Promise<RunLock | null>;
}

export interface RunLock {
  readonly run: string;
  release(): void;
}

/** A page that is being left may still hold the run when its successor asks: it is given so long to let go. */
const PATIENCE_MS = 1_500;

/**
 * On Web Locks. Where there are none (a page not served over https), every tab gets the run: the store then tells a writer
 * that another one has taken it over.
 */
export function createRunLocks(locks: LockManager | undefined): RunLocks {
  return {
    acquire(run) {
      if (locks === undefined) return Promise.resolve({ run, release: () => undefined });
      return new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const held = () =>
          new Promise<void>((release) => {
            resolve({ run, release });
          });
        locks.request(`blackstart run ${run}`, { signal }, held).catch((error: unknown) => {
          if (signal.aborted) resolve(null);
          else reject(error);
        });
      });
    },
  };
}
