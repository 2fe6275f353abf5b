import { expect, it } from "vitest";
import { notches } from "./sweep.testkit.ts";
import { firstNotch, foldReads, machinesIn, notchText, reachedAt } from "./sweep-notches.ts";

const EVENT = notches(
  "mutate currentTerm = 6",
  "write raft.wal",
  "send the vote",
  "sync raft.wal !B forgets its vote.",
  "release",
);

it("knows what has left and what no sync has covered", () => {
  const told = EVENT.map((_, at) => reachedAt(EVENT, at)).map(({ sent, unsynced }) => [
    sent,
    unsynced,
  ]);
  expect(told).toEqual([
    [0, 0],
    [0, 0],
    [0, 1],
    [1, 1],
    [1, 0],
  ]);
});

it("says what a power loss at an unsafe notch comes to", () => {
  expect(notchText(EVENT, 3, "power")).toBe(
    "Power fails here, after “send the vote” and before “sync raft.wal”; 1 message has left, 1 write is not synced: B forgets its vote. 1 of 2 outcomes is bad.",
  );
});

it("counts what was held back among what has left", () => {
  const late = notches("write raft.wal", "release", "sync raft.wal !B forgets its vote.");
  expect(notchText(late, 2, "power")).toContain(
    "what was held back has left, 1 write is not synced: B forgets",
  );
});

it("says that a safe notch is safe", () => {
  expect(notchText(EVENT, 0, "os")).toBe(
    "The system crashes here, before anything of this event is done: B boots and keeps what it promised; all 2 outcomes are good.",
  );
});

it("folds a long run of reads into one place, as far as they come to the same", () => {
  const reads = notches(
    "read a",
    "read b",
    "read c",
    "read d",
    "read e !lost",
    "write f",
    "read g",
  );
  expect(foldReads(reads).map(({ notch, text }) => [notch, text])).toEqual([
    [0, "read a, and 3 reads more"],
    [4, "read e"],
    [5, "write f"],
    [6, "read g"],
  ]);
  const few = notches("read a", "read b", "read c", "write d");
  expect(foldReads(few)).toEqual(few);
});

it("starts at what is unsafe, else at the start", () => {
  expect(firstNotch(EVENT)).toBe(3);
  expect(firstNotch(notches("read", "write"))).toBe(0);
});

it("lists each machine of the event once", () => {
  const [one, two] = notches("read", "write");
  const other = notches("read").map((each) => ({ ...each, machine: "C" }));
  expect(machinesIn([one, two, ...other].flatMap((each) => each ?? []))).toEqual(["B", "C"]);
});
