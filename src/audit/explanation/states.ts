import type { Break } from "#audit/check.ts";
import { sameEntry } from "#audit/prefix.ts";
import { type Stretch, stretchOf } from "#audit/stretch.ts";
import { place, shown } from "#audit/words.ts";
import { briefly } from "#base/brief.ts";
import type { Entry, ServerId } from "#raft/types.ts";
import type { Observed } from "#sim/observation.ts";
import { creatorOf, tellLoss } from "./losses.ts";
import { lifeOf } from "./restarts.ts";
import { say, type Tale } from "./tale.ts";

/** Where this server applied another entry than the one that was there first, and why there were two. */
export function tellApplyConflict(tale: Tale, broken: Break): void {
  const conflict = firstConflict(tale, broken);
  if (conflict === null) return;
  const { early, from, late } = conflict;
  say(tale, early.sequence, 74, `${early.server} applied ${inApply(early)}.`);
  const there = `where ${early.server} had applied ${inApply(early)}`;
  say(tale, late.sequence, 78, `${late.server} applied ${inApply(late)}, ${there}.`);
  tellLoss(tale, lostWith(tale, early.server, from), creatorOf(tale, late.entry));
}

/** The two state machines side by side, where they differ. */
export function tellStates(tale: Tale, broken: Break): void {
  const first = broken.against === null ? undefined : tale.chronicle.history[broken.against];
  if (first?.type !== "apply" && first?.type !== "restored") return;
  const ours = stateOf(tale, broken.server, broken.sequence);
  const theirs = stateOf(tale, first.server, first.sequence);
  const [us, them] =
    broken.server === first.server
      ? ["now", "then"]
      : [`on ${broken.server}`, `on ${first.server}`];
  const keys = [...new Set([...theirs.keys(), ...ours.keys()])]
    .filter((key) => ours.get(key) !== theirs.get(key))
    .sort();
  const parts = keys.slice(0, 3).map((key) => {
    const [ourValue, theirValue] = [ours.get(key) ?? null, theirs.get(key) ?? null];
    const [ourWords, theirWords] = [shown(ourValue), shown(theirValue)];
    if (ourValue === null || theirValue === null || ourWords !== theirWords) {
      return `${key} is ${theirWords} ${them} and ${ourWords} ${us}`;
    }
    const from = firstDifference(ourValue, theirValue) + 1;
    return `${key} is ${theirWords} ${them} and, from character ${from} on, something else ${us}`;
  });
  if (keys.length > 3) parts.push(`${keys.length - 3} more keys differ`);
  const details = parts.length === 0 ? "" : `: ${parts.join("; ")}`;
  say(tale, broken.sequence, 100, `${broken.text.slice(0, -1)}${details}.`);
}

/** Where the first character is that they do not share. */
function firstDifference(one: string, other: string): number {
  const others = [...other];
  const at = [...one].findIndex((character, i) => character !== others[i]);
  return at < 0 ? [...one].length : at;
}

function inApply({ entry, text }: Observed<"apply">): string {
  return `${briefly(text)} ${place(entry)}`;
}

/** The entries that a server applied from this one on, and that were of the same leader. */
function lostWith(tale: Tale, server: ServerId, from: Entry): Stretch {
  const lost = [from];
  for (const { entry } of appliesIn(tale, server, tale.until)) {
    if (entry.index === from.index + lost.length && entry.term === from.term) lost.push(entry);
  }
  return stretchOf(lost);
}

interface Conflict {
  /** The first entry, as it was there first, for which another was applied. */
  readonly from: Entry;
  readonly early: Observed<"apply">;
  readonly late: Observed<"apply">;
}

/** Where two histories of applying part, shown at an index where they do different things, if there is one. */
function firstConflict(tale: Tale, broken: Break): Conflict | null {
  const first = tale.chronicle.history[broken.against ?? -1];
  if (first?.type !== "apply") return null;
  const theirs = new Map(
    appliesIn(tale, first.server, first.sequence).map((each) => [each.entry.index, each]),
  );
  let found: Conflict | null = null;
  for (const late of appliesIn(tale, broken.server, broken.sequence)) {
    const early = theirs.get(late.entry.index);
    if (early === undefined || sameEntry(early.entry, late.entry)) continue;
    found ??= { from: early.entry, early, late };
    if (early.text !== late.text) return { ...found, early, late };
  }
  return found;
}

/** The snapshot that a server's state machine came from, in the life it was in; null: from none. */
function restoreIn(tale: Tale, server: ServerId, until: number): Observed<"restored"> | null {
  const since = lifeOf(tale, { server, sequence: until })?.sequence ?? -1;
  const restores = tale.chronicle.restores.get(server) ?? [];
  return restores.findLast(({ sequence }) => sequence > since && sequence <= until) ?? null;
}

/** What a server had applied since then, or since it came up. */
function appliesIn(tale: Tale, server: ServerId, until: number): Observed<"apply">[] {
  const restored = restoreIn(tale, server, until);
  const since = restored?.sequence ?? lifeOf(tale, { server, sequence: until })?.sequence ?? -1;
  const applies = tale.chronicle.applies.get(server) ?? [];
  return applies.filter(({ sequence }) => sequence > since && sequence <= until);
}

function stateOf(tale: Tale, server: ServerId, until: number): Map<string, string> {
  const image = restoreIn(tale, server, until)?.values ?? [];
  const state = new Map(image.map(({ key, value }) => [key, value]));
  for (const { key, value } of appliesIn(tale, server, until)) {
    if (key !== null && value !== null) state.set(key, value);
    else if (key !== null) state.delete(key);
  }
  return state;
}
