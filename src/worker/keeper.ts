import type { ToUi } from "./protocol.ts";
import type { Cut, Store, StoreProblem, WriteOptions } from "./store.ts";

/** Saves behind the run's back. */
export interface Keeper {
  /** Something to save. The cut is made when the time has come; a newer one replaces one not yet made. */
  note(cut: () => Cut): void;
  /** Saves what was noted last, or what could not be saved, now, and waits for the medium. */
  checkpoint(): Promise<void>;
  /** The next failure is told, even if it is the same as before: somebody asked to try again. */
  complainAgain(): void;
  /** Forgets what was noted and not yet saved. Settles when nothing is being saved any more. */
  drop(): Promise<void>;
}

export interface KeeperPorts {
  readonly store: Store;
  tell(message: ToUi): void;
  /** Calls `task` after so many milliseconds; returns how to prevent it. */
  later(task: () => void, milliseconds: number): () => void;
  /** Milliseconds since whenever. */
  now(): number;
  /** Another tab has claimed the run. */
  taken(run: string): void;
}

/** Between the first thing noted and its save, unless saving takes long: at most a part of the time is spent on it. */
const DELAY_MS = 150;
const DELAY_MS_MOST = 2_000;
const DELAY_PER_SAVE = 4;
/** After a save, when nothing more was noted: whoever watches has paused. */
const SETTLE_MS = 1_000;

type MakeCut = () => Cut;

export function createKeeper(ports: KeeperPorts): Keeper {
  let noted: MakeCut | null = null;
  /** Saved, but not yet waited for on the medium. */
  let unsettled: MakeCut | null = null;
  let timer: { readonly for: "note" | "settle"; readonly cancel: () => void } | null = null;
  /** The last writer in whose name something was saved; the first save of another takes its run over. */
  let claimed: string | null = null;
  /** How long the last save took. */
  let took = 0;
  let complaint: string | null = null;
  let drops = 0;
  let tail: Promise<void> = Promise.resolve();

  function save(durability: WriteOptions["durability"]): Promise<void> {
    stopTimer();
    tail = tail.then(async () => {
      const make = noted ?? (durability === "strict" ? unsettled : null);
      if (make === null) return;
      noted = null;
      unsettled = durability === "strict" ? null : make;
      const begun = ports.now();
      const dropsBefore = drops;
      const cut = make();
      const claims = cut.writer !== claimed;
      const result = await ports.store.write(cut, { durability, claims });
      took = ports.now() - begun;
      if (result.ok) done(cut);
      else if (result.problem.kind === "taken") ports.taken(cut.run);
      else {
        // Nothing is lost: it is all still in memory, to be saved when there is something newer or somebody asks.
        if (drops === dropsBefore) unsettled = make;
        complain(result.problem);
      }
    });
    return tail;
  }

  function done({ run, writer, step }: Cut): void {
    claimed = writer;
    complaint = null;
    ports.tell({ type: "saved", run, step });
    if (unsettled !== null && timer === null) startTimer("settle");
  }

  /** Once, not at every attempt. */
  function complain({ kind, text }: StoreProblem): void {
    if (text === complaint) return;
    complaint = text;
    const full = kind === "full";
    const sentence = full ? text : `${text} The run goes on, but is not saved.`;
    ports.tell({ type: "storage", text: sentence, ...(full ? { full } : {}) });
  }

  function startTimer(purpose: "note" | "settle"): void {
    const delay = Math.min(DELAY_MS_MOST, Math.max(DELAY_MS, took * DELAY_PER_SAVE));
    const cancel =
      purpose === "note"
        ? ports.later(() => void save("relaxed"), delay)
        : ports.later(() => void save("strict"), SETTLE_MS);
    timer = { for: purpose, cancel };
  }

  function stopTimer(): void {
    timer?.cancel();
    timer = null;
  }

  return {
    note(cut) {
      noted = cut;
      if (timer?.for === "settle") stopTimer();
      if (timer === null) startTimer("note");
    },
    checkpoint: () => save("strict"),
    complainAgain() {
      complaint = null;
    },
    drop() {
      stopTimer();
      drops += 1;
      noted = null;
      unsettled = null;
      return tail;
    },
  };
}
