import type { Index, ServerId, Term } from "#raft/types.ts";
import type { Finding } from "./check.ts";
import { type Ghost, isOnDamage, isRobbed, mirrorOf, prefixOf, quorumOf } from "./ghost.ts";
import { type Prefix, sameEntry } from "./prefix.ts";
import { entryAt, list } from "./words.ts";

/**
 * Whether an entry that was relied upon (`how`: by whom, as the start of a sentence) is held by a quorum that no crash can
 * take. Null: it is, or nobody looked, or what lacks it has lost it to a damaged medium. `entry`: the log up to it, or just where
 * it is when no log has shown it. The disks were asked by index and term; who has other bytes there does not hold it.
 */
export function testHolders(
  ghost: Ghost,
  server: ServerId,
  entry: Prefix | { readonly index: Index; readonly term: Term },
  how: string,
): Finding | null {
  const { look } = ghost;
  if (look?.type !== "holders") return null;
  const quorum = quorumOf(ghost);
  const holders = holding(ghost, look.holders, entry);
  if (holders.length >= quorum) return null;
  const sworn = holding(ghost, look.sworn, entry);
  const others = [...ghost.servers.keys()].filter(
    (id) => !sworn.includes(id) && promised(ghost, id, entry),
  );
  const robbed = others.filter((id) => isRobbed(ghost, id));
  const spoiled = others.filter((id) => !robbed.includes(id) && isOnDamage(ghost, id));
  const kept = [...sworn, ...robbed].sort();
  const isExcused = kept.length >= quorum;
  if (!isExcused && kept.length + spoiled.length >= quorum) return null;
  const who = holders.length === 0 ? "nobody" : `only ${list(holders)}`;
  const lied = isExcused ? `, although ${list(kept)} had synced it` : "";
  const strangers = look.holders.filter((id) => !holders.includes(id));
  const bytes =
    strangers.length === 0 ? "" : `; ${list(strangers)} came back with other bytes there`;
  return {
    family: isExcused ? "assumption-broken" : "broken-promise",
    text: `${how} ${entryAt(entry)}, which ${who} would still hold after the worst crash${lied}${bytes}; a quorum is ${quorum} of ${ghost.servers.size}.`,
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

/** Those among them that have not come back from their disks with other bytes there. */
function holding(
  ghost: Ghost,
  servers: readonly ServerId[],
  entry: Prefix | { readonly index: Index; readonly term: Term },
): readonly ServerId[] {
  if (!("entry" in entry)) return servers;
  const isOther = (id: ServerId) => {
    const mirror = mirrorOf(ghost, id);
    const logged = prefixOf(mirror, entry.index);
    if (logged === null || logged === entry || logged.term !== entry.term) return false;
    // What two leaders of one term appended is not for the disks to answer for.
    return logged.since === mirror.bornAt && differ(logged, entry);
  };
  return servers.some(isOther) ? servers.filter((id) => !isOther(id)) : servers;
}

/** Had the server promised this very entry, on the disk it has or on one whose fault made it forget? */
function promised(
  ghost: Ghost,
  server: ServerId,
  entry: Prefix | { readonly index: Index; readonly term: Term },
): boolean {
  const mirror = mirrorOf(ghost, server);
  const lost = mirror.amnesia?.lastIndex ?? -1;
  if (lost >= entry.index) return true;
  let own = mirror.promised;
  if (own === null || own.index < entry.index) return false;
  while (own !== null && own.index > entry.index) own = own.parent;
  return (
    own === null ||
    own === entry ||
    (own.term === entry.term && !("entry" in entry && differ(own, entry)))
  );
}

/** Are two entries of one index and term known to have other bytes? */
function differ({ entry: a }: Prefix, { entry: b }: Prefix): boolean {
  return a !== null && b !== null && !sameEntry(a, b);
}
