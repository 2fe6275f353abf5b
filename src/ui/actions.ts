import type { Frame } from "#sim/frame.ts";
import type { Action, CrashKind, DiskFault, Survivors } from "./contract.ts";

// Gestures as actions of the scenario's script. Times are microseconds.

const DOWN = 1_000_000;

/** The machines that host these servers. */
export function machinesOf(frame: Pick<Frame, "machines">, servers: readonly string[]): string[] {
  return frame.machines
    .filter((machine) => machine.servers.some((server) => servers.includes(server)))
    .map(({ id }) => id);
}

export function allMachines(frame: Pick<Frame, "machines">): string[] {
  return frame.machines.map(({ id }) => id);
}

/** All machines at once, in an orderly way: files are as the processes left them. */
export function rebootAll(frame: Pick<Frame, "machines">): Action {
  return restart(allMachines(frame), null);
}

export function restart(
  machines: readonly string[],
  kind: CrashKind | null,
  survivors: Survivors = { type: "none" },
): Action {
  return { type: "restart", machines, kind, survivors, down: DOWN, stagger: 0 };
}

export function crash(
  machines: readonly string[],
  kind: CrashKind,
  survivors: Survivors = { type: "none" },
): Action {
  return { type: "crash", machines, kind, survivors };
}

/** The kernel writes these pending effects, and what they need, to the platter; null: all. */
export function writeBack(machine: string, effects: readonly number[] | null): Action {
  return { type: "write-back", machine, effects };
}

export function diskFault(machine: string, fault: DiskFault): Action {
  return { type: "disk-fault", machine, fault };
}

/** What can go wrong with a disk as a whole, as the menu of a server lists it. */
export interface FaultChoice {
  readonly label: string;
  readonly about: string;
  readonly fault: DiskFault;
}

export const QUICK_FAULTS: readonly FaultChoice[] = [
  {
    label: "The next sync fails",
    about: "fsync answers EIO, once, for whichever file",
    fault: { type: "sync-fails", file: null, count: 1 },
  },
  {
    label: "The next write fails",
    about: "EIO, and nothing changes",
    fault: { type: "write-fails", file: null, errno: "EIO", count: 1 },
  },
  {
    label: "The next file cannot be created",
    about: "Nor renamed: no room in the directory",
    fault: { type: "create-fails", count: 1 },
  },
  {
    label: "The disk is full from now on",
    about: "ENOSPC for whatever needs more room",
    fault: { type: "capacity", bytes: 0 },
  },
  {
    label: "There is room again",
    about: "No limit",
    fault: { type: "capacity", bytes: null },
  },
  {
    label: "Syncs lie from now on",
    about: "They stop at the device's own cache",
    fault: { type: "flushing", flushing: "device" },
  },
  {
    label: "Syncs are honest again",
    about: "They reach the platter",
    fault: { type: "flushing", flushing: "honest" },
  },
];

export function boot(machines: readonly string[]): Action {
  return { type: "boot", machines, stagger: 0 };
}

/** Cuts these servers off from all others. */
export function partition(frame: Pick<Frame, "servers">, servers: readonly string[]): Action {
  const others = frame.servers.map(({ id }) => id).filter((id) => !servers.includes(id));
  return { type: "partition", from: servers, to: others, bothWays: true, cut: true };
}

/** `server` null: whoever leads as far as the client knows. */
export function write(server: string | null, key: string, value: string): Action {
  return {
    type: "client",
    client: "client",
    server,
    operation: "write",
    key,
    value,
    expected: null,
  };
}

/** What can be done to crash machines, as the menus list it. */
export interface CrashChoice {
  readonly label: string;
  readonly about: string;
  readonly kind: CrashKind | null;
  /** Given the step shown, which serves as the draw of a seeded choice. */
  readonly survivors: (step: number) => Survivors;
}

export const CRASHES: readonly CrashChoice[] = [
  {
    label: "Cut the power",
    about: "Nothing that was not flushed survives",
    kind: "power",
    survivors: () => ({ type: "none" }),
  },
  {
    label: "Cut the power, some writes survive",
    about: "Whatever the disk's ordering allows, drawn by chance",
    kind: "power",
    survivors: (step) => ({ type: "seeded", draw: step }),
  },
  {
    label: "Cut the power, all writes survive",
    about: "Everything written had reached the platter",
    kind: "power",
    survivors: () => ({ type: "all" }),
  },
  {
    label: "Crash the operating system",
    about: "The page cache is lost with it",
    kind: "os",
    survivors: () => ({ type: "none" }),
  },
  {
    label: "Kill the process",
    about: "Memory is lost, the page cache stays",
    kind: "process",
    survivors: () => ({ type: "all" }),
  },
  {
    label: "Stop in an orderly way",
    about: "The process ends as its authors meant it to",
    kind: null,
    survivors: () => ({ type: "all" }),
  },
];

export function crashBy(choice: CrashChoice, machines: readonly string[], step: number): Action {
  return choice.kind === null
    ? { type: "stop", machines }
    : crash(machines, choice.kind, choice.survivors(step));
}
