import type { Index, ServerId, Term } from "#raft/types.ts";
import type { Finding } from "./check.ts";
import { type Ghost, isOnDamage, quorumOf } from "./ghost.ts";
import { list, place } from "./words.ts";

/**
 * Whether an entry that was relied upon (`how`: by whom, as the start of a sentence) is held by a quorum that no crash can
 * take. Null: it is, or nobody looked, or what lacks it has lost it to a damaged medium.
 */
export function testHolders(
  ghost: Ghost,
  server: ServerId,
  entry: { readonly index: Index; readonly term: Term },
  how: string,
): Finding | null {
  const { look } = ghost;
  const quorum = quorumOf(ghost);
  if (look?.type !== "holders" || look.holders.length >= quorum) return null;
  const { holders, sworn } = look;
  const spoiled = [...ghost.servers.keys()].filter(
    (id) => !sworn.includes(id) && isOnDamage(ghost, id) && promises(ghost, id, entry.index),
  );
  const isLie = sworn.length >= quorum;
  if (!isLie && sworn.length + spoiled.length >= quorum) return null;
  const who = holders.length === 0 ? "nobody" : `only ${list(holders)}`;
  const lied = isLie ? `, although ${list(sworn)} had synced it` : "";
  return {
    family: isLie ? "assumption-broken" : "broken-promise",
    text: `${how} ${place(entry)}, which ${who} would still hold after the worst crash${lied}; a quorum is ${quorum} of ${ghost.servers.size}.`,
    server,
    against: null,
    entries: {
      from: entry.index,
      to: entry.index,
      fromTerm: entry.term,
      term: entry.term,
      last: null,
    },
  };
}

function promises(ghost: Ghost, server: ServerId, index: Index): boolean {
  return (ghost.promises.get(server)?.log?.index ?? -1) >= index;
}
