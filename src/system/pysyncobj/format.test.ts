import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import {
  type DecodedRecord,
  FIXTURES,
  JOURNALS,
  json,
  METAS,
  readFixture,
} from "./fixtures.testkit.ts";
import {
  annotateJournal,
  annotateMeta,
  commandOf,
  commandText,
  decodeCommand,
  decodeJournal,
  decodeMeta,
  EMPTY_META,
  encodeCall,
  encodeHeader,
  encodeJournal,
  encodeMeta,
  encodeRecord,
  encodeSet,
  type JournalRecord,
  metaContents,
  namesOf,
  narrow,
  understoodUntil,
  withMetaValue,
} from "./format.ts";
import { encodeMembership } from "./membership.ts";

describe("the names of numbers beyond 2^53", () => {
  const wide = fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n });

  it("are safe integers in the same order, and as far apart where numbers are neighbours", () => {
    fc.assert(
      fc.property(
        fc.array(wide, { maxLength: 6 }),
        fc.array(fc.nat(3), { maxLength: 3 }),
        (some, near) => {
          const numbers = [
            ...new Set([...some, ...near.flatMap((by) => some.map((each) => each - BigInt(by)))]),
          ]
            .filter((each) => each >= 2n ** 53n)
            .sort((a, b) => (a < b ? -1 : 1));
          const names = namesOf(numbers);
          for (const [i, value] of numbers.entries()) {
            const name = names.get(value)!;
            expect(Number.isSafeInteger(name + 2 ** 49)).toBe(true);
            const before = numbers[i - 1];
            if (before === undefined) continue;
            expect(name).toBeGreaterThan(names.get(before)!);
            if (value - before < 4n) expect(name - names.get(before)!).toBeLessThanOrEqual(3);
          }
        },
      ),
    );
  });

  it("are safe integers in the same order for whatever a pickle can hold, too", () => {
    const any = fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n });
    fc.assert(
      fc.property(fc.uniqueArray(any, { minLength: 1, maxLength: 6 }), (values) => {
        const names = namesOf(values);
        const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
        for (const [i, name] of sorted.entries()) {
          expect(Number.isSafeInteger(name)).toBe(true);
          if (i > 0) expect(name).toBeGreaterThan(sorted[i - 1] ?? 0);
        }
      }),
    );
  });

  it("are the same on every server that meets the number", () => {
    fc.assert(
      fc.property(wide, wide, (one, other) => {
        const together = namesOf([one, other]);
        const distance = one < other ? other - one : one - other;
        fc.pre(distance === 0n || distance > 2n ** 15n);
        expect([narrow(one), narrow(other)]).toEqual([together.get(one), together.get(other)]);
      }),
    );
  });
});

describe("a journal", () => {
  it.each(JOURNALS)("$path has the entries and ghosts that another reader found", (fixture) => {
    const journal = decodeJournal(fixture.bytes);
    const { header, entries = [], ghostRecords = [] } = fixture.decoded;
    expect(journal.records.map(plainRecord)).toEqual(entries.map(plainDecoded));
    expect(journal.ghosts.map(plainRecord)).toEqual(ghostRecords.map(plainDecoded));
    if (header === undefined) return;
    const { appName, appVersion: libraryVersion, formatVersion, lastRecordOffset } = header;
    expect(journal.header).toEqual({ appName, libraryVersion, formatVersion, lastRecordOffset });
  });

  it.each(JOURNALS.filter(({ decoded }) => decoded.problems?.length === 0))(
    "$path is the same bytes after decode and encode",
    ({ bytes }) => {
      const journal = decodeJournal(bytes);
      const rest = bytes.slice(understoodUntil(journal));
      expect(toHex(encodeJournal(journal, bytes.length, rest))).toBe(toHex(bytes));
    },
  );

  it("finds a problem in exactly the files in which the other reader did", () => {
    const notJudgedThere = "07-torn/bad-appname-version/raft.journal"; // It does not look at the magic.
    for (const { path, bytes, decoded } of JOURNALS) {
      const found = decodeJournal(bytes).problems.length > 0;
      expect([path, found]).toEqual([
        path,
        path === notJudgedThere || decoded.problems?.length !== 0,
      ]);
    }
  });

  it("names index and term beyond 2^53 exactly", () => {
    const { records } = decodeJournal(
      readFixture("07-torn/page0-old-page1-compacted/raft.journal"),
    );
    expect(records.at(-1)?.term).toBe(3543600036814353920n);
    expect(records.at(-1)?.index).toBe(24567220352049);
  });

  it("says how an index jumps, and where", () => {
    const bytes = readFixture("05-deviations/f-big-record-hole/end/A/raft.journal");
    expect(decodeJournal(bytes).oddities).toContainEqual({
      offset: 149,
      reason: "index 5 follows index 3",
    });
  });

  it("shows where a stale leader's newer term overruled an older log's higher one", () => {
    const bytes = readFixture("02-simultaneous-restart/after-divergence/A/raft.journal");
    const { problems, oddities } = decodeJournal(bytes);
    expect(problems).toEqual([]);
    expect(oddities.map(({ reason }) => reason)).toEqual(["term 2 at index 43 follows term 5"]);
  });

  it("reads any bytes to an end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        const { problems } = decodeJournal(concatBytes([encodeHeader(150), random]));
        return problems.every(({ offset }) => offset >= 0);
      }),
    );
  });

  it("gives back the records that were written", () => {
    const entry = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.uint8Array());
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        const records = entries.map(([number, command]) => encodeRecord(number, number, command));
        const end = records.reduce((sum, { length }) => sum + length, 40);
        const journal = decodeJournal(concatBytes([encodeHeader(end), ...records]));
        const found = journal.records.map(({ index, command }) => [BigInt(index), command]);
        expect(found).toEqual(entries);
      }),
    );
  });
});

describe("a meta file", () => {
  it.each(METAS)("$path has the value that another reader found", ({ bytes, decoded }) => {
    const meta = decodeMeta(bytes);
    if (decoded.value === undefined) expect(meta.ok).toBe(false);
    else expect(meta.ok && json(meta.value)).toEqual(decoded.value);
  });

  // Other pickle protocols, and Python 2, say the same in other bytes.
  it.each(METAS.filter(({ bytes, path }) => bytes[0] === 0x80 && !/protocol-4|py2/.test(path)))(
    "$path is the same bytes after decode and encode",
    ({ bytes }) => {
      const meta = decodeMeta(bytes);
      expect(meta.ok && toHex(encodeMeta(meta.value))).toBe(toHex(bytes));
    },
  );

  it("with a commit index alone is the 31 bytes of the library", () => {
    const meta = withMetaValue(EMPTY_META, "raftCommitIndex", 45);
    expect(toHex(encodeMeta(meta))).toBe(
      "80027d7100580f00000072616674436f6d6d6974496e64657871014b2d732e",
    );
  });

  it("with term and vote is read under the names of the fix", () => {
    const meta = decodeMeta(readFixture("08-formats/meta-with-term-and-vote/A/raft.journal.meta"));
    expect(meta.ok && metaContents(meta.value)).toEqual({
      raftCommitIndex: 5,
      currentTerm: 2,
      votedForNodeId: "127.0.0.1:7002",
      votedForKept: true,
    });
  });

  it("of zeros says so", () => {
    expect(decodeMeta(new Uint8Array(31))).toMatchObject({ ok: false, problem: { offset: 0 } });
  });
});

describe("a command", () => {
  it("of every fixture is the call that another reader found", () => {
    let count = 0;
    for (const { decoded } of FIXTURES) {
      for (const { commandHex, call } of decoded.entries ?? []) {
        if (call === undefined) continue;
        const found = decodeCommand(fromHex(commandHex) ?? new Uint8Array());
        expect(found.type).toBe("regular");
        if (found.type !== "regular") continue;
        const { funcId, args, kwargs } = found.call;
        const named = Object.fromEntries(kwargs.map(([key, value]) => [key, json(value)]));
        expect([funcId, args.map(json), named]).toEqual([
          call.funcID,
          listed(call.args),
          call.kwargs,
        ]);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(500);
  });

  it("to set a key is the bytes of the library", () => {
    expect(toHex(encodeSet("leader", "A"))).toBe(
      "0080024b0158060000006c6561646572710058010000004171018671028671032e",
    );
  });

  it("sets, deletes, does nothing, or is opaque", () => {
    expect(commandOf(encodeSet("k", "v"))).toEqual({ type: "set", key: "k", value: "v" });
    expect(commandOf(encodeCall(0, ["k"]))).toEqual({ type: "delete", key: "k" });
    expect(commandOf(Uint8Array.of(1))).toEqual({ type: "no-op" });
    expect(commandOf(encodeCall(3, ["a"]))).toEqual({ type: "opaque", text: 'f3("a")' });
    expect(commandOf(encodeCall(1, ["k", 5]))).toEqual({ type: "opaque", text: 'f1("k", 5)' });
  });

  it("that cannot be unpickled raises when it is applied, as Python would", () => {
    expect(decodeCommand(encodeSet("k", "v").subarray(0, 9))).toMatchObject({ name: "EOFError" });
    expect(decodeCommand(new Uint8Array())).toMatchObject({ name: "TypeError" });
  });

  it("to add a member is the bytes of the library, the node among them", () => {
    // Of TCPNode("127.0.0.1:7004") by 0.3.14 under CPython 3.11.
    expect(toHex(encodeMembership({ type: "add", node: "127.0.0.1:7004" }))).toBe(
      "0280025d71002858030000006164647101580e0000003132372e302e302e313a37303034710263707973796e636f626a2e6e6f64650a5443504e6f64650a7103298171047d71052858030000005f69647106680258110000005f5443504e6f64655f5f6164647265737371076802580e0000005f5443504e6f64655f5f686f7374710858090000003132372e302e302e317109580e0000005f5443504e6f64655f5f706f7274710a4d5c1b7562652e",
    );
  });

  it("reads in words as the recorded runs word it", () => {
    expect(commandText(encodeSet("leader", "A"))).toBe('f1("leader", "A")');
  });
});

describe("annotations", () => {
  it("cover every byte of every file once, in order", () => {
    for (const { path, kind, bytes } of FIXTURES) {
      if (kind === "dump") continue;
      const spans = kind === "journal" ? annotateJournal(bytes) : annotateMeta(bytes);
      let at = 0;
      for (const { offset, length } of spans) {
        expect([path, offset]).toEqual([path, at]);
        at += length;
      }
      expect([path, at]).toEqual([path, bytes.length]);
    }
  });

  it("show the committed entries that were cut off as ghosts", () => {
    const bytes = readFixture("02-simultaneous-restart/truncated-C/C/raft.journal");
    const ghosts = annotateJournal(bytes).filter(({ kind }) => kind === "ghost");
    expect(ghosts.map(({ entry }) => [entry?.index, entry?.term])).toEqual([
      [44, 1],
      [45, 1],
    ]);
  });
});

function plainRecord({ offset, size, index, term, command }: JournalRecord): unknown {
  return [offset, size, String(index), String(term), toHex(command)];
}

function plainDecoded({ offset, size, index, term, commandHex }: DecodedRecord): unknown {
  const text = (value: DecodedRecord["index"]): string =>
    typeof value === "number" ? String(value) : value.$int;
  return [offset, size, text(index), text(term), commandHex];
}

/** In the manifest a call without a list of arguments has none. */
function listed(args: unknown): unknown {
  return Array.isArray(args) ? args : ((args as { $tuple?: unknown[] } | null)?.$tuple ?? []);
}
