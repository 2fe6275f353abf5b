import { useMemo, useState } from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { choiceLeft, dropEffects, keepEffects } from "#view/disk-choice.ts";
import { followedText } from "#view/disk-words.ts";

/** What a crash shall keep is being chosen. */
export interface Choosing {
  readonly kept: ReadonlySet<number>;
  /** Why more changed than was asked for, in sentences. */
  readonly told: readonly string[];
  set(effects: readonly number[], keep: boolean): void;
  stop(): void;
}

interface State {
  /** Effects have other numbers on other machines, and for another kind of crash. */
  readonly of: string;
  readonly kept: ReadonlySet<number>;
  readonly told: readonly string[];
}

const NONE: ReadonlySet<number> = new Set();

/** The choice of survivors of a disk; null until it is begun. What is gone from the cache leaves the choice. */
export function useChoosing(disk: DiskFrame | null): {
  readonly choosing: Choosing | null;
  readonly begin: () => void;
} {
  const [state, setState] = useState<State | null>(null);
  const of = disk === null ? "" : `${disk.machine} ${disk.kind}`;
  const pending = disk?.pending;
  const choosing = useMemo((): Choosing | null => {
    if (state === null || pending === undefined) return null;
    const kept = state.of === of ? choiceLeft(pending, state.kept) : NONE;
    return {
      kept,
      told: state.of === of ? state.told : [],
      set(effects, keep) {
        const change = (keep ? keepEffects : dropEffects)(pending, kept, effects);
        const told = change.followed.map((each) => followedText(each, keep));
        setState({ of, kept: change.kept, told });
      },
      stop: () => setState(null),
    };
  }, [state, of, pending]);
  return { choosing, begin: () => setState({ of, kept: NONE, told: [] }) };
}
