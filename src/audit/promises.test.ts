import { describe, expect, it } from "vitest";
import type { Obligation } from "#raft/types.ts";
import type { Happening } from "#sim/observation.ts";
import { createGhost, fold, mirrorOf } from "./ghost.ts";
import type { Prefix } from "./prefix.ts";
import { alteredBy, forgottenBy, type Kept, type Promised } from "./promises.ts";
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

describe("the bytes that were recovered", () => {
  const said = [appends("1@1:x=1", "2@1:y=22", "3@2:z=3"), accepts(6, 3, 2)];

  it("keep the promise when they are the same", () => {
    expect(altered("1@1:x=1", "2@1:y=22", "3@2:z=3")).toBeNull();
  });

  it("break it where one is another, and it is said where", () => {
    expect(altered("1@1:x=1", "2@1:y=29", "3@2:z=3")).toBe(
      "has entry 2 (term 1) with other bytes than it had acknowledged, from byte 4 of 4 on",
    );
  });

  it("break it where an entry is shorter", () => {
    expect(altered("1@1:x=1", "2@1:y=2", "3@2:z=3")).toBe(
      "has entry 2 (term 1) with other bytes than it had acknowledged, 3 bytes and not 4",
    );
  });

  it("are told of the first entry, and how many there are more", () => {
    expect(altered("1@1:q=1", "2@1:y=22", "3@2:z=0")).toBe(
      "has entry 1 (term 1) and 1 more with other bytes than it had acknowledged, from byte 1 of 3 on",
    );
  });

  it("break it by an entry of another term before the last promised one", () => {
    expect(altered("1@1:x=1", "2@7:y=22", "3@2:z=3")).toBe(
      "has another entry 2 (of term 7) than the one it had acknowledged (of term 1)",
    );
  });

  it("leave it to terms to tell that the end is missing, or another", () => {
    expect(altered("1@1:x=1", "2@1:y=22")).toBeNull();
    expect(altered("1@1:x=1", "2@1:y=22", "3@7:q=0")).toBeNull();
  });

  it("may be any where nothing was promised", () => {
    const { log } = wordOf([appends("1@1:x=1", "2@1:y=2"), accepts(1, 1, 1)]);
    expect(alteredBy(log, keptBy({ entries: ["1@1:x=1", "2@1:q=0"] }))).toBeNull();
  });

  it("are not there to be compared below the base of a snapshot", () => {
    const { log } = wordOf(said);
    expect(alteredBy(log, keptBy({ baseIndex: 2, entries: ["3@2:z=3"] }))).toBeNull();
  });

  it("are the promise from then on, so that one loss is told once", () => {
    const entries = ["1@1:x=1", "2@1:q=0", "3@2:z=3"];
    const { log } = wordOf([...said, recovers({ currentTerm: 6, entries })]);
    expect(alteredBy(log, keptBy({ entries }))).toBeNull();
    expect(log).toMatchObject({ index: 3, parent: { entry: entry("2@1:q=0") } });
  });

  function altered(...entries: readonly string[]): string | null {
    return alteredBy(wordOf(said).log, keptBy({ entries }))?.forgotten.text ?? null;
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
  return wordOf(happenings).said;
}

function wordOf(happenings: readonly Happening[]): { said: Promised; log: Prefix | null } {
  const ghost = createGhost([{ id: "A", machine: "A" }]);
  for (const [sequence, happening] of happenings.entries()) {
    fold(ghost, { sequence, step: 1, time: 0, cause: null, ...happening }, null);
  }
  const said = ghost.promises.get("A");
  if (said === undefined) throw new Error("A has said nothing");
  return { said, log: mirrorOf(ghost, "A").promised };
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
