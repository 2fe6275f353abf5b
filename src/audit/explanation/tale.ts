import type { Ghost } from "#audit/ghost.ts";
import { legible } from "#base/brief.ts";
import type { ExplanationLine } from "#sim/frame.ts";
import type { Chronicle } from "./chronicle.ts";

/** An explanation in the making: the sentences found so far, of which the weightiest will be told. */
export interface Tale {
  readonly chronicle: Chronicle;
  readonly ghost: Ghost;
  /** Sequence of the breaking observation: what came later explains nothing. */
  readonly until: number;
  /** By the sequence of the observation that the sentence is about. */
  readonly lines: Map<number, TaleLine>;
}

export interface TaleLine {
  readonly weight: number;
  readonly text: string;
}

/** How many sentences an explanation has at most. */
export const LINES_MAX = 12;

export function beginTale(chronicle: Chronicle, ghost: Ghost, until: number): Tale {
  return { chronicle, ghost, until, lines: new Map() };
}

/** Adds a sentence about one observation; of two about the same, the weightier stays. */
export function say(tale: Tale, sequence: number, weight: number, text: string): void {
  if (sequence > tale.until || sequence < 0) return;
  const said = tale.lines.get(sequence);
  if (said === undefined || said.weight < weight) tale.lines.set(sequence, { weight, text });
}

/** The weightiest sentences, oldest first. */
export function endTale({ chronicle, lines }: Tale): ExplanationLine[] {
  return [...lines]
    .sort(([a, { weight: heavy }], [b, { weight }]) => weight - heavy || b - a)
    .slice(0, LINES_MAX)
    .sort(([a], [b]) => a - b)
    .map(([sequence, { text }]) => ({
      step: chronicle.history[sequence]?.step ?? 0,
      text: legible(text),
    }));
}
