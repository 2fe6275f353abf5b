import type { Break } from "#audit/check.ts";
import { say, type Tale } from "./tale.ts";

export function tellBreak(tale: Tale, broken: Break): void {
  say(tale, broken.sequence, 100, broken.text);
}

/** What the server was handling as it broke. */
export function tellCause(tale: Tale, broken: Break): void {
  const cause = tale.chronicle.history[tale.chronicle.history[broken.sequence]?.cause ?? -1];
  if (cause?.type !== "send") return;
  const { message, server } = cause;
  const term = message.term === null ? "" : ` in term ${message.term}`;
  say(tale, cause.sequence, 30, `${server} sent ${message.name} to ${message.to}${term}.`);
}

/** The message by which a server spoke in a term. */
export function tellSpeech(tale: Tale, sequence: number | null): void {
  const observation = tale.chronicle.history[sequence ?? -1];
  if (observation?.type !== "send") return;
  const { message, server } = observation;
  const term = message.term === null ? "" : ` of term ${message.term}`;
  say(tale, observation.sequence, 90, `${server} sent ${message.name}${term} to ${message.to}.`);
}
