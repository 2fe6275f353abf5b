import type { Message, ServerId } from "#raft/types.ts";
import type { Cause, FeedLine } from "./frame.ts";
import type { Observation, Observed } from "./observation.ts";
import {
  counted,
  fileName,
  listed,
  messageSentence,
  rangeWords,
  type Sentence,
  type SentenceContext,
  sentence,
  whyLost,
} from "./sentences.ts";

/** From so many entries on, applying them is told in one line. */
const APPLIES = 3;

/** What happened in a step, in lines: what belongs together is told once, what another line implies is left out. */
export function feedOf(
  observations: readonly Observation[],
  context: SentenceContext,
): readonly FeedLine[] {
  const told = observations.filter((seen) => !isImplied(seen, observations));
  return grouped(told).flatMap((group) => linesOf(group, context));
}

/** The server that an observation is about; of a machine's, the machine's name. */
function subjectOf(seen: Observation): string | null {
  if ("server" in seen) return seen.server;
  if ("machine" in seen) return seen.machine;
  if (seen.type === "drop") return seen.message.from;
  return null;
}

/** Does another line of the step tell this too? */
function isImplied(seen: Observation, all: readonly Observation[]): boolean {
  switch (seen.type) {
    case "term":
      return all.some((other) => isCandidacy(other, seen.server));
    case "vote":
      return all.some(
        (other) =>
          (seen.to === seen.server && isCandidacy(other, seen.server)) ||
          ((other.type === "send" || other.type === "held") && givesVote(other.message, seen)),
      );
    case "held":
      return all.some((other) => other.type === "send" && other.message === seen.message);
    case "action":
      // A restart says more than its crash: that the machine comes back.
      return !seen.text.includes(" and restart: ") && all.some((other) => tellsAction(other, seen));
    case "release":
      return all.some((other) => other.type === "send" && other.server === seen.server);
    default:
      return false;
  }
}

/** Is this what an action did, in words of its own? */
function tellsAction(seen: Observation, action: Observed<"action">): boolean {
  if (seen.cause !== action.sequence) return false;
  return (
    seen.type === "invoke" ||
    seen.type === "crash" ||
    seen.type === "stop" ||
    seen.type === "disk-fault" ||
    seen.type === "disk-swap"
  );
}

function isCandidacy(seen: Observation, server: ServerId): boolean {
  return seen.type === "role" && seen.server === server && seen.to === "candidate";
}

function givesVote({ kind, success, from, to }: Message, vote: Observed<"vote">): boolean {
  return kind === "vote-reply" && success !== false && from === vote.server && to === vote.to;
}

function grouped(observations: readonly Observation[]): readonly (readonly Observation[])[] {
  const groups: Observation[][] = [];
  const open = new Map<string, Observation[]>();
  let syncs = 0;
  for (const seen of observations) {
    if (seen.type === "disk" && seen.op.type.includes("sync")) syncs += 1;
    const key = keyOf(seen, syncs);
    const group = key === null ? undefined : open.get(key);
    if (group !== undefined) {
      group.push(seen);
      continue;
    }
    const fresh = [seen];
    groups.push(fresh);
    if (key !== null) open.set(key, fresh);
  }
  return groups;
}

/** Observations with the same key are told together; null: it is told alone. */
function keyOf(seen: Observation, syncs: number): string | null {
  switch (seen.type) {
    case "apply":
      return `apply ${seen.server}`;
    case "send": {
      const { kind, from, to, entries } = seen.message;
      if (from === to || (kind !== "append" && kind !== "vote-request")) return null;
      return `send ${from} ${kind} ${seen.promise} ${entries[0]?.index} ${entries.length}`;
    }
    case "drop": {
      const { kind, from, entries } = seen.message;
      return entries.length > 0 ? null : `drop ${from} ${kind} ${seen.reason}`;
    }
    case "disk": {
      const { op, errno } = seen;
      if (errno !== null || (op.type !== "write" && op.type !== "store")) return null;
      return `write ${seen.server} ${seen.path} ${syncs}`;
    }
    default:
      return null;
  }
}

function linesOf(group: readonly Observation[], context: SentenceContext): readonly FeedLine[] {
  const first = group[0];
  const together = first === undefined || group.length === 1 ? null : summary(first, group);
  if (first !== undefined && together !== null) return [line(first, together, context)];
  return group.flatMap((seen) => {
    const alone = sentence(seen, context);
    return alone === null ? [] : [line(seen, alone, context)];
  });
}

function line(seen: Observation, { text, tone }: Sentence, context: SentenceContext): FeedLine {
  const { sequence, step, time } = seen;
  return {
    sequence,
    step,
    time,
    server: subjectOf(seen),
    tone,
    text,
    cause: causeOf(seen, context),
  };
}

/** The nearest thing behind it that is worth a sentence, in an earlier step. */
function causeOf(seen: Observation, context: SentenceContext): Cause | null {
  let cause = seen.cause === null ? null : context.recall(seen.cause);
  while (cause !== null) {
    const told = cause.step < seen.step ? sentence(cause, context) : null;
    if (told !== null) return { step: cause.step, text: told.text };
    cause = cause.cause === null ? null : context.recall(cause.cause);
  }
  return null;
}

/** Several observations of one kind in one sentence; null: they are told one by one. */
function summary(first: Observation, group: readonly Observation[]): Sentence | null {
  if (first.type === "send") return sends(first, group);
  if (first.type === "drop") return drops(first, group);
  if (first.type === "disk") return writes(first, group);
  if (first.type === "apply" && group.length > APPLIES) return applies(first, group);
  return null;
}

function sends({ message, promise }: Observed<"send">, group: readonly Observation[]): Sentence {
  const to = listed(receivers(group));
  const tone = promise === "not-durable" ? "warning" : "plain";
  const { from, kind, entries } = message;
  if (kind === "append" && entries.length === 0) {
    return { text: `${from} sent heartbeats to ${to}`, tone };
  }
  // Of one message the sentence names one receiver; here it names them all.
  const text = messageSentence({ ...message, to }, promise);
  return { text: kind === "vote-request" ? text.replace("its vote", "their votes") : text, tone };
}

function drops({ message, reason }: Observed<"drop">, group: readonly Observation[]): Sentence {
  const names = receivers(group);
  const text = `${message.from}'s messages to ${listed(names)} are lost: ${whyLost(reason, names)}`;
  return { text, tone: "warning" };
}

function writes({ server, path }: Observed<"disk">, group: readonly Observation[]): Sentence {
  let bytes = 0;
  for (const seen of group) {
    if (seen.type === "disk" && (seen.op.type === "write" || seen.op.type === "store")) {
      bytes += seen.op.bytes.length;
    }
  }
  return {
    text: `${server} wrote to ${fileName(path, server)} ${group.length} times, ${counted(bytes, "byte")}, not synced`,
    tone: "plain",
  };
}

function applies({ server }: Observed<"apply">, group: readonly Observation[]): Sentence {
  const entries = group.flatMap((seen) => (seen.type === "apply" ? [seen.entry] : []));
  return { text: `${server} applied ${rangeWords(entries)}`, tone: "plain" };
}

function receivers(group: readonly Observation[]): string[] {
  return [...new Set(group.flatMap((seen) => ("message" in seen ? [seen.message.to] : [])))];
}
