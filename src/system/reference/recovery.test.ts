import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "#base/bytes.ts";
import { entriesFrom, lastIndex } from "#raft/log.ts";
import type { Actor, Step, StepResult } from "#system/contract.ts";
import { decodeWal } from "./format.ts";
import { encodeFlush, type WalRecord } from "./record.ts";
import { recoveryActor } from "./recovery.ts";

const flushes = fc.array(fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 8,
});

describe("recovery reads a record at a time and comes to what a reader of the whole file says", () => {
  it("of files that were cut", () => {
    fc.assert(
      fc.property(flushes, fc.nat(), (numbers, where) => {
        const bytes = fileOf(numbers);
        expectAgreement(bytes.slice(0, where % (bytes.length + 1)));
      }),
    );
  });

  it("of files with changed bytes", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(flushes, changes, (numbers, each) => {
        const bytes = fileOf(numbers);
        for (const [where, value] of each) bytes[where % bytes.length] = value;
        expectAgreement(bytes);
      }),
    );
  });

  it("of files that lost sectors", () => {
    fc.assert(
      fc.property(flushes, fc.nat(), fc.nat(255), (numbers, where, garbage) => {
        const bytes = fileOf(numbers);
        const sector = 512 * (where % Math.ceil(bytes.length / 512));
        bytes.fill(garbage, sector, sector + 512);
        expectAgreement(bytes);
      }),
    );
  });

  it("of a file whose first record, and its checksum with it, came out as zeros", () => {
    const bytes = fileOf([[0], [491, 0]]);
    bytes.fill(0, 0, 512);
    expectAgreement(bytes);
  });

  it("of any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), expectAgreement));
  });

  it("of files whose entries look like records of later flushes", () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(1200), fc.boolean(), (before, flush, isWhole) => {
        const inner = encodeFlush([entry(9, 1, before % 50)], flush);
        if (!isWhole) inner[inner.length - 1]! ^= 1;
        const command = concatBytes([new Uint8Array(before), inner, new Uint8Array(40)]);
        const bytes = encodeFlush([{ type: "entry", entry: { index: 1, term: 1, command } }], 0);
        bytes[4]! ^= 1;
        expectAgreement(bytes);
      }),
    );
  });
});

it("a bad head makes nobody read the file to its end at once", () => {
  const bytes = concatBytes([encodeFlush([entry(1, 1, 20)], 0), new Uint8Array(9000).fill(1)]);
  const lengths = run(bytes).steps.map((step) => (step.type === "read" ? step.length : 0));
  expect(Math.max(...lengths.map((length) => length ?? 9999))).toBeLessThan(600);
});

it("what a crash may have left of the last flush is mostly looked at in vain, with one and the same result", () => {
  const first = encodeFlush([entry(1, 1, 20)], 0);
  const second = encodeFlush([entry(2, 1, 600), entry(3, 1, 600), entry(4, 1, 600)], first.length);
  const seen = new Set<string>();
  for (let lost = 0; lost < 16; lost++) {
    const bytes = concatBytes([first, second]);
    bytes.fill(0, first.length, first.length + 8);
    for (let sector = 1; sector < 4; sector++) {
      if ((lost >> sector) & 1) bytes.fill(0, sector * 512, sector * 512 + 512);
    }
    seen.add(JSON.stringify(run(bytes).values));
  }
  expect(seen.size).toBe(1);
});

it("refuses to start on a file that it cannot read, and names the place", () => {
  const bytes = concatBytes([encodeFlush([entry(1, 1, 20)], 0), encodeFlush([entry(2, 1, 9)], 53)]);
  expect(run(bytes, (offset) => offset >= 53).end).toEqual({
    type: "fail",
    name: "WAL_UNREADABLE",
    text: "s1/wal, offset 53: EIO",
  });
});

it("refuses what it cannot judge: behind a bad record there is a sector that it cannot read", () => {
  const bytes = encodeFlush([entry(1, 1, 2000)], 0);
  bytes.fill(0, 0, 8);
  expect(run(bytes, (offset) => offset >= 1024).end).toMatchObject({ name: "WAL_UNREADABLE" });
});

it("can be copied at any step: both copies go on as one would have", () => {
  const bytes = fileOf([[2, 7, 11], [6, 5], [800]]);
  const alone = run(bytes);
  for (let at = 0; at < alone.steps.length; at++) {
    const copies = [0, 1].map(() => run(bytes, () => false, at));
    expect(copies.map(({ end }) => end)).toEqual([alone.end, alone.end]);
  }
});

it("reads a hundred thousand entries", () => {
  const records = Array.from({ length: 100_000 }, (_, i) => entry(i + 1, 1, 4));
  const { end } = run(encodeFlush(records, 0));
  expect(end.type === "recovered" && lastIndex(end.recovered.log)).toBe(100_000);
}, 30_000);

function expectAgreement(bytes: Uint8Array): void {
  const { end, steps } = run(bytes);
  const {
    problem,
    isTorn,
    currentTerm,
    votedFor,
    entries,
    end: offset,
  } = decodeWal(bytes, new Set());
  if (problem !== null && !isTorn) {
    const text = `s1/wal, offset ${problem.offset}: ${problem.reason}`;
    expect(end).toEqual({ type: "fail", name: "WAL_DAMAGED", text });
    return;
  }
  if (end.type !== "recovered") throw new Error(JSON.stringify(end));
  const { log, ...rest } = end.recovered;
  expect(rest).toMatchObject({ currentTerm: currentTerm ?? 0, votedFor });
  expect(entriesFrom(log, 1)).toEqual(entries);
  const cuts = steps.flatMap((step) =>
    step.type === "disk" && step.op.type === "truncate" ? [step.op.size] : [],
  );
  expect(cuts).toEqual(problem === null ? [] : [offset]);
}

interface Ran {
  readonly steps: readonly Step[];
  /** What the reads gave. */
  readonly values: readonly unknown[];
  readonly end: Step;
}

/** Recovers from this file; from step `clonedAt` on a copy of the actor's state does it, and the other one as well. */
function run(
  bytes: Uint8Array,
  isUnreadable: (offset: number) => boolean = () => false,
  clonedAt = -1,
): Ran {
  const actor: Actor = recoveryActor as Actor;
  let state = actor.start();
  actor.receive(state, { type: "recover" });
  const steps: Step[] = [];
  const values: unknown[] = [];
  let last: StepResult = { type: "none" };
  for (;;) {
    const context = { last, memory: {}, now: 0, directory: "s1/", held: 0 };
    if (steps.length === clonedAt) {
      const other = actor.clone(state);
      actor.next(state, { ...context, bugs: new Set(), options: {} });
      state = other;
    }
    const step = actor.next(state, { ...context, bugs: new Set(), options: {} });
    if (step === null) break;
    steps.push(step);
    last = { type: "none" };
    if (step.type === "disk") last = { type: "disk", result: { ok: true, descriptor: 3 } };
    if (step.type !== "read") continue;
    const { offset = 0, length = bytes.length } = step;
    const part = bytes.subarray(offset, offset + length);
    const errno = isUnreadable(offset + part.length - 1) ? "EIO" : null;
    const value = errno === null ? step.as?.(part) : null;
    values.push(value);
    last = { type: "read", bytes: null, value, errno };
  }
  const end = steps.at(-1);
  if (end === undefined) throw new Error("no step was taken");
  return { steps, values, end };
}

function fileOf(numbers: readonly (readonly number[])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let offset = 0;
  let length = 0;
  for (const flush of numbers) {
    const records = flush.map((number): WalRecord => {
      if (number % 5 === 0) return { type: "hard-state", term: number, votedFor: null };
      if (number % 5 === 1 && length > 0) {
        length -= 1;
        return { type: "cut", from: length + 1 };
      }
      length += 1;
      return entry(length, 1, number);
    });
    const bytes = encodeFlush(records, offset);
    parts.push(bytes);
    offset += bytes.length;
  }
  return concatBytes(parts);
}

function entry(index: number, term: number, size: number): Extract<WalRecord, { type: "entry" }> {
  return {
    type: "entry",
    entry: { index, term, command: new Uint8Array(size).fill(64 + (index % 64)) },
  };
}
