import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes, toHex } from "#base/bytes.ts";
import type { Entry } from "#raft/types.ts";
import {
  encodeCompacted,
  encodeHeader,
  encodePointer,
  type Form,
  firstRecord,
  formIn,
} from "./form.ts";
import { codec, decodeWal, type WalContents } from "./format.ts";
import { encodeFlush, type WalRecord } from "./record.ts";
import { encodeVote } from "./vote.ts";

/** Small numbers, drawn; what they mean depends on the log they meet. */
const plan = fc.array(fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 6,
});

describe("the bytes of a record", () => {
  it("of an entry are as the README says", () => {
    const entry: Entry = { index: 5, term: 2, command: Uint8Array.of(0xab, 0xcd) };
    const [bytes] = file([[{ type: "entry", entry }]]);
    expect(toHex(bytes!)).toMatch(
      /^1b000000[0-9a-f]{8}01000000000000000005000000000000000200000000000000abcd$/,
    );
  });

  it("of a term with a vote and of one without", () => {
    const [vote, none] = ["s2", null].map((votedFor) =>
      toHex(encodeFlush([{ type: "hard-state", term: 3, votedFor }], 0)),
    );
    expect(vote).toMatch(/^14000000[0-9a-f]{8}0200000000000000000300000000000000017332$/);
    expect(none).toMatch(/^12000000[0-9a-f]{8}020000000000000000030000000000000000$/);
  });

  it("keep every safe integer and every name", () => {
    const term = Number.MAX_SAFE_INTEGER;
    const bytes = encodeFlush([{ type: "hard-state", term, votedFor: "sérver ✓" }], 0);
    expect(decodeWal(bytes)).toMatchObject({ currentTerm: term, votedFor: "sérver ✓" });
  });
});

it("decodes what it encoded, and encodes that to the same bytes", () => {
  fc.assert(
    fc.property(plan, (numbers) => {
      const flushes = meaningOf(numbers);
      const bytes = concatBytes(file(flushes));
      const found = decodeWal(bytes);
      expect(found.problem).toBeNull();
      expect(found.records.map(({ record }) => record)).toEqual(flushes.flat());
      expect(equalBytes(reencoded(found), bytes)).toBe(true);
    }),
  );
});

it("reads entries, cuts and votes into the log they make", () => {
  const found = decodeWal(
    concatBytes(
      file([
        [
          { type: "hard-state", term: 2, votedFor: "s1" },
          { type: "entry", entry: entry(1, 1) },
          { type: "entry", entry: entry(2, 2) },
          { type: "entry", entry: entry(3, 2) },
        ],
        [
          { type: "hard-state", term: 3, votedFor: null },
          { type: "cut", from: 2 },
          { type: "entry", entry: entry(2, 3) },
        ],
      ]),
    ),
  );
  expect(found).toMatchObject({ currentTerm: 3, votedFor: null, problem: null });
  expect(found.entries.map(({ index, term }) => `${index}/${term}`)).toEqual(["1/1", "2/3"]);
});

describe("a file that was cut anywhere", () => {
  it("gives back a prefix of its records, and is torn unless it was cut between two", () => {
    fc.assert(
      fc.property(plan, fc.nat(), (numbers, where) => {
        const flushes = meaningOf(numbers);
        const bytes = concatBytes(file(flushes));
        const at = where % (bytes.length + 1);
        const found = decodeWal(bytes.slice(0, at));
        expectPrefix(found, flushes.flat());
        expect(found.isTorn).toBe(found.end < at);
      }),
    );
  });

  it("and whose rest came out as zeros, is torn there all the same", () => {
    fc.assert(
      fc.property(plan, fc.nat(), (numbers, where) => {
        const flushes = meaningOf(numbers);
        const bytes = concatBytes(file(flushes));
        const lastFlush = startOfLast(flushes);
        const at = lastFlush + (where % (bytes.length - lastFlush));
        const isChanged = bytes.subarray(at).some((byte) => byte !== 0);
        bytes.fill(0, at);
        const found = decodeWal(bytes);
        expectPrefix(found, flushes.flat());
        expect(found.isTorn).toBe(isChanged);
      }),
    );
  });
});

describe("a flipped bit", () => {
  it("never makes another record of a record: what is found is a prefix", () => {
    fc.assert(
      fc.property(plan, fc.nat(), fc.nat(7), (numbers, where, bit) => {
        const flushes = meaningOf(numbers);
        const bytes = concatBytes(file(flushes));
        const at = where % bytes.length;
        bytes[at]! ^= 1 << bit;
        const found = decodeWal(bytes);
        expectPrefix(found, flushes.flat());
        expect(found.problem!.offset).toBeLessThanOrEqual(at);
      }),
      { numRuns: 300 },
    );
  });

  it("is damage when a later flush follows, and may be a torn write in the last", () => {
    fc.assert(
      fc.property(plan, fc.nat(), (numbers, where) => {
        const flushes = meaningOf(numbers);
        const bytes = concatBytes(file(flushes));
        const at = where % bytes.length;
        bytes[at]! ^= 0x40;
        expect(decodeWal(bytes).isTorn).toBe(at >= startOfLast(flushes));
      }),
    );
  });
});

it("a later flush that lost one of its sectors, and kept the others, is torn", () => {
  const first = encodeFlush([{ type: "entry", entry: entry(1, 1, 600) }], 0);
  const second = encodeFlush(
    [2, 3, 4].map((index) => ({ type: "entry", entry: entry(index, 1, 600) })),
    first.length,
  );
  const bytes = concatBytes([first, second]);
  bytes.fill(0, 1024, 1536);
  const found = decodeWal(bytes);
  expect([found.entries.length, found.isTorn]).toEqual([1, true]);
});

describe("records that are whole and make no sense", () => {
  it.each([
    [
      "an entry beyond the next",
      [{ type: "entry", entry: entry(2, 1) }],
      "entry 2 stands where entry 1 should",
    ],
    ["a cut beyond the log", [{ type: "cut", from: 1 }], "a cut from entry 1 on, in a log of 0"],
    [
      "a cut from nowhere",
      [
        { type: "entry", entry: entry(1, 1) },
        { type: "cut", from: 0 },
      ],
      "a cut from entry 0 on, in a log of 1",
    ],
  ] as const)("%s is damage", (_name, records, reason) => {
    const found = decodeWal(encodeFlush(records, 0));
    expect([found.problem?.reason, found.isTorn]).toEqual([reason, false]);
  });

  it("a record of another place is damage", () => {
    const bytes = encodeFlush([{ type: "entry", entry: entry(1, 1) }], 77);
    expect(decodeWal(bytes)).toMatchObject({ entries: [], isTorn: false });
  });
});

describe("inspect", () => {
  it("says that an empty disk holds nothing", () => {
    expect(codec.inspect(new Map(), "A/")).toEqual({
      currentTerm: null,
      votedFor: null,
      commitIndex: null,
      baseIndex: 0,
      entries: [],
      problems: [],
    });
  });

  it("names the file, the offset and the reason of what it cannot read, and gives what precedes it", () => {
    const good = encodeFlush([{ type: "entry", entry: entry(1, 1) }], 0);
    const files = new Map([["A/wal", concatBytes([good, Uint8Array.of(1, 2, 3)])]]);
    const { entries, problems } = codec.inspect(files, "A/");
    expect(entries).toHaveLength(1);
    expect(problems).toEqual([
      { path: "A/wal", offset: good.length, reason: "the file ends inside a record's head" },
    ]);
  });

  it("says that recovery refuses damage that later flushes follow, unless a bug cuts it off", () => {
    const first = encodeFlush([{ type: "entry", entry: entry(1, 1) }], 0);
    const second = encodeFlush([{ type: "entry", entry: entry(2, 1) }], first.length);
    const bytes = concatBytes([first, second]);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    const refusals = (...bugs: readonly string[]) =>
      codec
        .inspect(new Map([["A/wal", bytes]]), "A/", new Set(bugs))
        .problems.map(({ isRefused }) => isRefused ?? false);
    expect(refusals()).toEqual([true]);
    expect(refusals("cut-at-bad-record")).toEqual([false]);
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { problems } = codec.inspect(new Map([["A/wal", bytes]]), "A/");
        expect(problems.length).toBe(bytes.length === 0 ? 0 : 1);
      }),
    );
  });
});

describe("annotate", () => {
  it("covers every byte once, in order, whatever the bytes", () => {
    fc.assert(
      fc.property(plan, fc.nat(), fc.boolean(), (numbers, where, isDamaged) => {
        const bytes = concatBytes(file(meaningOf(numbers)));
        if (isDamaged) bytes[where % bytes.length]! ^= 1;
        let end = 0;
        for (const span of codec.annotate("A/wal", bytes)) {
          expect(span.offset).toBe(end);
          end += span.length;
        }
        expect(end).toBe(bytes.length);
      }),
    );
  });

  it("calls an entry that was cut later a ghost, also when it came back", () => {
    const again: WalRecord = { type: "entry", entry: entry(1, 1) };
    const bytes = encodeFlush([again, { type: "cut", from: 1 }, again], 0);
    expect(codec.annotate("A/wal", bytes).map(({ kind }) => kind)).toEqual([
      "ghost",
      "value",
      "record",
    ]);
  });

  it("has nothing to say of other files", () => {
    expect(codec.annotate("A/withdrawal", Uint8Array.of(1))).toEqual([]);
  });
});

/** The flushes of a file, each encoded for its place. */
function file(flushes: readonly (readonly WalRecord[])[]): Uint8Array[] {
  let at = 0;
  return flushes.map((records) => {
    const bytes = encodeFlush(records, at);
    at += bytes.length;
    return bytes;
  });
}

function startOfLast(flushes: readonly (readonly WalRecord[])[]): number {
  return concatBytes(file(flushes).slice(0, -1)).length;
}

/** Flushes of records that follow from one another. */
function meaningOf(numbers: readonly (readonly number[])[]): WalRecord[][] {
  let length = 0;
  let term = 0;
  return numbers.map((flush) =>
    flush.map((number): WalRecord => {
      if (number % 5 === 0) {
        term += 1;
        return { type: "hard-state", term, votedFor: number % 2 === 0 ? null : `s${number}` };
      }
      if (number % 5 === 1 && length > 0) {
        const from = 1 + (number % length);
        length = from - 1;
        return { type: "cut", from };
      }
      length += 1;
      return { type: "entry", entry: entry(length, term, number) };
    }),
  );
}

function entry(index: number, term: number, size = 3): Entry {
  return { index, term, command: new Uint8Array(size).fill(index + term) };
}

function expectPrefix(found: WalContents, records: readonly WalRecord[]): void {
  expect(found.records.map(({ record }) => record)).toEqual(records.slice(0, found.records.length));
}

function reencoded({ records }: WalContents): Uint8Array {
  const flushes = new Map<number, WalRecord[]>();
  for (const { flush, record } of records)
    flushes.set(flush, [...(flushes.get(flush) ?? []), record]);
  return concatBytes([...flushes].map(([flush, each]) => encodeFlush(each, flush)));
}

describe("the formats of defective variants", () => {
  const records: WalRecord[] = [
    { type: "hard-state", term: 2, votedFor: "s1" },
    { type: "entry", entry: entry(1, 1) },
    { type: "padding", length: 40 },
    { type: "entry", entry: entry(2, 2) },
  ];
  const FORMS: readonly Form[] = [
    { isSealed: true, hasPointer: false },
    { isSealed: false, hasPointer: false },
    { isSealed: true, hasPointer: true },
    { isSealed: false, hasPointer: true },
  ];

  function written(form: Form, behind = 0): Uint8Array {
    const first = firstRecord(form);
    const flush = encodeFlush(records, first, form.isSealed);
    const header = encodeHeader(form, first + flush.length);
    return concatBytes([header, flush, new Uint8Array(behind)]);
  }

  it.each(FORMS)("are told by the file: sealed $isSealed, pointer $hasPointer", (form) => {
    const bytes = written(form);
    expect(formIn(bytes)).toEqual(form);
    const { currentTerm, votedFor, entries, problems } = codec.inspect(
      new Map([["A/wal", bytes]]),
      "A/",
    );
    expect([currentTerm, votedFor, entries.length, problems]).toEqual([2, "s1", 2, []]);
  });

  it.each(FORMS)(
    "are annotated to the last byte: sealed $isSealed, pointer $hasPointer",
    (form) => {
      for (const behind of [0, 100]) {
        const bytes = written(form, behind);
        let end = 0;
        for (const span of codec.annotate("A/wal", bytes)) {
          expect(span.offset).toBe(end);
          end += span.length;
        }
        expect(end).toBe(bytes.length);
      }
    },
  );

  it("a pointer beyond the records is a problem, one before them hides what follows", () => {
    const form: Form = { isSealed: true, hasPointer: true };
    const bytes = written(form);
    const ahead = concatBytes([encodePointer(bytes.length + 30), bytes.subarray(16)]);
    expect(decodeWal(ahead)).toMatchObject({ problem: { offset: bytes.length }, isTorn: false });
    const behind = concatBytes([encodePointer(firstRecord(form)), bytes.subarray(16)]);
    expect(decodeWal(behind)).toMatchObject({ problem: null, entries: [] });
  });

  it("a compacted file says the same, and ends with a flush that proves the rest", () => {
    const form: Form = { isSealed: true, hasPointer: false };
    const { reading } = decodeWal(written(form));
    const { bytes, flush } = encodeCompacted(form, reading, 512);
    const found = decodeWal(bytes);
    expect(bytes.length % 512).toBe(0);
    expect(found).toMatchObject({ currentTerm: 2, votedFor: "s1", problem: null });
    expect(found.entries).toEqual(decodeWal(written(form)).entries);
    bytes[flush - 1]! ^= 1;
    expect(decodeWal(bytes).isTorn).toBe(false);
  });

  it("a vote in a file of its own is what counts where there is one", () => {
    const files = new Map([
      ["A/wal", written({ isSealed: true, hasPointer: false })],
      ["A/hardstate", encodeVote({ term: 7, votedFor: "s3" })],
    ]);
    expect(codec.inspect(files, "A/")).toMatchObject({ currentTerm: 7, votedFor: "s3" });
    const apart = new Set(["vote-by-rename"]);
    expect(codec.inspect(files, "A/", apart)).toMatchObject({ currentTerm: 7, votedFor: "s3" });
    expect(codec.inspect(files, "A/", new Set())).toMatchObject({ currentTerm: 2 });
  });

  it("a vote's file that is empty is a problem, and no vote", () => {
    const files = new Map([["A/hardstate", new Uint8Array()]]);
    expect(codec.inspect(files, "A/")).toMatchObject({
      currentTerm: null,
      votedFor: null,
      problems: [{ path: "A/hardstate", offset: 0 }],
    });
  });
});
