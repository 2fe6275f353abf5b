import { describe, expect, it } from "vitest";
import type { Obligation } from "#raft/types.ts";
import type { Happening } from "#sim/observation.ts";
import { foldPromises, forgottenBy, type Kept, type Promised, type Promises } from "./promises.ts";
import { entry, message } from "./trace.testkit.ts";

describe("a server's word", () => {
  it("is the highest term it spoke in, with the vote of that term", () => {
    expect(saidBy(votes(5, "B"), votes(6, null), votes(6, "C"))).toMatchObject({
      term: 6,
      votedFor: "C",
    });
  });

  it("keeps the vote of a term when a later message of that term names none", () => {
    expect(saidBy(votes(6, "C"), votes(6, null))).toMatchObject({ term: 6, votedFor: "C" });
  });

  it("is not taken back by a message of an earlier term that leaves late", () => {
    expect(saidBy(votes(6, "C"), votes(5, "B"))).toMatchObject({ term: 6, votedFor: "C" });
  });

  it("is the longest log it acknowledged", () => {
    const said = saidBy(appends("1@1", "2@1", "3@1"), accepts(1, 3, 1), accepts(1, 2, 1));
    expect(said.log).toEqual({ index: 3, term: 1 });
  });

  it("grows with the log also where later entries are of a lower term", () => {
    const said = saidBy(appends("1@5", "2@1"), accepts(1, 1, 5), accepts(1, 2, 1));
    expect(said.log).toEqual({ index: 2, term: 1 });
  });

  it("ends where the server has cut its log", () => {
    const said = saidBy(appends("1@1", "2@1", "3@2"), accepts(2, 3, 2), cuts(2));
    expect(said.log).toEqual({ index: 1, term: 1 });
  });

  it("ends with nothing when all of the log is cut", () => {
    expect(saidBy(appends("1@1"), accepts(1, 1, 1), cuts(1)).log).toBeNull();
  });

  it("is not what a message promises that was held until its entries had been cut", () => {
    const said = saidBy(appends("1@1", "2@1"), cuts(2), appends("2@2"), accepts(1, 2, 1));
    expect(said.log).toBeNull();
  });

  it("is what was kept, after a recovery that kept less", () => {
    const kept = recovers({ currentTerm: 4, entries: ["1@1"] });
    const said = saidBy(appends("1@1", "2@1"), accepts(5, 2, 1), votes(5, "B"), kept);
    expect(said).toMatchObject({ term: 4, votedFor: null, log: { index: 1, term: 1 } });
  });

  it("stays as it was after a recovery that kept all of it", () => {
    const kept = recovers({ currentTerm: 5, votedFor: "B", entries: ["1@1", "2@1", "3@1"] });
    const said = saidBy(appends("1@1", "2@1"), accepts(5, 2, 1), votes(5, "B"), kept);
    expect(said).toMatchObject({ term: 5, votedFor: "B", log: { index: 2, term: 1 } });
  });
});

describe("what was recovered", () => {
  const said = saidBy(appends("1@1", "2@1", "3@2"), accepts(6, 3, 2), votes(6, "B"));

  it("keeps the promise when nothing is missing", () => {
    expect(wrongs({ currentTerm: 6, votedFor: "B", entries: ["1@1", "2@1", "3@2"] })).toEqual([]);
  });

  it("keeps it in a later term, without the vote", () => {
    expect(wrongs({ currentTerm: 7, entries: ["1@1", "2@1", "3@2"] })).toEqual([]);
  });

  it("keeps it when the entries are below the base of a snapshot", () => {
    expect(wrongs({ currentTerm: 7, baseIndex: 3, entries: [] })).toEqual([]);
  });

  it("breaks it by another vote in that term", () => {
    expect(wrongs({ currentTerm: 6, votedFor: "C", entries: ["1@1", "2@1", "3@2"] })).toEqual([
      "forgot the vote it gave to B in term 6",
    ]);
  });

  it("breaks it by an earlier term, and then the vote is gone too", () => {
    expect(wrongs({ currentTerm: 5, entries: ["1@1", "2@1", "3@2"] })).toEqual([
      "forgot term 6 (it is back in 5)",
      "forgot the vote it gave to B in term 6",
    ]);
  });

  it("breaks it by a log that is shorter", () => {
    expect(wrongs({ currentTerm: 7, entries: ["1@1"] })).toEqual([
      "forgot entries 2 to 3, which it had acknowledged",
    ]);
    expect(wrongs({ currentTerm: 7, entries: ["1@1", "2@1"] })).toEqual([
      "forgot entry 3, which it had acknowledged",
    ]);
  });

  it.each(["3@1", "3@7"])("breaks it by another last entry (%s)", (last) => {
    expect(wrongs({ currentTerm: 7, entries: ["1@1", "2@1", last] })).toEqual([
      "has another entry 3 than the one it had acknowledged",
    ]);
  });

  it("breaks nothing that was never promised", () => {
    expect(forgottenBy(undefined, keptBy({}))).toEqual([]);
  });

  function wrongs(kept: Recovery): string[] {
    return forgottenBy(said, keptBy(kept)).map(({ text }) => text);
  }
});

interface Recovery {
  readonly currentTerm?: number;
  readonly votedFor?: string;
  readonly baseIndex?: number;
  readonly entries?: readonly string[];
}

function keptBy({ currentTerm = 0, votedFor, baseIndex = 0, entries = [] }: Recovery): Kept {
  return { currentTerm, votedFor: votedFor ?? null, baseIndex, entries: entries.map(entry) };
}

function saidBy(...happenings: readonly Happening[]): Promised {
  const promises: Promises = new Map();
  for (const [sequence, happening] of happenings.entries()) {
    foldPromises(promises, { sequence, step: 1, time: 0, cause: null, ...happening });
  }
  const promised = promises.get("A");
  if (promised === undefined) throw new Error("A has said nothing");
  return promised;
}

function votes(term: number, votedFor: string | null): Happening {
  return sends({ hardState: { term, votedFor }, log: null });
}

function accepts(term: number, index: number, entryTerm: number): Happening {
  return sends({ hardState: { term, votedFor: null }, log: { index, term: entryTerm } });
}

function sends(obligation: Obligation): Happening {
  const sent = { ...message("append-reply", "A", "B", 0, true), obligation };
  return { type: "send", server: "A", id: 0, message: sent, arrives: 0, promise: "durable" };
}

function appends(...entries: readonly string[]): Happening {
  return { type: "append", server: "A", entries: entries.map(entry) };
}

function cuts(from: number): Happening {
  return { type: "truncate", server: "A", from, removed: [] };
}

function recovers(kept: Recovery): Happening {
  return {
    type: "recovered",
    server: "A",
    incarnation: 2,
    commitIndex: 0,
    lastApplied: 0,
    baseTerm: 0,
    ...keptBy(kept),
  };
}
