import { shown } from "#audit/words.ts";
import { brief } from "#base/brief.ts";
import { ANYTHING, type Call, type State } from "./calls.ts";
import { isAlone } from "./core.ts";
import type { Conflict } from "./histories.ts";

/**
 * What was seen, and what speaks against it. Of a read that a server of several answers by itself at once it says so: what
 * asks nobody is current by luck alone (Raft paper, section 8), and a design that reads so has not promised more.
 */
export function inConflict(
  { call, isUnheard, settled }: Conflict,
  rival: Call | null,
  servers: number,
): string {
  const seen = `${inAnswer(call).slice(0, -1)}, which was asked at step ${call.askedStep}`;
  const alone =
    isAlone(call) && servers > 1 ? " and answered at once, without asking the others" : "";
  const none = `no order of what was asked about ${call.key} explains`;
  if (rival !== null) {
    const before = `before that, at step ${rival.answeredStep}, ${inAnswer(rival).slice(0, -1)}`;
    return `${seen}${alone}; but ${before}: ${none} both.`;
  }
  if (isUnheard) return `${seen}${alone}; nobody had ever asked to set it so.`;
  const isKnown = settled !== null && settled.state !== ANYTHING;
  const held = isKnown ? `; ${call.key} had been ${inState(settled.state)}` : "";
  return `${seen}${alone}${held}: ${none} that.`;
}

/** "c1 asked A to set x = 1." */
export function inQuestion({ client, expected, key, kind, server, value }: Call): string {
  const whom = `${client} asked ${server}`;
  switch (kind) {
    case "read":
      return `${whom} what ${key} is.`;
    case "write":
      return `${whom} to ${setting(key, value)}.`;
    case "compare-and-set":
      return `${whom} to ${setting(key, value)} if it is ${shown(expected)}.`;
    case "increment":
      return `${whom} to add ${brief(value ?? "")} to ${key}.`;
  }
}

/** "A answered OK to c1: set x = 1." */
export function inAnswer({ client, key, kind, server, status, told, value }: Call): string {
  if (kind === "read") return `${server} told ${client} that ${key} is ${inState(told)}.`;
  const does = kind === "increment" ? `add ${brief(value ?? "")} to ${key}` : setting(key, value);
  if (status !== "done") return `${server} told ${client} that it did not ${does}.`;
  const now = kind === "increment" && told !== null ? `, which made it ${inState(told)}` : "";
  return `${server} answered OK to ${client}: ${does}${now}.`;
}

/** A write that may have been seen, whatever its client was told. */
export function inWriting(call: Call): string {
  const asked = inQuestion(call);
  return call.status === "done"
    ? asked
    : `${asked.slice(0, -1)}; whether that happened was never said.`;
}

function setting(key: string, value: string | null): string {
  return `set ${key} = ${value === null ? "nothing" : brief(value)}`;
}

function inState(state: State | null): string {
  if (state === null || state === ANYTHING) return "not known";
  return shown(state.startsWith("=") ? state.slice(1) : null);
}
