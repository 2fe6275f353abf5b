import type { Disk } from "#disk/disk.ts";
import type { Trouble } from "./scene.ts";
import type { Family, Wrong } from "./types.ts";

/** What is wrong, whoever answers for it; and what of it is the same whichever entries and terms it is about. */
export interface Finding extends Omit<Wrong, "family"> {
  readonly reason: string;
}

export type Blamed = Finding & Wrong;

const WEIGHTS: readonly Family[] = ["violation", "assumption-broken", "unavailable-by-design"];

/** What the design is to blame for weighs most. Null: nothing is wrong. */
export function weightiest(families: Iterable<Family>): Family | null {
  const found = new Set(families);
  return WEIGHTS.find((family) => found.has(family)) ?? null;
}

/** For lists: what is worst first, what is good last. */
export function byBadness(a: Family | null, b: Family | null): number {
  return badnessOf(b) - badnessOf(a);
}

function badnessOf(family: Family | null): number {
  return family === null ? 0 : WEIGHTS.length - WEIGHTS.indexOf(family);
}

/** Is something lost by it? To refuse a damaged medium loses nothing. */
export function isLossOf(family: Family | null): boolean {
  return family !== null && family !== "unavailable-by-design";
}

/**
 * Who answers for it. `isForsworn`: it comes about only where effects are lost that a sync had called durable; then no
 * design could have kept them.
 */
export function blamed(
  finding: Finding,
  trouble: Trouble | undefined,
  disk: Disk | undefined,
  isForsworn: boolean,
): Blamed {
  const [family, cause] = verdictOn(finding, trouble, disk, isForsworn);
  const text = cause === null ? finding.text : `${finding.text.slice(0, -1)}; ${cause}.`;
  return { ...finding, text, family };
}

function verdictOn(
  { check }: Finding,
  trouble: Trouble | undefined,
  disk: Disk | undefined,
  isForsworn: boolean,
): readonly [Family, string | null] {
  const damaged = disk !== undefined && (disk.rotten.size > 0 || disk.unreadable.size > 0);
  if (check === "C16" && damaged) {
    return ["unavailable-by-design", "the disk is damaged, and to refuse it is right"];
  }
  const blame = trouble?.blame ?? "own";
  if (isForsworn || blame === "lie") {
    return ["assumption-broken", "but the disk had lied about a sync"];
  }
  if (blame === "swap") return ["assumption-broken", "but the disk was swapped"];
  if (check === "C17" && disk !== undefined && disk.flushing !== "honest") {
    return ["assumption-broken", "but the disk lies about syncs"];
  }
  if (trouble?.careless !== true) {
    if (blame === "lost-write") {
      return ["assumption-broken", "but the disk had lost a write that it had accepted"];
    }
    // Bytes that nobody wrote can be told by a checksum, and so can a damage.
    if (blame === "rot" && check !== "C4") {
      return ["assumption-broken", "but the disk is damaged"];
    }
  }
  if (blame === "dropped") return ["violation", "what is missing shows on the damaged disk"];
  const hasFailed = disk !== undefined && disk.forgotten.size > 0 && blame === "own";
  return ["violation", hasFailed ? "a sync had failed, and what it was to write is lost" : null];
}
