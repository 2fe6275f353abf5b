import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while messages leave after what they promise is durable", () => {
  const history = trace(`
    A starts
    A term 1
    A vote A
    A writes wal
    A syncs wal
    A counts its vote durably
    A asks B durably
  `);
  expect(verdictOn("C9", history)).toMatchObject({ holds: true, text: "" });
});

it("breaks at a vote that leaves before it is durable, and names the sync that is missing", () => {
  const verdict = verdictOn("C9", trace(HASTY_VOTE));
  expect(verdict).toMatchObject({ holds: false, firstStep: 6, family: "broken-promise" });
  expect(explain(verdict)).toEqual([
    "B wrote to B/wal and did not sync it.",
    "B granted A its vote in term 1 before the vote was durable.",
  ]);
});

it("names nothing that was written before the server knew what it promises", () => {
  const history = trace(`
    B starts
    B writes wal
    B term 1
    B vote A
    B grants A hastily
  `);
  expect(explain(verdictOn("C9", history))).toEqual([
    "B set its vote to A, and wrote nothing of it to its disk.",
    "B granted A its vote in term 1 before the vote was durable.",
  ]);
});

it("names a file that was synced under a name that was not", () => {
  const history = trace(`
    B starts
    B term 1
    B vote A
    B writes meta.tmp
    B syncs meta.tmp
    B renames meta.tmp meta
    B grants A hastily
  `);
  expect(explain(verdictOn("C9", history))).toEqual([
    "B renamed B/meta.tmp to B/meta and did not sync the directory.",
    "B granted A its vote in term 1 before the vote was durable.",
  ]);
});

it("is content with names once their directory was synced", () => {
  const history = trace(`
    B starts
    B creates wal
    B syncs names
    B term 1
    B writes wal
    B grants A hastily
  `);
  expect(explain(verdictOn("C9", history))).toEqual([
    "B wrote to B/wal and did not sync it.",
    "B granted A its vote in term 1 before the vote was durable.",
  ]);
});

it("names a sync that failed, whatever came after", () => {
  const history = trace(`
    B starts
    B term 1
    B writes wal
    B cannot sync wal
    B syncs wal
    B grants A hastily
  `);
  expect(explain(verdictOn("C9", history))).toEqual([
    "B's sync of B/wal failed with EIO, and a later one does not make up for it.",
    "B granted A its vote in term 1 before the vote was durable.",
  ]);
});

it.each([
  ["asks A hastily", "B asked A for its vote in term 1 before its own term and vote were durable."],
  ["counts its vote hastily", "B counted its own vote in term 1 before the vote was durable."],
  ["refuses A hastily", "B refused A its vote in term 1 before the term was durable."],
  [
    "accepts A hastily",
    "B acknowledged its log up to (2, term 1) to A before all of it was durable.",
  ],
  ["counts its log hastily", "B counted its log up to (2, term 1) before all of it was durable."],
])("is said in the words of the message: %s", (said, text) => {
  const history = trace(`
    B starts log=0,1 term=1
    B ${said}
  `);
  expect(verdictOn("C9", history)).toMatchObject({ text });
});

it("rests on a broken assumption when a sync had lied about it", () => {
  const history = trace(`
    B starts term=1
    B has a liar
    B writes wal
    B syncs wal
    B grants A lied-to
  `);
  const verdict = verdictOn("C9", history);
  expect(verdict).toMatchObject({ holds: false, family: "assumption-broken" });
  expect(explain(verdict)).toEqual([
    "B: its syncs lie.",
    "B granted A its vote in term 1 after a sync that was a lie.",
  ]);
});

it("is not for a server to answer whose medium has gone wrong", () => {
  const history = trace(`
    B starts term=1
    B has rot wal 40
    B grants A hastily
  `);
  expect(verdictOn("C9", history).holds).toBe(true);
});

it("puts the server's own haste before what a disk lied about", () => {
  const history = trace(`
    A starts term=1
    B starts term=1
    A grants C lied-to
    B grants C hastily
  `);
  expect(verdictOn("C9", history)).toMatchObject({ family: "broken-promise", firstStep: 4 });
});

it("is not judged where nobody knows what the disks hold", () => {
  const history = trace(`
    B starts term=1
    B grants A
  `);
  expect(verdictOn("C9", history)).toMatchObject({
    holds: true,
    text: "Not judged: this run does not show what its disks would keep.",
  });
});

const HASTY_VOTE = `
  A starts
  B starts
  B term 1
  B vote A
  B writes wal
  B grants A hastily
`;

const LOST_WRITE = `
  B starts
  B term 1
  B vote A
  B has lost-write wal
  B writes wal
`;

it("rests on a broken assumption where the medium had lost what was written and synced", () => {
  const history = trace(`${LOST_WRITE}
    B syncs wal
    B grants A hastily
  `);
  expect(verdictOn("C9", history)).toMatchObject({
    family: "assumption-broken",
    text: "B granted A its vote in term 1 after a sync of what its disk had lost.",
  });
});

it("does not take a lost write for an excuse where something else was not synced", () => {
  const history = trace(`${LOST_WRITE}
    B syncs wal
    B writes meta
    B grants A hastily
  `);
  expect(verdictOn("C9", history).holds).toBe(true);
});

it("does not take a lost write for an excuse of a server that had spoken too early before", () => {
  const history = trace(`
    B starts
    B term 1
    B vote A
    B grants A hastily
    B has lost-write wal
    B writes wal
    B syncs wal
    B grants A hastily
  `);
  expect(verdictOn("C9", history)).toMatchObject({ family: "broken-promise", firstStep: 4 });
});
