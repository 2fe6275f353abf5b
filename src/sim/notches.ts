import { unreachable } from "#base/assert.ts";
import type { DiskOp, FileRef } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Micros, ServerId } from "#raft/types.ts";
import type { Step } from "#system/contract.ts";
import type { MicroStep } from "./cuts.ts";
import { advance } from "./scheduler.ts";
import { counted, fileName, messageName, rangeWords } from "./sentences.ts";
import { anchorAt, type Timeline, worldAt } from "./timeline.ts";
import type { Process } from "./world.ts";

/** A micro-step of an event, and how to name the moment right before it: `{ type: "at", time, order, notch }`. */
export interface Notch {
  readonly server: ServerId;
  readonly machine: string;
  /** Micro-steps of this machine since the place, before this one. */
  readonly notch: number;
  readonly kind: "read" | "mutate" | "write" | "sync" | "release" | "send" | "other";
  /** The micro-step in words. */
  readonly text: string;
  /** Virtual time of the event, and events of that time before it. */
  readonly time: Micros;
  readonly order: number;
}

/** The micro-steps of what made this step, in program order: its event is executed again, and watched. */
export function notchesAt(timeline: Timeline, step: number): readonly Notch[] {
  if (step < 1 || step > timeline.steps) return [];
  const world = worldAt(timeline, firstOfTime(timeline, step) - 1);
  const taken: { readonly step: number; readonly notch: Notch }[] = [];
  let counts = new Map<string, number>();
  let place = world.place;
  world.watcher = (process, micro) => {
    const { id: server, machine } = process;
    const { time, order } = world.place;
    // Actions of the script at one place, and the event after them, are counted through.
    if (place.time !== time || place.order !== order) counts = new Map();
    place = world.place;
    const notch = counts.get(machine) ?? 0;
    counts.set(machine, notch + 1);
    const { kind, text } = inWords(process, micro);
    taken.push({ step: world.step, notch: { server, machine, notch, kind, text, time, order } });
  };
  while (world.step < step && advance(world));
  const { time, order } = world.place;
  return taken
    .filter((each) => each.step === step)
    .map(({ notch }) => notch)
    .filter((notch) => notch.time === time && notch.order === order);
}

/** Counting starts at the first step of this virtual time: actions and an event may share their place. */
function firstOfTime(timeline: Timeline, step: number): number {
  const timeOf = (each: number) => {
    const anchor = anchorAt(timeline, each);
    return anchor.type === "at" ? anchor.time : 0;
  };
  let first = step;
  while (first > 1 && timeOf(first - 1) === timeOf(step)) first -= 1;
  return first;
}

type Words = Pick<Notch, "kind" | "text">;

function inWords(process: Process, micro: MicroStep): Words {
  return micro.of === "actor" ? stepWords(process, micro.step) : effectWords(micro.effect);
}

function stepWords(process: Process, step: Step): Words {
  switch (step.type) {
    case "disk":
      return diskWords(process, step.op);
    case "read": {
      const { file, offset = 0, length } = step;
      const part = length === undefined ? "" : ` ${counted(length, "byte")} at ${offset} of`;
      return { kind: "read", text: `read${part} ${fileName(file, process.id)}` };
    }
    case "work":
      return { kind: "other", text: step.text };
    case "memory":
      return { kind: "mutate", text: step.text };
    case "release":
      return { kind: "release", text: "let the messages go that were held until now" };
    case "tell-server":
      return { kind: "other", text: `tell the server: ${step.input.type}` };
    case "tell-actor":
      return { kind: "other", text: `tell ${step.actor}: ${step.note.type}` };
    case "recovered":
      return { kind: "mutate", text: "start with what recovery has found" };
    case "fail":
      return { kind: "other", text: `end with ${step.name}` };
    case "notice":
      return { kind: "other", text: `log: ${step.text}` };
    default:
      return unreachable(step);
  }
}

function diskWords(process: Process, op: DiskOp): Words {
  const server = process.id;
  switch (op.type) {
    case "open": {
      const verb = op.create || op.truncate ? "create" : "open";
      return {
        kind: verb === "open" ? "other" : "write",
        text: `${verb} ${fileName(op.file, server)}`,
      };
    }
    case "close":
      return { kind: "other", text: `close ${refName(op.descriptor, process)}` };
    case "write":
    case "store":
      return {
        kind: "write",
        text: `${op.type} ${counted(op.bytes.length, "byte")} at ${op.offset} of ${refName(op.file, process)}`,
      };
    case "truncate":
      return { kind: "write", text: `set the size of ${refName(op.file, process)} to ${op.size}` };
    case "rename":
      return {
        kind: "write",
        text: `rename ${fileName(op.from, server)} to ${fileName(op.to, server)}`,
      };
    case "unlink":
      return { kind: "write", text: `remove ${fileName(op.file, server)}` };
    case "sync":
    case "data-sync":
      return { kind: "sync", text: `sync ${refName(op.file, process)}` };
    case "sync-directory":
      return { kind: "sync", text: "sync the directory" };
    default:
      return unreachable(op);
  }
}

function effectWords(effect: Effect): Words {
  switch (effect.type) {
    case "append":
      return { kind: "mutate", text: `append ${rangeWords(effect.entries)} in memory` };
    case "truncate":
      return { kind: "mutate", text: `cut the log in memory from ${effect.from} on` };
    case "hard-state":
      return {
        kind: "mutate",
        text: `term ${effect.term}, ${effect.votedFor === null ? "no vote" : `vote for ${effect.votedFor}`} in memory`,
      };
    case "store":
      return { kind: "mutate", text: `change ${effect.what} in memory` };
    case "rebase":
      return { kind: "mutate", text: `begin the log in memory at ${effect.baseIndex + 1}` };
    case "restore":
      return {
        kind: "mutate",
        text: `take over the state machine of a snapshot at ${effect.state.lastApplied}`,
      };
    case "send":
      return { kind: "send", text: `hand out ${messageName(effect.message)}` };
    case "apply":
      return { kind: "mutate", text: `apply entry ${effect.entry.index}` };
    case "reply":
      return { kind: "send", text: "answer the client" };
    case "alarm":
      return { kind: "other", text: `set the alarm "${effect.alarm}"` };
    case "notice":
      return { kind: "other", text: `log: ${effect.text}` };
    case "error":
      return { kind: "other", text: `abort the handler with ${effect.name}` };
    default:
      return unreachable(effect);
  }
}

function refName(file: FileRef, { id, opened }: Process): string {
  const path = typeof file === "number" ? opened[file] : file;
  return path === undefined ? "a file that is not open" : fileName(path, id);
}
