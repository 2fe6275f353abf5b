import { type Disk, liveImage, minimalImage, pendingCount } from "#disk/disk.ts";
import type { Obligation } from "#raft/types.ts";
import type { DiskContents } from "#system/contract.ts";
import { diskPlanOf } from "./disk-plan.ts";
import { type Inspection, type Machine, machineOf, type Process, type World } from "./world.ts";

interface Read {
  readonly version: number;
  readonly contents: DiskContents;
}

// By disk, not by machine: another disk counts its versions from the start again.
const liveReads = new WeakMap<Disk, Map<string, Read>>();
const durableReads = new WeakMap<Disk, Map<string, Read>>();

/**
 * What the files of a server say to a reader now, and what they would say after the worst crash that the scenario admits:
 * one that keeps nothing unsynced, whatever a lying sync said; after the death of a process, the same as now.
 */
export function inspect(world: World, process: Process): Inspection {
  const machine = machineOf(world, process.machine);
  const written = liveContents(world, machine, process);
  const same = isWritten(machine.disk) || !losesMemory(world, machine);
  return { written, durable: same ? written : durableContents(world, machine, process) };
}

/**
 * Would what a message promises survive such a crash now? Decided on the files. One case is decided without reading them:
 * the design held the message back until now, and the platter holds all that is on the machine; then what it wrote is there.
 */
export function durabilityOf(
  world: World,
  process: Process,
  owed: Obligation,
  wasHeld: boolean,
): "nothing" | "durable" | "not-durable" {
  if (owed.hardState === null && owed.log === null) return "nothing";
  const machine = machineOf(world, process.machine);
  if (wasHeld && isWritten(machine.disk)) return "durable";
  const contents = losesMemory(world, machine)
    ? durableContents(world, machine, process)
    : liveContents(world, machine, process);
  return keeps(contents, owed) ? "durable" : "not-durable";
}

/** Is what is owed in these files? */
export function keeps(contents: DiskContents, owed: Obligation): boolean {
  const { hardState, log } = owed;
  if (hardState !== null) {
    const term = contents.currentTerm ?? 0;
    if (term < hardState.term) return false;
    const vote = hardState.votedFor;
    if (vote !== null && term === hardState.term && contents.votedFor !== vote) return false;
  }
  if (log !== null && log.index > contents.baseIndex) {
    const entry = contents.entries[log.index - contents.baseIndex - 1];
    if (entry === undefined || entry.term !== log.term) return false;
  }
  return true;
}

/** Is the cache no newer than the platter, and the platter sound? */
function isWritten(disk: Disk): boolean {
  const wrongs = disk.forgotten.size + disk.rotten.size + disk.unreadable.size;
  return pendingCount(disk) === 0 && wrongs === 0;
}

/** Does the scenario admit a crash of this machine that takes its page cache? */
function losesMemory(world: World, { id }: Machine): boolean {
  return diskPlanOf(world.plan, id).admits.some((kind) => kind !== "process");
}

function liveContents(world: World, machine: Machine, process: Process): DiskContents {
  return read(liveReads, machine.disk, process, machine.disk.liveVersion, () =>
    world.system.codec.inspect(liveImage(machine.disk), process.directory, world.bugs),
  );
}

function durableContents(world: World, machine: Machine, process: Process): DiskContents {
  return read(durableReads, machine.disk, process, machine.disk.durableVersion, () =>
    world.system.codec.inspect(minimalImage(machine.disk), process.directory, world.bugs),
  );
}

function read(
  reads: WeakMap<Disk, Map<string, Read>>,
  disk: Disk,
  process: Process,
  version: number,
  look: () => DiskContents,
): DiskContents {
  let known = reads.get(disk);
  if (known === undefined) {
    known = new Map();
    reads.set(disk, known);
  }
  const before = known.get(process.id);
  if (before !== undefined && before.version === version) return before.contents;
  const contents = look();
  known.set(process.id, { version, contents });
  return contents;
}
