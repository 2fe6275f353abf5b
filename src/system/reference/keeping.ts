import type { StateImage } from "#raft/types.ts";
import type { Actor, ActorContext } from "#system/contract.ts";
import {
  APPLIED,
  APPLIED_NEW,
  encodeApplied,
  encodeKept,
  isIndexApart,
  STATE,
  STATE_NEW,
} from "./kept.ts";
import { type Agenda, agendaOf, begun, call, type Task, writeAnew } from "./tasks.ts";

interface KeepingState {
  /** Something was applied since the file was last begun. */
  isBehind: boolean;
  /** The loop is where the file may be written. */
  isAsked: boolean;
  agenda: Agenda;
}

/**
 * Keeps the state machine beside the log, where `keepState` asks for it, so that a server need not apply its whole log again
 * when it starts. Its turn comes after the log's: what is in the state machine is in the log on the disk by then.
 */
export const keepingActor: Actor<KeepingState> = {
  id: "state",
  process: "server",

  start() {
    return { isBehind: false, isAsked: false, agenda: agendaOf([]) };
  },

  clone(state) {
    return { ...state };
  },

  receive(state, note) {
    if (note.type === "effect" && note.effect.type === "apply") state.isBehind = true;
    if (note.type === "persist" || note.type === "stop") state.isAsked = true;
  },

  next(state, context) {
    const { step, agenda } = begun(state.agenda, context);
    state.agenda = agenda;
    if (step !== null) return step;
    if (!isDue(state, context)) return null;
    const planned = begun(agendaOf(tasksFor(context)), context);
    state.agenda = planned.agenda;
    return planned.step;
  },
};

function isDue(state: KeepingState, { options }: ActorContext): boolean {
  const { isAsked, isBehind } = state;
  state.isAsked = false;
  if (!isAsked || !isBehind || (options.keepState ?? 0) <= 0) return false;
  state.isBehind = false;
  return true;
}

/** The map and its index are one record of one file, so that a crash leaves both or neither. */
function tasksFor(context: ActorContext): readonly Task[] {
  const state = context.application?.();
  if (state === undefined) return [];
  if (!isIndexApart(context.bugs)) return replaced(STATE, STATE_NEW, encodeKept(state), context);
  return [
    ...replaced(STATE, STATE_NEW, encodeKept(withoutIndex(state)), context),
    ...replaced(APPLIED, APPLIED_NEW, encodeApplied(state.lastApplied), context),
  ];
}

function withoutIndex(state: StateImage): Parameters<typeof encodeKept>[0] {
  return { ...state, lastApplied: null };
}

/** A whole new file, durable before it takes the name of the old one. */
function replaced(
  name: string,
  aside: string,
  bytes: Uint8Array,
  { bugs, directory }: ActorContext,
): readonly Task[] {
  const from = directory + aside;
  return [
    ...writeAnew(from, bytes),
    call({ type: "sync", file: from }),
    { type: "close" },
    call({ type: "rename", from, to: directory + name }),
    ...(bugs.has("no-directory-sync") ? [] : [call({ type: "sync-directory", directory })]),
  ];
}
