import type { Break } from "#audit/check.ts";
import { foldPromises, forgottenBy, type Promises } from "#audit/promises.ts";
import { hastySpeech, speech } from "#audit/speech.ts";
import type { Index, ServerId } from "#raft/types.ts";
import type { Observed } from "#sim/observation.ts";
import { say, type Tale } from "./tale.ts";
import { tellHaste, tellUnsynced } from "./unsynced.ts";

/** The messages by which a server had promised what its recovery then lost, and what it had not synced by the crash. */
export function tellPromise(tale: Tale, broken: Break): void {
  const { history } = tale.chronicle;
  const recovered = history[broken.sequence];
  if (recovered?.type !== "recovered") return;
  const promises: Promises = new Map();
  let told: Observed<"send"> | null = null;
  let isOpen = true;
  for (const observation of history) {
    if (observation.sequence >= broken.sequence) break;
    foldPromises(promises, observation);
    if (!("server" in observation) || observation.server !== broken.server) continue;
    if (observation.type === "recovered") {
      told = null;
      isOpen = true;
    }
    // The first message after which as much had been promised as was lost.
    if (observation.type !== "send" || !isOpen) continue;
    if (forgottenBy(promises.get(broken.server), recovered).length === 0) continue;
    told = observation;
    isOpen = false;
  }
  if (told === null) return;
  say(tale, told.sequence, 90, `${speech(told.message)}.`);
  if (broken.family === "violation" && told.promise === "not-durable") tellHaste(tale, told, 70);
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
