import type { DiskFrame } from "#sim/frame.ts";
import type { Effect, Rule } from "./disk-choice.ts";

/**
 * Pending effects, one a word: "3<1,2" is #3, which needs #1 and #2. Each is a byte of one file, a second after the other.
 */
export function pending(text: string, rule: Rule = "same-cell"): readonly Effect[] {
  return text.split(" ").map((word): Effect => {
    const [own = "", others] = word.split("<");
    const sequence = Number(own);
    const needs = (others?.split(",") ?? []).map(Number);
    return {
      sequence,
      path: "A/wal",
      kind: "data",
      text: `byte ${sequence}`,
      offset: sequence,
      length: 1,
      since: sequence * 1_000_000,
      needs,
      why: needs.map((need) => ({ sequence: need, rule })),
      forsworn: false,
      forced: false,
    };
  });
}

type Sector = DiskFrame["files"][number]["pages"][number]["sectors"][number];

export function sector(number: number, changes: Partial<Sector> = {}): Sector {
  return { sector: number, state: "durable", versions: 1, pending: [], ...changes };
}
