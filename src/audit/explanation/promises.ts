import type { Break } from "#audit/check.ts";
import { createGhost, fold, mirrorOf } from "#audit/ghost.ts";
import { alteredBy, forgottenBy } from "#audit/promises.ts";
import { hastySpeech, speech } from "#audit/speech.ts";
import type { Index, ServerId } from "#raft/types.ts";
import type { Observed } from "#sim/observation.ts";
import { say, type Tale } from "./tale.ts";
import { tellHaste, tellUnsynced } from "./unsynced.ts";

/** The messages by which a server had promised what its recovery then lost, and what it had not synced by the time. */
export function tellPromise(tale: Tale, broken: Break): void {
  const { history } = tale.chronicle;
  const recovered = history[broken.sequence];
  if (recovered?.type !== "recovered") return;
  for (const sent of promisesLost(tale, recovered)) {
    say(tale, sent.sequence, 90, `${speech(sent.message)}.`);
    if (broken.family !== "violation") continue;
    if (sent.promise === "not-durable") tellHaste(tale, sent, 70);
    else tellLateHarm(tale, sent);
  }
}

/** Of each thing that this recovery lost, the message that was the first to promise as much. */
function promisesLost(tale: Tale, recovered: Observed<"recovered">): Set<Observed<"send">> {
  const { server } = recovered;
  const ghost = createGhost([{ id: server, machine: mirrorOf(tale.ghost, server).machine }]);
  const mirror = mirrorOf(ghost, server);
  const first = new Map<string, Observed<"send">>();
  // By index: the message since which the log has been promised so far or further.
  let logs: { readonly index: Index; readonly sent: Observed<"send"> }[] = [];
  for (const observation of tale.chronicle.history) {
    if (observation.sequence >= recovered.sequence) break;
    if (!("server" in observation) || observation.server !== server) continue;
    fold(ghost, observation, null);
    const promised = mirror.promised?.index ?? 0;
    if ((logs.at(-1)?.index ?? 0) > promised) logs = logs.filter(({ index }) => index <= promised);
    if (observation.type !== "send") continue;
    if (promised > (logs.at(-1)?.index ?? 0)) logs.push({ index: promised, sent: observation });
    for (const { text } of forgottenBy(ghost.promises.get(server), recovered)) {
      if (!first.has(text)) first.set(text, observation);
    }
  }
  const lost = forgottenBy(ghost.promises.get(server), recovered).map(({ text }) =>
    first.get(text),
  );
  const altered = alteredBy(mirror.promised, recovered);
  if (altered !== null) lost.push(logs.find(({ index }) => index >= altered.last)?.sent);
  return new Set(lost.filter((sent) => sent !== undefined));
}

/** It was durable, and then the server did something to its files that was not. */
function tellLateHarm(tale: Tale, sent: Observed<"send">): void {
  const crash = tale.chronicle.history.findLast(
    (each) =>
      each.type === "crash" && each.sequence < tale.until && each.servers.includes(sent.server),
  );
  if (crash !== undefined) tellUnsynced(tale, sent.server, sent.sequence, crash.sequence - 1, 70);
}

/** Acknowledgements of this entry that left before it was durable, the last of each server, and what was not synced then. */
export function tellHastyAcks(tale: Tale, index: Index): void {
  const acks = new Map<ServerId, Observed<"send">>();
  for (const observation of tale.chronicle.history) {
    if (observation.sequence > tale.until) break;
    if (observation.type !== "send" || observation.promise !== "not-durable") continue;
    const { kind, obligation } = observation.message;
    if (kind !== "append-reply" && kind !== "snapshot-reply") continue;
    if ((obligation.log?.index ?? -1) < index) continue;
    acks.set(observation.server, observation);
  }
  for (const ack of acks.values()) {
    say(tale, ack.sequence, 85, `${hastySpeech(ack.message)}.`);
    tellHaste(tale, ack, 60);
  }
}

/** What a server had not synced of this entry and all after it, though it counted on it without a word to itself. */
export function tellOwnHaste(tale: Tale, server: ServerId, index: Index): void {
  const appended = tale.chronicle.history.findLast(
    (each) =>
      each.type === "append" &&
      each.server === server &&
      each.sequence <= tale.until &&
      each.entries.some((entry) => entry.index === index),
  );
  if (appended !== undefined) tellUnsynced(tale, server, appended.sequence, tale.until, 65);
}
