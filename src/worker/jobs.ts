/** Work that takes its time, on behalf of a request. */
export interface Job {
  readonly id: number;
  /** A newer request has made this one pointless: stop, and say nothing more. */
  readonly superseded: boolean;
}

export interface Jobs {
  /**
   * One after the other: what was asked first is done when the next begins. When nothing is being done the work begins at
   * once, before this returns. Settles when the work is done.
   */
  enqueue(id: number, work: (job: Job) => Promise<void>): Promise<void>;
  /** Ends the one that is being done and all that wait. */
  supersede(): void;
}

/** `onSuperseded` is told of each job that ends so. */
export function createJobs(onSuperseded: (id: number) => void): Jobs {
  let open: readonly { readonly id: number; superseded: boolean }[] = [];
  let unfinished = 0;
  let tail: Promise<unknown> = Promise.resolve();

  return {
    enqueue(id, work) {
      const job = { id, superseded: false };
      const start = async () => {
        if (!job.superseded) await work(job);
      };
      open = [...open, job];
      unfinished += 1;
      const done = (unfinished === 1 ? start() : tail.then(start)).finally(() => {
        unfinished -= 1;
        open = open.filter((each) => each !== job);
      });
      // One that fails has its own listener, and does not hold up the next.
      tail = done.catch(() => undefined);
      return done;
    },
    supersede() {
      for (const job of open) {
        job.superseded = true;
        onSuperseded(job.id);
      }
      open = [];
    },
  };
}
