import type { Break } from "#audit/check.ts";
import { foldPromises, forgottenBy, type Promises } from "#audit/promises.ts";
import { speech } from "#audit/speech.ts";
import type { Index, ServerId } from "#raft/types.ts";
import type { Observed } from "#sim/observation.ts";
import { say, type Tale } from "./tale.ts";
import { tellUnsynced } from "./unsynced.ts";

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
  const crash = endOf(tale, broken.server, told.sequence);
  if (broken.family === "violation") tellUnsynced(tale, broken.server, crash - 1, 70);
}

/** Acknowledgements of this entry that left before it was durable, the last of each server, and what was not synced then. */
export function tellHastyAcks(tale: Tale, index: Index): void {
  const last = new Map<ServerId, Observed<"send">>();
  for (const observation of tale.chronicle.history) {
    if (observation.sequence > tale.until) break;
    if (observation.type !== "send" || observation.promise !== "not-durable") continue;
    const { kind, obligation } = observation.message;
    if (kind !== "append-reply" || (obligation.log?.index ?? -1) < index) continue;
    last.set(observation.server, observation);
  }
  for (const [server, { message, sequence }] of last) {
    say(tale, sequence, 85, `${speech(message)} before that was durable.`);
    tellUnsynced(tale, server, sequence, 60);
  }
}

/** When the life ended in which this server was then. */
function endOf(tale: Tale, server: ServerId, after: number): number {
  const end = tale.chronicle.history.find(
    (each) =>
      each.sequence > after &&
      (((each.type === "crash" || each.type === "disk-swap") && each.servers.includes(server)) ||
        ((each.type === "stop" || each.type === "failed") && each.server === server)),
  );
  return end?.sequence ?? tale.until;
}
