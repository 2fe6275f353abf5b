import { type Check, type Finding, familyOf } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { electionOf } from "#audit/explanation/elections.ts";
import { tellAnswers, tellLoss } from "#audit/explanation/losses.ts";
import {
  type Ack,
  ackedPrefix,
  comesAfter,
  type Ghost,
  holds,
  isOnDamage,
  type Mirror,
  mirrorOf,
  quorumOf,
} from "#audit/ghost.ts";
import { inWords, stretchBeyond } from "#audit/stretch.ts";
import { entryAt, list } from "#audit/words.ts";
import type { Observed } from "#sim/observation.ts";

export const ackedWrites: Check = {
  id: "C11",
  title: "Acknowledged writes stay",
  about: "What a client was told OK for was committed, and stays in the log of every later leader.",
  source: "Raft paper, section 5.4 (Leader Completeness) and section 8",
  on: ["return", "role", "commit"],

  test(ghost, observation) {
    switch (observation.type) {
      case "return":
        return testAnswer(ghost, observation);
      case "role": {
        if (observation.to !== "leader") return null;
        const mirror = mirrorOf(ghost, observation.server);
        const how = `${mirror.id} became leader of term ${mirror.currentTerm} without`;
        return testAcks(ghost, mirror, how, (ack) => comesAfter(mirror, ack));
      }
      case "commit": {
        const mirror = mirrorOf(ghost, observation.server);
        const { claim } = mirror;
        if (claim === null || claim.sequence !== observation.sequence) return null;
        const how = `${mirror.id}, leader of term ${mirror.currentTerm}, committed other entries in place of`;
        return testAcks(ghost, mirror, how, (ack) => ack.prefix.index <= claim.prefix.index);
      }
      default:
        return null;
    }
  },

  testEnd(ghost) {
    const leader = latestLeader(ghost);
    if (leader === null) return testMedia(ghost);
    const how = `At the end the log of ${leader.id}, leader of term ${leader.currentTerm}, lacks`;
    return testAcks(ghost, leader, how, (ack) => comesAfter(leader, ack));
  },

  tell(tale, broken) {
    tellBreak(tale, broken);
    if (broken.entries === null) return;
    tellAnswers(tale, broken.entries);
    tellLoss(tale, broken.entries, electionOf(tale, broken.server, null));
  },
};

function testAnswer(ghost: Ghost, observation: Observed<"return">): Finding | null {
  const { entry, operation, result, server } = observation;
  if (result.outcome !== "ok" || entry === null) return null;
  const prefix = ackedPrefix(ghost, mirrorOf(ghost, server), entry);
  if (prefix === null || prefix.committed !== null) return null;
  return {
    family: familyOf(ghost),
    text: `${server} answered OK to ${operation.client} for ${entryAt(entry)}, which no leader had committed.`,
    server,
    against: null,
    entries: null,
  };
}

function testAcks(
  ghost: Ghost,
  mirror: Mirror,
  how: string,
  isDue: (ack: Ack) => boolean,
): Finding | null {
  for (const ack of ghost.acks) {
    if (holds(mirror, ack.prefix) || !isDue(ack)) continue;
    const entries = stretchBeyond(ack.prefix, (prefix) => holds(mirror, prefix));
    return {
      family: familyOf(ghost),
      text: `${how} ${inWords(entries)}; a client had been told OK for ${entryAt(ack.prefix)}.`,
      server: mirror.id,
      against: ack.sequence,
      entries,
    };
  }
  return null;
}

/** Nobody leads at the end, and nobody can: too many servers do not start, as they should not, on what is left of their disks. */
function testMedia(ghost: Ghost): Finding | null {
  const gone = [...ghost.servers.values()].filter(
    ({ id, isRefusing }) => isRefusing && isOnDamage(ghost, id),
  );
  const [first] = gone;
  if (first === undefined || ghost.servers.size - gone.length >= quorumOf(ghost)) return null;
  const ack = ghost.acks.reduce<Ack | null>(
    (last, each) => (last === null || each.prefix.index > last.prefix.index ? each : last),
    null,
  );
  if (ack === null) return null;
  const names = list(gone.map(({ id }) => id));
  const [start, disks] =
    gone.length === 1 ? ["does", "its damaged disk"] : ["do", "their damaged disks"];
  return {
    family: "unavailable-by-design",
    text: `At the end nobody can serve ${entryAt(ack.prefix)}, for which a client was told OK: ${names} ${start} not start on ${disks}, and too few servers are left.`,
    server: first.id,
    against: ack.sequence,
    entries: stretchBeyond(ack.prefix, (prefix) => prefix.index < ack.prefix.index),
  };
}

function latestLeader(ghost: Ghost): Mirror | null {
  let latest: Mirror | null = null;
  for (const mirror of ghost.servers.values()) {
    if (mirror.role !== "leader") continue;
    if (latest === null || mirror.currentTerm > latest.currentTerm) latest = mirror;
  }
  return latest;
}
