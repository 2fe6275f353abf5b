import type { DiskOp, Errno } from "#disk/types.ts";
import type { ActorContext, Step } from "#system/contract.ts";

/** A step that is decided beforehand. */
export type Task =
  | Step
  /** Closes what was opened last. */
  | { readonly type: "close" }
  /** A call that may fail, and what is done first then. */
  | {
      readonly type: "try";
      readonly op: DiskOp;
      readonly otherwise: (errno: Errno) => readonly Task[];
    };

/** What is decided and not done yet. */
export interface Agenda {
  readonly tasks: readonly Task[];
  /** Of what was opened last; null: nothing is open. */
  readonly descriptor: number | null;
  /** If the call just made has failed. */
  readonly otherwise: ((errno: Errno) => readonly Task[]) | null;
}

export function agendaOf(tasks: readonly Task[]): Agenda {
  return { tasks, descriptor: null, otherwise: null };
}

/** The next step of an agenda, and what is left of it. */
export function begun(
  agenda: Agenda,
  { last }: ActorContext,
): { readonly step: Step | null; readonly agenda: Agenda } {
  const result = last.type === "disk" ? last.result : null;
  const insteads = result?.ok === false ? (agenda.otherwise?.(result.errno) ?? []) : [];
  const [task, ...tasks] = [...insteads, ...agenda.tasks];
  const opened = result?.ok && result.descriptor >= 0 ? result.descriptor : null;
  const rest: Agenda = { tasks, descriptor: opened ?? agenda.descriptor, otherwise: null };
  if (task === undefined) return { step: null, agenda: rest };
  switch (task.type) {
    case "close": {
      const { descriptor } = rest;
      const step = descriptor === null ? null : call({ type: "close", descriptor });
      return { step, agenda: { ...rest, descriptor: null } };
    }
    case "try": {
      const step: Step = { type: "disk", op: task.op, onError: "ignore" };
      return { step, agenda: { ...rest, otherwise: task.otherwise } };
    }
    default:
      return { step: task, agenda: rest };
  }
}

/** The process ends as it would have by the failed call itself. */
export function ended(op: DiskOp, errno: Errno): Task {
  return { type: "fail", name: errno, text: `${op.type} failed` };
}

/** A server that cannot keep what it promises must not go on. */
export function call(op: DiskOp): Step {
  return { type: "disk", op, onError: "exit" };
}

/** Writes a file anew, from its start. */
export function writeAnew(file: string, bytes: Uint8Array): readonly Task[] {
  return [
    call({ type: "open", file, create: true, truncate: true }),
    call({ type: "write", file, offset: 0, bytes }),
  ];
}
