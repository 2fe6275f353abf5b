import type { Break } from "#audit/check.ts";
import { foldPromises, forgottenBy, type Promises } from "#audit/promises.ts";
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
  const promises: Promises = new Map();
  // By what is forgotten: the message that was the first to promise as much.
  const first = new Map<string, Observed<"send">>();
  for (const observation of history) {
    if (observation.sequence >= broken.sequence) break;
    foldPromises(promises, observation);
    if (observation.type !== "send" || observation.server !== broken.server) continue;
    for (const { text } of forgottenBy(promises.get(broken.server), recovered)) {
      if (!first.has(text)) first.set(text, observation);
    }
  }
  for (const { text } of forgottenBy(promises.get(broken.server), recovered)) {
    const sent = first.get(text);
    if (sent === undefined) continue;
    say(tale, sent.sequence, 90, `${speech(sent.message)}.`);
    if (broken.family !== "violation") continue;
    if (sent.promise === "not-durable") tellHaste(tale, sent, 70);
    else tellLateHarm(tale, sent);
  }
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
    if (kind !== "append-reply" || (obligation.log?.index ?? -1) < index) continue;
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
