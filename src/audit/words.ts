import { brief } from "#base/brief.ts";
import type { Index, ServerId, Term } from "#raft/types.ts";

/** An entry by where it is: "(45, term 1)". */
export function place(at: { readonly index: Index; readonly term: Term }): string {
  return at.index === 0 ? "(nothing)" : `(${at.index}, term ${at.term})`;
}

/** The same as part of a sentence: "entry 45 (term 1)". */
export function entryAt({ index, term }: { readonly index: Index; readonly term: Term }): string {
  return `entry ${index} (term ${term})`;
}

/** "A", "A and B", "A, B and C". */
export function list(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? "nobody";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A key's value as shown: quoted, or that there is none. */
export function shown(value: string | null): string {
  return value === null ? "absent" : `"${brief(value)}"`;
}

/** Names, sorted, each once. */
export function distinct(names: readonly ServerId[]): ServerId[] {
  return [...new Set(names)].sort();
}

/** In the order of their first members. */
export function groupBy<Key, Member>(
  members: Iterable<Member>,
  keyOf: (member: Member) => Key,
): Map<Key, Member[]> {
  const groups = new Map<Key, Member[]>();
  for (const member of members) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return groups;
}
