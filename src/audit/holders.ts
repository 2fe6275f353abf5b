import type { Index, ServerId, Term } from "#raft/types.ts";
import type { Finding } from "./check.ts";
import { type Ghost, isOnDamage, isRobbed, mirrorOf, quorumOf } from "./ghost.ts";
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
  const others = [...ghost.servers.keys()].filter(
    (id) => !sworn.includes(id) && promised(ghost, id, entry.index),
  );
  const robbed = others.filter((id) => isRobbed(ghost, id));
  const spoiled = others.filter((id) => !robbed.includes(id) && isOnDamage(ghost, id));
  const kept = [...sworn, ...robbed].sort();
  const isExcused = kept.length >= quorum;
  if (!isExcused && kept.length + spoiled.length >= quorum) return null;
  const who = holders.length === 0 ? "nobody" : `only ${list(holders)}`;
  const lied = isExcused ? `, although ${list(kept)} had synced it` : "";
  return {
    family: isExcused ? "assumption-broken" : "broken-promise",
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

/** Had the server promised this entry, on the disk it has or on one whose fault made it forget? */
function promised(ghost: Ghost, server: ServerId, index: Index): boolean {
  const { log } = ghost.promises.get(server) ?? { log: null };
  const lost = mirrorOf(ghost, server).amnesia?.lastIndex ?? -1;
  return Math.max(log?.index ?? -1, lost) >= index;
}
