import { expect, it } from "vitest";
import { feedOf } from "./feed.ts";
import type { Happening } from "./observation.ts";
import {
  applies,
  becomes,
  describe,
  enters,
  message,
  sends,
  trace,
  votes,
} from "./trace.testkit.ts";

it("tells heartbeats to several followers in one line", () => {
  expect(feed(sends(1, message("A>B append")), sends(2, message("A>C append")))).toEqual([
    "A sent heartbeats to B and C",
  ]);
});

it("tells requests for votes in one line", () => {
  const ask = (way: string) => message(`${way} vote-request`, { term: 2 });
  expect(feed(sends(1, ask("B>A")), sends(2, ask("B>C")))).toEqual([
    "B asks A and C for their votes in term 2",
  ]);
});

it("keeps promises apart that are durable from those that are not", () => {
  const lines = feed(
    sends(1, message("A>B append"), "durable"),
    sends(2, message("A>C append"), "not-durable"),
  );
  expect(lines).toHaveLength(2);
});

it("leaves out the term and the own vote of a candidacy", () => {
  expect(
    feed(becomes("B", "candidate"), enters("B", 2), votes("B", "B")).map((line) =>
      line.replace(/ in term.*/, ""),
    ),
  ).toEqual(["B stands for election"]);
});

it("leaves out a vote that is told by the message that carries it", () => {
  const vote = message("C>B vote-reply", { term: 2, success: true });
  expect(feed(votes("C", "B"), sends(1, vote, "not-durable"))).toEqual([
    "C granted B its vote in term 2, not on disk yet",
  ]);
});

it("tells a vote of whose message nothing is seen", () => {
  expect(feed(votes("C", "B"))).toEqual(["C voted for B"]);
});

it("tells that a message waits only when it does not leave in the same step", () => {
  const reply = message("C>B append-reply", { owes: { log: { index: 2, term: 1 } } });
  const held: Happening = { type: "held", server: "C", message: reply, ticket: 1 };
  const release: Happening = { type: "release", server: "C", messages: 1 };
  expect(feed(held)).toEqual(["C holds back its acknowledgement to B until it is released"]);
  expect(feed(held, release, sends(1, reply, "durable"))).toEqual([
    "C told B that it holds the log up to 2, on disk",
  ]);
});

it("sums up the stores to one file until it is synced", () => {
  expect(feed(store(40, 25), store(36, 4), sync(), store(65, 25))).toEqual([
    "A wrote to journal 2 times, 29 bytes, not synced",
    "A synced journal: what it wrote there is on disk",
    "A wrote 25 bytes at 65 of journal, not synced",
  ]);
});

it("sums up the applying of a whole log", () => {
  const all = applies("A", "2@1:a=1 3@1:a=2 4@1:a=3 5@2:a=4");
  expect(feed(...all)).toEqual(["A applied entries 2..5 of terms 1 and 2"]);
});

it("sums up messages that are lost for one reason", () => {
  const lose = (way: string): Happening => ({
    type: "drop",
    id: 1,
    message: message(`${way} append`),
    reason: "partition",
  });
  expect(feed(lose("A>B"), lose("A>C"))).toEqual([
    "A's messages to B and C are lost: a wall is in between",
  ]);
});

it("tells once what was done and what it did, unless it did more", () => {
  const lost = (text: string) => {
    const [done, crash] = trace([
      { type: "action", text },
      { type: "crash", machine: "C", kind: "power", servers: ["C"], kept: 0, lost: 22 },
    ]);
    if (done === undefined || crash === undefined) throw new Error("there are two");
    return feedOf([done, { ...crash, cause: done.sequence }], context).map((line) => line.text);
  };
  const crash = "Power lost on C: 22 unsynced writes gone";
  expect(lost("power loss: C")).toEqual([crash]);
  expect(lost("power loss and restart: C")).toEqual(["power loss and restart: C", crash]);
});

it("gives each line its own place in the run", () => {
  const lines = feedOf(trace([...applies("A", "2@1:a=1"), ...applies("A", "3@1:a=2")]), context);
  expect(lines.map(({ sequence, step, server }) => [sequence, step, server])).toEqual([
    [0, 1, "A"],
    [2, 1, "A"],
  ]);
});

const context = { describe, recall: () => null, note: () => null };

function feed(...happenings: Happening[]): string[] {
  return feedOf(trace(happenings), context).map(({ text }) => text);
}

function store(offset: number, length: number): Happening {
  return disk({ type: "store", file: "A/journal", offset, bytes: new Uint8Array(length) });
}

function sync(): Happening {
  return disk({ type: "sync", file: "A/journal" });
}

function disk(op: Extract<Happening, { type: "disk" }>["op"]): Happening {
  return {
    type: "disk",
    machine: "A",
    server: "A",
    actor: "journal",
    op,
    path: "A/journal",
    errno: null,
  };
}
