import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendEntry,
  cloneLog,
  createLog,
  entriesFrom,
  entryAt,
  firstIndex,
  type Log,
  lastIndex,
  lastTerm,
  termAt,
  truncateFrom,
} from "./log.ts";
import type { Entry } from "./types.ts";

describe("a fresh log", () => {
  it("is empty, with an entry of term 0 before its first index", () => {
    const log = createLog();
    expect([firstIndex(log), lastIndex(log), lastTerm(log), termAt(log, 0)]).toEqual([1, 0, 0, 0]);
  });

  it("knows no term beyond its end", () => {
    expect(termAt(createLog(), 1)).toBeNull();
  });
});

describe("a log with a base", () => {
  const log = createLog([entry(6, 2), entry(7, 3)], 5, 2);

  it("begins after its base and ends at its last entry", () => {
    expect([firstIndex(log), lastIndex(log), lastTerm(log)]).toEqual([6, 7, 3]);
  });

  it("remembers the term of its base and nothing before it", () => {
    expect([termAt(log, 4), termAt(log, 5), termAt(log, 6)]).toEqual([null, 2, 2]);
  });

  it("ends at its base, with its base's term, when all its entries are cut", () => {
    const cut = cloneLog(log);
    truncateFrom(cut, 6);
    expect([lastIndex(cut), lastTerm(cut)]).toEqual([5, 2]);
  });

  it("gives windows of entries from an index on", () => {
    expect(entriesFrom(log, 7).map(({ index }) => index)).toEqual([7]);
    expect(entriesFrom(log, 6, 1).map(({ index }) => index)).toEqual([6]);
    expect(entriesFrom(log, 8)).toEqual([]);
  });
});

it("refuses an entry that is not the next", () => {
  expect(() => appendEntry(createLog(), entry(2, 1))).toThrow();
});

/** What a log does, done to one of several logs that were copied from one another. */
const action = fc.record({
  log: fc.nat(3),
  what: fc.constantFrom("append" as const, "append" as const, "cut" as const, "copy" as const),
  number: fc.nat(9),
});

it("never lets a change of a copy show in another", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const logs: { real: Log; model: Entry[] }[] = [{ real: createLog(), model: [] }];
      for (const { log, what, number } of actions) {
        const subject = logs[log % logs.length]!;
        if (what === "copy" && logs.length < 4) {
          logs.push({ real: cloneLog(subject.real), model: [...subject.model] });
        } else if (what === "cut") {
          truncateFrom(subject.real, number);
          subject.model.splice(Math.max(0, number - 1));
        } else {
          const next = entry(subject.model.length + 1, number);
          appendEntry(subject.real, next);
          subject.model.push(next);
        }
        for (const { real, model } of logs) expect(entriesFrom(real, 1)).toEqual(model);
      }
    }),
  );
});

it("finds every entry it holds at its index", () => {
  const log = createLog([entry(1, 1), entry(2, 1)]);
  expect([0, 1, 2, 3].map((index) => entryAt(log, index)?.index ?? null)).toEqual([
    null,
    1,
    2,
    null,
  ]);
});

function entry(index: number, term: number): Entry {
  return { index, term, command: new Uint8Array(0) };
}
