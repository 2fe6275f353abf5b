import type { DiskFrame } from "#sim/frame.ts";

// Which pending effects a crash keeps, chosen one by one. A choice is closed: what a kept effect needs is kept too.

export type Effect = DiskFrame["pending"][number];
export type Rule = Effect["why"][number]["rule"];
/** What a choice needs to know of an effect. */
export type Bound = Pick<Effect, "sequence" | "needs" | "why">;

/** An effect that was kept or dropped because of another one. */
export interface Followed {
  readonly sequence: number;
  /** The effect that it followed: one that needs it (kept), or one that it needs (dropped). */
  readonly because: number;
  /** Null: the disk did not say. */
  readonly rule: Rule | null;
}

export interface Change {
  readonly kept: ReadonlySet<number>;
  /** What changed besides that which was asked for, nearest first. */
  readonly followed: readonly Followed[];
}

/** Keeps these effects, and all that they need. */
export function keepEffects(
  effects: readonly Bound[],
  kept: ReadonlySet<number>,
  wanted: readonly number[],
): Change {
  const byNumber = new Map(effects.map((effect) => [effect.sequence, effect]));
  const now = new Set(kept);
  const followed: Followed[] = [];
  const fresh = wanted.filter((sequence) => byNumber.has(sequence) && !now.has(sequence));
  for (const sequence of fresh) now.add(sequence);
  const waiting = fresh.map((sequence) => byNumber.get(sequence));
  for (const effect of waiting) {
    for (const need of effect?.needs ?? []) {
      const needed = byNumber.get(need);
      if (effect === undefined || needed === undefined || now.has(need)) continue;
      now.add(need);
      waiting.push(needed);
      followed.push({ sequence: need, because: effect.sequence, rule: ruleOf(effect, need) });
    }
  }
  return { kept: now, followed };
}

/** Drops these effects, and all that need them. */
export function dropEffects(
  effects: readonly Bound[],
  kept: ReadonlySet<number>,
  unwanted: readonly number[],
): Change {
  const dependents = dependentsByNeed(effects);
  const now = new Set(kept);
  const followed: Followed[] = [];
  const waiting = [...unwanted];
  for (const sequence of waiting) now.delete(sequence);
  for (const sequence of waiting) {
    for (const dependent of dependents.get(sequence) ?? []) {
      if (!now.delete(dependent.sequence)) continue;
      waiting.push(dependent.sequence);
      const rule = ruleOf(dependent, sequence);
      followed.push({ sequence: dependent.sequence, because: sequence, rule });
    }
  }
  return { kept: now, followed };
}

/** These effects and all that must survive if they do. */
export function closureOf(
  effects: readonly Bound[],
  sequences: readonly number[],
): ReadonlySet<number> {
  return keepEffects(effects, new Set(), sequences).kept;
}

/** These effects and all that is lost along with them. */
export function dependentsOf(
  effects: readonly Bound[],
  sequences: readonly number[],
): ReadonlySet<number> {
  const all = new Set(effects.map(({ sequence }) => sequence));
  const { kept } = dropEffects(effects, all, sequences);
  return new Set([...all].filter((sequence) => !kept.has(sequence)));
}

/** What is left of a choice once the disk has gone on: the largest part that is still pending and still closed. */
export function choiceLeft(
  effects: readonly Bound[],
  kept: ReadonlySet<number>,
): ReadonlySet<number> {
  const all = effects.map(({ sequence }) => sequence);
  const gone = all.filter((sequence) => !kept.has(sequence));
  return dropEffects(effects, new Set(all), gone).kept;
}

/** Does a crash that keeps exactly these obey the rules? */
export function isClosed(effects: readonly Bound[], kept: ReadonlySet<number>): boolean {
  const pending = new Set(effects.map(({ sequence }) => sequence));
  return effects.every(
    ({ sequence, needs }) =>
      !kept.has(sequence) || needs.every((need) => kept.has(need) || !pending.has(need)),
  );
}

function ruleOf(effect: Bound, need: number): Rule | null {
  return effect.why.find(({ sequence }) => sequence === need)?.rule ?? null;
}

function dependentsByNeed(effects: readonly Bound[]): ReadonlyMap<number, readonly Bound[]> {
  const dependents = new Map<number, Bound[]>();
  for (const effect of effects) {
    for (const need of effect.needs) {
      const known = dependents.get(need);
      if (known === undefined) dependents.set(need, [effect]);
      else known.push(effect);
    }
  }
  return dependents;
}
