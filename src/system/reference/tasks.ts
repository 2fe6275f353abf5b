import type { DiskOp } from "#disk/types.ts";
import type { ActorContext, Step } from "#system/contract.ts";

/** A step that is decided beforehand. */
export type Task =
  | Step
  /** Closes what was opened last. */
  | { readonly type: "close" };

/** What is decided and not done yet. */
export interface Agenda {
  readonly tasks: readonly Task[];
  /** Of what was opened last; null: nothing is open. */
  readonly descriptor: number | null;
}

export const NOTHING_TO_DO: Agenda = { tasks: [], descriptor: null };

/** The next step of an agenda, and what is left of it. */
export function begun(
  { tasks, descriptor: before }: Agenda,
  { last }: ActorContext,
): { readonly step: Step | null; readonly agenda: Agenda } {
  const [task, ...rest] = tasks;
  const wasOpened = last.type === "disk" && last.result.ok && last.result.descriptor >= 0;
  const descriptor = wasOpened ? last.result.descriptor : before;
  if (task?.type !== "close") return { step: task ?? null, agenda: { tasks: rest, descriptor } };
  const agenda: Agenda = { tasks: rest, descriptor: null };
  return { step: descriptor === null ? null : call({ type: "close", descriptor }), agenda };
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
