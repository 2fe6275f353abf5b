import { createDisk, type Disk, installFile } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { StateImage } from "#raft/types.ts";
import type { Actor, Note, ProcessMemory, Step, StepResult } from "#system/contract.ts";
import { readStep } from "#system/read.ts";
import { recovery } from "./recovery.ts";
import { UNFIXED } from "./server.testkit.ts";

/** A disk and the memory of a process on it. */
export interface Host {
  readonly disk: Disk;
  memory: ProcessMemory;
  readonly bugs: ReadonlySet<string>;
  readonly options: Readonly<Record<string, number>>;
  /** What its server's state machine holds. */
  application: StateImage;
}

/** All bugs of 0.3.14 but these. */
export function without(...bugs: readonly string[]): readonly string[] {
  return UNFIXED.filter((bug) => !bugs.includes(bug));
}

export function host(
  files: Readonly<Record<string, Uint8Array>> = {},
  bugs: readonly string[] = UNFIXED,
  options: Readonly<Record<string, number>> = {},
): Host {
  const disk = createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
  for (const [path, bytes] of Object.entries(files)) installFile(disk, path, bytes);
  const application = { lastApplied: 0, values: [], beyond: "0000000000000000" };
  return { disk, memory: {}, bugs: new Set(bugs), options, application };
}

/** Runs an actor until it is idle; its steps. `most`: the process is killed after so many. */
export function run<State>(
  { disk, memory, bugs, options, application: image }: Host,
  actor: Actor<State>,
  note: Note,
  most = Number.POSITIVE_INFINITY,
): Step[] {
  const steps: Step[] = [];
  const state = actor.start();
  actor.receive(state, note);
  let last: StepResult = { type: "none" };
  while (steps.length < most) {
    const place = { memory, now: 0, directory: "A/", held: 0, bugs, options };
    const context = { ...place, last, application: () => image };
    const step = actor.next(state, context);
    if (step === null) return steps;
    steps.push(step);
    last = { type: "none" };
    if (step.type === "disk") last = { type: "disk", result: perform(disk, step.op, 0) };
    if (step.type === "read") last = readStep(disk, step);
  }
  return steps;
}

/** Starts a process on what the disk holds: what it recovers, or the error it ends with. */
export function start(subject: Host): Recovered | string {
  return outcome(startSteps(subject));
}

export function startSteps(subject: Host): Step[] {
  subject.memory = {};
  return run(subject, recovery, { type: "recover" });
}

function outcome(steps: readonly Step[]): Recovered | string {
  const end = steps.at(-1);
  if (end?.type === "recovered") return end.recovered;
  return end?.type === "fail" ? `${end.name}: ${end.text}` : "no end";
}

/** "store raft.journal 40+25", "rename raft.journal.meta.tmp raft.journal.meta". */
export function stepText(step: Step): string {
  return step.type === "disk" ? opText(step.op) : step.type;
}

function opText(op: DiskOp): string {
  const name = (file: string | number): string =>
    typeof file === "number" ? "fd" : file.replace("A/raft.", "");
  switch (op.type) {
    case "open":
      return `open ${name(op.file)}${op.create ? " create" : ""}${op.truncate ? " truncate" : ""}`;
    case "close":
      return "close fd";
    case "write":
    case "store":
      return `${op.type} ${name(op.file)} ${op.offset}+${op.bytes.length}`;
    case "truncate":
      return `truncate ${name(op.file)} ${op.size}`;
    case "rename":
      return `rename ${name(op.from)} ${name(op.to)}`;
    case "unlink":
    case "sync":
    case "data-sync":
      return `${op.type} ${name(op.file)}`;
    case "sync-directory":
      return "sync-directory";
  }
}
