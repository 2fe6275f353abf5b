import type { DiskFault } from "#disk/types.ts";
import type { Observation, Observed } from "#sim/observation.ts";

/** What the run has shown of a machine's disk: as much of it as can speak for or against the servers on it. */
export interface DiskRecord {
  /** Files lay on it before the first boot: nobody knows what had happened to them. */
  readonly given: boolean;
  /** Effects that crashes took, and those among them of which a sync had said that they were durable. */
  lost: number;
  forsworn: number;
  swaps: number;
  /** What became of the medium of this disk. */
  readonly faults: MediumFault[];
  /** Where the furthest write into each file began. */
  readonly ends: Map<string, number>;
  /** A call was refused for want of room or by the device, since the machine was booted last. */
  refuses: boolean;
  /** Files whose next write the medium will lose, as the script says. */
  readonly traps: Set<string>;
  /** Files with writes that no sync has covered. */
  readonly dirty: Set<string>;
  /** Files of which the medium has lost a write, and no sync has said yet that it is durable. */
  readonly lossy: Set<string>;
  /** A sync has said of a lost write that it is durable, which no server can know better. */
  swallowed: boolean;
}

export interface MediumFault {
  readonly type: "unreadable" | "rot" | "lost-write";
  readonly file: string;
  readonly offset: number;
}

/** How far a disk's record went at some moment. */
export type Toll = Pick<DiskRecord, "lost" | "forsworn" | "swaps">;

/**
 * Who is to answer for what a server has forgotten. `own`: the server. `swap`, `lie`, `lost-write`: a disk on which no server
 * could have kept it. `rot`: a damage that looks like a write cut short by a power loss. `dropped`: a damage that does not:
 * to start without what was there is the server's doing, even though its disk is at fault.
 */
export type Blame = "own" | "swap" | "lie" | "lost-write" | "rot" | "dropped";

export function createDiskRecord(given = false): DiskRecord {
  return {
    given,
    ...{ lost: 0, forsworn: 0, swaps: 0, refuses: false },
    faults: [],
    ends: new Map(),
    ...{ traps: new Set(), dirty: new Set(), lossy: new Set(), swallowed: false },
  };
}

export function tollOf({ lost, forsworn, swaps }: DiskRecord): Toll {
  return { lost, forsworn, swaps };
}

/** Takes in an observation of this disk's machine. */
export function foldDisk(record: DiskRecord, observation: Observation): void {
  switch (observation.type) {
    case "boot":
      record.refuses = false;
      return;
    case "crash":
      record.lost += observation.lost;
      if (observation.kind !== "process")
        for (const files of [record.dirty, record.lossy]) files.clear();
      return;
    case "forsworn":
      record.forsworn += observation.effects;
      return;
    case "disk-swap":
      record.swaps += 1;
      record.faults.length = 0;
      record.ends.clear();
      for (const files of [record.traps, record.dirty, record.lossy]) files.clear();
      record.swallowed = false;
      return;
    case "disk-fault":
      if (observation.refused === null) addFault(record, observation.fault);
      return;
    case "disk":
      takeCall(record, observation);
      return;
    default:
  }
}

function addFault({ faults, traps }: DiskRecord, fault: DiskFault): void {
  if (fault.type === "lost-write") {
    traps.add(fault.file);
    faults.push({ type: fault.type, file: fault.file, offset: 0 });
  }
  if (fault.type !== "unreadable" && fault.type !== "rot") return;
  faults.push({ type: fault.type, file: fault.file, offset: fault.offset });
}

function takeCall(record: DiskRecord, { errno, op, path }: Observed<"disk">): void {
  if (errno !== null) {
    if (errno === "EIO" || errno === "ENOSPC") record.refuses = true;
    return;
  }
  const { ends, dirty, lossy } = record;
  if (op.type === "sync" || op.type === "data-sync") {
    dirty.delete(path);
    if (lossy.delete(path)) record.swallowed = true;
  } else if (op.type === "write" || op.type === "store") {
    dirty.add(path);
    if (record.traps.delete(path)) lossy.add(path);
    if (op.offset > (ends.get(path) ?? -1)) ends.set(path, op.offset);
  } else if (op.type === "rename") {
    const end = ends.get(op.from);
    ends.delete(op.from);
    if (end === undefined) ends.delete(op.to);
    else ends.set(op.to, end);
    for (const files of [dirty, lossy]) if (files.delete(op.from)) files.add(op.to);
  } else if (op.type === "unlink") {
    for (const files of [ends, dirty, lossy]) files.delete(op.file);
  }
}

/** Has a lost write been called durable, and is nothing else left that no sync covers? */
export function isDeceived({ dirty, swallowed }: DiskRecord): boolean {
  return swallowed && dirty.size === 0;
}

/** Has the medium itself gone wrong? */
export function isDamaged({ faults }: DiskRecord): boolean {
  return faults.length > 0;
}

/**
 * Who answers for what a recovery has lost. `careless`: the server had let a message leave before what it promised was
 * durable; then what a crash took of its unsynced writes explains the loss.
 */
export function blameFor(record: DiskRecord, before: Toll, careless: boolean): Blame {
  if (record.swaps > before.swaps) return "swap";
  const forsworn = record.forsworn - before.forsworn;
  if (careless && record.lost - before.lost > forsworn) return "own";
  if (forsworn > 0) return "lie";
  if (record.faults.some(({ type }) => type === "lost-write")) return "lost-write";
  if (record.faults.length === 0) return "own";
  return record.faults.some((fault) => isPlain(record, fault)) ? "dropped" : "rot";
}

/** Can no honest reader take this damage for the end of a write that power cut short? */
function isPlain({ ends }: DiskRecord, { type, file, offset }: MediumFault): boolean {
  return type === "unreadable" || offset < (ends.get(file) ?? 0);
}
