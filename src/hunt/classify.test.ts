import { describe, expect, it } from "vitest";
import { createLog } from "#raft/log.ts";
import type { Entry, ServerMemory } from "#raft/types.ts";
import { BOOT_FATES, type Examined, fateOf, worstFate } from "./classify.ts";

describe("a server that has booted from a crash state", () => {
  it("boots when nothing is gone", () => {
    expect(fateOf(booted("1 1 2"))).toEqual({ fate: "boots", because: null });
  });

  it("has forgotten when a vote is gone and its entries are there", () => {
    const forgotten = [{ what: "vote", text: "forgot the vote it gave to B" }] as const;
    expect(fateOf(booted("1 1", { forgotten }))).toEqual({
      fate: "boots-having-forgotten",
      because: "forgot the vote it gave to B",
    });
  });

  it("has lost when entries that it acknowledged are gone, whatever else it has forgotten", () => {
    const forgotten = [
      { what: "term", text: "forgot its term" },
      { what: "log", text: "forgot entries 3 to 4" },
    ] as const;
    expect(fateOf(booted("1 1", { forgotten }))).toEqual({
      fate: "boots-having-lost",
      because: "forgot entries 3 to 4",
    });
  });

  it("has lost when a client's entry is gone that nobody else keeps", () => {
    expect(fateOf(booted("1 1", { lost: [3, 4, 5] }))).toEqual({
      fate: "boots-having-lost",
      because: "no longer has entries 3 to 5, which clients were told are kept",
    });
  });

  it("has lost what is there with other bytes than it had acknowledged", () => {
    expect(fateOf(booted("1 1", { strange: [entry(2, 1)], promisedTo: 2 })).fate).toBe(
      "boots-having-lost",
    );
  });

  it("is garbled when it holds what nobody wrote, or a state that is not the log's", () => {
    expect(fateOf(booted("1 1", { strange: [entry(2, 1)], promisedTo: 1 })).fate).toBe(
      "boots-garbled",
    );
    expect(fateOf(booted("1 1", { isMisapplied: true })).fate).toBe("boots-garbled");
  });

  it("is stuck with a commit index past its log's end", () => {
    expect(fateOf(booted("1 1", {}, { commitIndex: 9 }))).toEqual({
      fate: "stuck",
      because: "takes entries up to 9 for committed, and its log ends at 2",
    });
    expect(fateOf(booted("1 1", {}, { commitIndex: 2 })).fate).toBe("boots");
  });

  it("is stuck when its log begins behind what it has applied", () => {
    const gap = { log: createLog([entry(6, 1)], 5, 1), lastApplied: 4, commitIndex: 6 };
    expect(fateOf(booted("", {}, gap)).fate).toBe("stuck");
    expect(fateOf(booted("", {}, { ...gap, lastApplied: 5 })).fate).toBe("boots");
  });

  it("is stuck by what its system says", () => {
    const obstacle = "cannot apply entry 2";
    expect(fateOf(booted("1 1", { obstacle }))).toEqual({ fate: "stuck", because: obstacle });
  });

  it("poisons the term with one that nobody was ever beyond, in its last entry or its own", () => {
    expect(fateOf(booted("1 1 9", { highestTerm: 3 }))).toEqual({
      fate: "poisons-term",
      because: "has a last entry of term 9, and nobody was ever beyond term 3",
    });
    expect(fateOf(booted("1", { highestTerm: 3 }, { currentTerm: 4 })).fate).toBe("poisons-term");
    expect(fateOf(booted("1 3", { highestTerm: 3 }, { currentTerm: 3 })).fate).toBe("boots");
  });

  it("poisons nothing as far as anybody knows where no term is known", () => {
    expect(fateOf(booted("1 1 9", { highestTerm: null })).fate).toBe("boots");
  });

  it("poisons the term first of all that is wrong with it", () => {
    const examined = booted("1 9", { highestTerm: 3, lost: [4] }, { commitIndex: 7 });
    expect(fateOf(examined).fate).toBe("poisons-term");
  });
});

it("several servers come to the worst of them", () => {
  const told = BOOT_FATES.map((fate) => ({ fate, because: `it is ${fate}` }));
  expect(worstFate(told.slice(0, 3))).toEqual(told[2]);
  expect(worstFate(told.toReversed())).toEqual(told.at(-1));
  expect(worstFate([])).toEqual({ fate: "boots", because: null });
});

/** "1 1 2": the terms of its entries from index 1 on. */
function booted(
  terms: string,
  more: Partial<Examined> = {},
  memory: Partial<ServerMemory> = {},
): Examined {
  const entries = terms.split(" ").flatMap((term, i) => (term === "" ? [] : [entry(i + 1, +term)]));
  return {
    memory: {
      ...{ id: "A", currentTerm: 1, votedFor: null, commitIndex: 0, lastApplied: 0 },
      log: createLog(entries),
      ...memory,
    } as ServerMemory,
    ...{ forgotten: [], lost: [], strange: [], promisedTo: 0 },
    ...{ isMisapplied: false, highestTerm: null, obstacle: null },
    ...more,
  };
}

function entry(index: number, term: number): Entry {
  return { index, term, command: Uint8Array.of(1) };
}
