import { draw, scale } from "#base/rng.ts";
import type { Plan } from "./faults.ts";

/** Which choices of the tape a run has asked for. */
export interface Tape {
  readonly asked: Set<string>;
}

export function createTape(): Tape {
  return { asked: new Set() };
}

export function cloneTape(tape: Tape): Tape {
  return { asked: new Set(tape.asked) };
}

/** The choice of this name, in [low, high]: from the tape, where it has one, else drawn from seed and name. */
export function choose(tape: Tape, plan: Plan, name: string, low: number, high: number): number {
  const taped = plan.choices[name];
  if (taped !== undefined) {
    tape.asked.add(name);
    return Math.min(high, Math.max(low, taped));
  }
  return low === high ? low : scale(draw(plan.seed, name), low, high);
}

/** The names on the tape that the run never asked for, sorted. */
export function unusedChoices(tape: Tape, plan: Plan): string[] {
  return Object.keys(plan.choices)
    .filter((name) => !tape.asked.has(name))
    .sort();
}
