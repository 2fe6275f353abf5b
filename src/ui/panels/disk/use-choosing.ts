import { useMemo, useState } from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { changeUi, useUi } from "#ui/ui-store.ts";
import { choiceLeft, dropEffects, keepEffects } from "#view/disk-choice.ts";
import { followedText } from "#view/disk-words.ts";

/** What a crash shall keep is being chosen. */
export interface Choosing {
  readonly kept: ReadonlySet<number>;
  /** Why more changed than was asked for, in sentences. */
  readonly told: readonly string[];
  set(effects: readonly number[], keep: boolean): void;
}

interface Choice extends Pick<Choosing, "kept" | "told"> {
  /** Effects have other numbers on other machines, and for another kind of crash. */
  readonly of: string;
}

const NONE: ReadonlySet<number> = new Set();

/** The choice of survivors of a disk; null while none is made. What is gone from the cache leaves the choice. */
export function useChoosing({ machine, kind, pending }: DiskFrame): Choosing | null {
  const active = useUi((state) => state.choosing);
  const of = `${machine} ${kind}`;
  const nothing: Choice = { of, kept: NONE, told: [] };
  const forced = useMemo(
    () => new Set(numbersOf(pending.filter((each) => each.forced))),
    [pending],
  );
  const [last, setLast] = useState(nothing);
  const choice = active && last.of === of ? last : nothing;
  const { kept: wanted, told } = choice;
  const kept = useMemo(
    () => choiceLeft(pending, new Set([...wanted, ...forced])),
    [pending, wanted, forced],
  );
  if (!active) return null;
  return {
    kept,
    told,
    set(effects, keep) {
      const free = effects.filter((effect) => !forced.has(effect));
      const change = (keep ? keepEffects : dropEffects)(pending, kept, free);
      const why = change.followed.map((each) => followedText(each, keep));
      setLast({ of, kept: change.kept, told: why });
    },
  };
}

function numbersOf(effects: DiskFrame["pending"]): readonly number[] {
  return effects.map(({ sequence }) => sequence);
}

export function setChoosing(on: boolean): void {
  changeUi((state) => {
    state.choosing = on;
  });
}
