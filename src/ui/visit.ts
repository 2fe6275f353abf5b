import { create } from "zustand";

/** Where a run that plays by itself was entered, so that what lies before can be offered. */
interface Visit {
  readonly run: string | null;
  /** 0: at its beginning. */
  readonly entered: number;
}

export const useVisit = create<Visit>(() => ({ run: null, entered: 0 }));
