import type { Check, Finding } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellFaults } from "#audit/explanation/faults.ts";
import { tellPromise } from "#audit/explanation/promises.ts";
import { tellEndings, tellLastEnding } from "#audit/explanation/restarts.ts";
import { tellUnsynced } from "#audit/explanation/unsynced.ts";
import { diskOf, type Ghost, isOnDamage, mirrorOf } from "#audit/ghost.ts";
import { list } from "#audit/words.ts";
import type { Observed } from "#sim/observation.ts";

export const recoveryTotal: Check = {
  id: "C16",
  title: "Recovery comes to its end",
  about:
    "Whatever a crash has left on an honest disk, the server starts from it. On a damaged disk it may refuse, but it never starts without what it can see is missing. Files that it was given may be damaged: nobody knows their past.",
  source: "Raft paper, section 5.1 (servers restart); Protocol-Aware Recovery, FAST 2018",
  on: ["failed", "recovered"],

  test(ghost, observation) {
    if (observation.type === "failed") return testRefusal(ghost, observation);
    return observation.type === "recovered" ? testDamage(ghost, observation) : null;
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellPromise(tale, broken);
    tellEndings(tale, [broken.server]);
    const end = tellLastEnding(tale, broken.server);
    if (end !== null) tellUnsynced(tale, broken.server, -1, end - 1, 60);
    tellFaults(tale);
  },
};

function testRefusal(ghost: Ghost, observation: Observed<"failed">): Finding | null {
  const { name, server, text } = observation;
  const { bornWith, incarnation, isRefusing, machine } = mirrorOf(ghost, server);
  const disk = diskOf(ghost, machine);
  if (!isRefusing || disk.refuses || isOnDamage(ghost, server)) return null;
  const isOther = disk.swaps > bornWith.swaps;
  const hasLied = disk.forsworn > bornWith.forsworn;
  const isGiven = incarnation === 0 && disk.given && !isOther;
  const whose = isOther ? " on its new disk" : incarnation === 0 ? "" : " again";
  const what = isGiven ? " from the files it was given" : whose;
  const past = isGiven ? "; what had happened to them before is not known" : "";
  return {
    family: isOther || hasLied || isGiven ? "assumption-broken" : "violation",
    text: `${server} did not start${what}: ${name}${text === "" ? "" : ` (${text})`}${past}.`,
    server,
    against: null,
    entries: null,
  };
}

function testDamage(ghost: Ghost, { server }: Observed<"recovered">): Finding | null {
  const { blame, forgotten } = mirrorOf(ghost, server);
  if (blame !== "dropped" || forgotten.length === 0) return null;
  return {
    family: "violation",
    text: `${server} started on a damaged disk as if nothing were missing, and ${list(forgotten.map(({ text }) => text))}.`,
    server,
    against: null,
    entries: null,
  };
}
