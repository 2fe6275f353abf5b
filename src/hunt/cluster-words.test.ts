import { expect, it } from "vitest";
import { type Block, type Tally, type Vote, verdictOf } from "./cluster-words.ts";

const SOUND: Tally = {
  ...{ held: [3, 3], robbed: [0, 0], spoiled: [0, 0], free: [0] },
  ...{ dead: [], forgotten: [] },
};
const BLOCKS: readonly Block[] = [
  { entry: { index: 4, term: 1, acknowledged: false }, last: 4 },
  { entry: { index: 5, term: 1, acknowledged: true }, last: 9 },
];
const VOTES: readonly Vote[] = [{ term: 6, candidate: "B", given: 2 }];

it.each<[string, Partial<Tally>, string]>([
  [
    "nothing is wrong",
    {},
    "every server boots, and each acknowledged entry and each vote is where it must be",
  ],
  [
    "an acknowledged entry is on too few servers",
    { held: [3, 1] },
    "entries 5 to 9, acknowledged to a client, are left on one server of three",
  ],
  [
    "an entry that only a leader knew to be committed is",
    { held: [0, 3] },
    "entry 4, committed by a leader, is left on no server of three",
  ],
  [
    "what a client was told comes before what a leader knew",
    { held: [0, 0] },
    "entries 5 to 9, acknowledged to a client, are left on no server of three",
  ],
  [
    "servers that do not boot hold nothing",
    { held: [2, 1], dead: dead("A") },
    "entries 5 to 9, acknowledged to a client, are left on one server of the two that boot",
  ],
  [
    "one is left",
    { held: [1, 1], dead: dead("A", "B") },
    "entries 5 to 9, acknowledged to a client, are left only on the one server that boots",
  ],
  ["none is left", { held: [0, 0], dead: dead("A", "B", "C") }, "no server boots"],
  ["a server does not boot", { dead: dead("C") }, "C does not boot"],
  [
    "a quorum may vote again in a term that has its leader",
    { free: [2], forgotten: [{ server: "A", what: "vote", family: "violation" }] },
    "term 6 can have two leaders: two servers are free to vote in it for another than B",
  ],
  [
    "too few may",
    { free: [1], forgotten: [{ server: "A", what: "vote", family: "violation" }] },
    "A forgot its vote, and can vote again",
  ],
  [
    "terms are forgotten",
    {
      forgotten: (["A", "C"] as const).map((server) => ({
        server,
        what: "term",
        family: "violation",
      })),
    },
    "A and C forgot their term",
  ],
])("%s", (_, change, text) => {
  const verdict = verdictOf({ ...SOUND, ...change }, BLOCKS, VOTES, 3, 2);
  expect(verdict.text(verdict.lost, true)).toBe(text);
  expect(verdict.family).toBe(Object.keys(change).length === 0 ? null : "violation");
});

it("combinations of one kind that lose other entries are told by the worst of them", () => {
  const verdict = verdictOf({ ...SOUND, held: [3, 1] }, BLOCKS, VOTES, 3, 2);
  expect(verdict.text(verdict.lost, false)).toBe(
    "entries, from 5 on in the worst case, acknowledged to a client, are left on one server of three",
  );
});

it.each<[string, Partial<Tally>, string]>([
  ["on a disk that lied", { held: [3, 1], robbed: [0, 1] }, "assumption-broken"],
  ["on a damaged disk", { held: [3, 1], spoiled: [0, 1] }, "unavailable-by-design"],
  ["on one of both", { held: [3, 0], robbed: [0, 1], spoiled: [0, 1] }, "unavailable-by-design"],
  ["on too few lying disks to explain it", { held: [3, 0], robbed: [0, 1] }, "violation"],
  ["there, and another by the design", { held: [1, 1], robbed: [0, 2] }, "violation"],
])("an entry that was lost %s is counted so", (_, change, family) => {
  expect(verdictOf({ ...SOUND, ...change }, BLOCKS, VOTES, 3, 2).family).toBe(family);
});

function dead(...servers: readonly string[]): Tally["dead"] {
  return servers.map((server) => ({ server, family: "violation" }));
}
