import { create } from "zustand";
import { FIX_SETS } from "#matrix/fix-sets.ts";
import type { Session, Study } from "#ui/session.ts";
import type { Cell } from "#worker/protocol.ts";

// What is known of the table of fixes. It is of no run, so it is kept whatever is opened meanwhile.

interface CellState {
  /** By fix set: whole rows. */
  readonly rows: Readonly<Record<string, readonly Cell[]>>;
  /** Cells of the row under way that are known; null: nothing is under way. */
  readonly running: number | null;
  /** Why it does not go on, in a sentence. */
  readonly problem: string | null;
}

export const useCells = create<CellState>(() => ({ rows: {}, running: null, problem: null }));

let study: Study<"matrix"> | null = null;

/** Has the rows that are missing run, one after the other. */
export async function runMissing(session: Session): Promise<void> {
  if (study !== null) return;
  for (const { id } of FIX_SETS) {
    if (useCells.getState().rows[id] !== undefined) continue;
    useCells.setState({ running: 0, problem: null });
    const begun = session.study({ type: "matrix", fixSet: id }, "matrix", ({ done }) => {
      if (study === begun) useCells.setState({ running: done });
    });
    study = begun;
    const { found, problem } = await begun.end;
    if (study !== begun) return; // Another has begun since.
    study = null;
    if (found === null) {
      useCells.setState({ running: null, problem });
      return;
    }
    useCells.setState(({ rows }) => ({ rows: { ...rows, [id]: found.cells } }));
  }
  useCells.setState({ running: null });
}

/** What is known stays. */
export function stopRunning(): void {
  study?.cancel();
}
