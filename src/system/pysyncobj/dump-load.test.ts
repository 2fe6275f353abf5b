import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#base/bytes.ts";
import { gzip } from "#base/gzip.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import { pendingCount, readFile } from "#disk/disk.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Step } from "#system/contract.ts";
import { codec } from "./codec.ts";
import { type Dump, encodeDump } from "./dump.ts";
import { startOn } from "./dump-load.ts";
import { filesIn, readFixture, readFixtureText } from "./fixtures.testkit.ts";
import { decodeJournal, encodeHeader, encodeRecord, encodeSet, NO_OP } from "./format.ts";
import { recovery } from "./recovery.ts";
import { UNFIXED } from "./server.testkit.ts";
import { type Host, host, run, start, startSteps, stepText, without } from "./storage.testkit.ts";
import { journal } from "./storage.ts";

describe("a start with the dump that the journal begins with", () => {
  it("has its state and leaves the journal as it is", () => {
    const a = on("01-healthy-compacted/A");
    const steps = startSteps(a).map(stepText);
    expect(steps.slice(-2)).toEqual(["read", "recovered"]);
    expect(steps.filter((text) => text !== "read")).toEqual(["recovered"]);
    expect(pendingCount(a.disk)).toBe(0);
    const found = server(a);
    expect(found.state?.lastApplied).toBe(12);
    expect(found.state?.values).toHaveLength(7);
    expect(found.log).toMatchObject({ baseIndex: 10, length: 5 });
    expect(toHex(found.snapshot!)).toBe(toHex(readFixture("01-healthy-compacted/A/raft.dump")));
  });

  it("believes a commit index past its end, or takes it back (PR #197)", () => {
    const set = "04-commit-index-past-journal/with-dump/after-power-loss/A";
    expect(server(on(set))).toMatchObject({ commitIndex: 25, state: { lastApplied: 20 } });
    for (const bug of ["dump-load-leaves-commit-index", "start-leaves-commit-index"]) {
      const found = server(on(set, without(bug)));
      expect(found.commitIndex).toBe(20);
      expect(found.extra).toEqual({ raftCommitIndex: 20, metaDirty: 1 });
    }
  });

  it("stores what PR #197 made of the commit index with the next meta", () => {
    const set = "04-commit-index-past-journal/with-dump/after-power-loss/A";
    const a = on(set, without("dump-load-leaves-commit-index"));
    expect(notices(startSteps(a))).toEqual([
      "raftCommitIndex 25 is past the end of the log after the dump: 20 from now on",
    ]);
    const effect = { type: "store", what: "meta", values: {} } as const;
    run(a, journal, { type: "effect", effect });
    const { disk, bugs } = a;
    const files = { "A/raft.journal.meta": readFile(disk, "A/raft.journal.meta")! };
    expect(server(host(files, [...bugs])).commitIndex).toBe(20);
  });

  it("is not protected by PR #197 when it has no dump, and is by a clamp at the start", () => {
    const set = "04-commit-index-past-journal/no-dump/after-power-loss/A";
    expect(server(on(set, without("dump-load-leaves-commit-index"))).commitIndex).toBe(25);
    expect(server(on(set, without("start-leaves-commit-index"))).commitIndex).toBe(20);
  });
});

describe("a start with a dump that was renamed before the journal was cut", () => {
  const set = "06-dump-journal-race/all-nodes/after-kill/A";

  it("throws the journal away and writes the dump's two entries in place", () => {
    const a = on(set);
    expect(
      startSteps(a)
        .map(stepText)
        .filter((text) => text !== "read"),
    ).toEqual([
      "store journal 36+4",
      expect.stringMatching(/^store journal 40\+/),
      "store journal 36+4",
      expect.stringMatching(/^store journal \d+\+/),
      "store journal 36+4",
      "recovered",
    ]);
    expect(server(a)).toMatchObject({ commitIndex: 30, state: { lastApplied: 20 } });
    expect(indexes(a)).toEqual([19, 20]);
  });

  it("leaves the very file of the library", () => {
    const a = on(set);
    server(a);
    const real = readFixture("06-dump-journal-race/all-nodes/after-restart/A/raft.journal");
    expect(toHex(readFile(a.disk, "A/raft.journal")!)).toBe(toHex(real));
  });

  it("keeps what the journal has beyond it, with a repair", () => {
    const a = on(set, without("dump-load-drops-journal"));
    const found = server(a);
    expect(found.log).toMatchObject({ baseIndex: 0, length: 30 });
    expect(found).toMatchObject({ commitIndex: 30, state: { lastApplied: 20 } });
    expect(pendingCount(a.disk)).toBe(0);
  });

  it("killed at any step of that comes to the same in its next life", () => {
    const whole = startSteps(on(set)).length;
    for (let most = 0; most <= whole; most++) {
      const a = on(set);
      run(a, recovery, { type: "recover" }, most);
      expect(server(a)).toMatchObject({ commitIndex: 30, state: { lastApplied: 20 } });
      expect(indexes(a)).toEqual([19, 20]);
    }
  });

  it("syncs each store pair of it where writes are synced", () => {
    const steps = startSteps(on(set, without("journal-not-synced-on-write"))).map(stepText);
    expect(steps.filter((text) => text === "data-sync journal")).toHaveLength(3);
  });
});

describe("a start with a dump that is older than the journal", () => {
  const later = [13, 14, 15].map(entry);
  const dump = dumpAt(7);

  it("replaces the journal by the dump's two entries, and is left with the commit index", () => {
    expect(startOn(later, 15, dump, new Set(UNFIXED))).toEqual({
      ...{ commitIndex: 15, entries: [entry(6), entry(7)], clamps: [] },
    });
  });

  it("keeps it, with a repair, although there is a gap between them", () => {
    const bugs = new Set(without("dump-load-drops-journal"));
    expect(startOn(later, 15, dump, bugs).entries).toBe(later);
  });
});

describe("with the repair", () => {
  const bugs = new Set(without("dump-load-drops-journal"));

  it("a journal that has another entry in the dump's place is replaced", () => {
    const other = [entry(6), { ...entry(7), term: 9 }, entry(8)];
    expect(startOn(other, 1, dumpAt(7), bugs).entries).toEqual([entry(6), entry(7)]);
  });

  it("a journal that ends before the dump does is replaced", () => {
    expect(startOn([1, 2, 3].map(entry), 1, dumpAt(7), bugs).entries).toHaveLength(2);
  });

  it("a journal that begins with the dump's last entry is kept, if it is that one", () => {
    const kept = [7, 8, 9].map(entry);
    expect(startOn(kept, 1, dumpAt(7), bugs).entries).toBe(kept);
    const other = [{ ...entry(7), term: 4 }, entry(8)];
    expect(startOn(other, 1, dumpAt(7), bugs).entries).toEqual([entry(6), entry(7)]);
  });

  it("nothing that follows the dump's last entry is ever lost", () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(range, fc.integer({ min: 2, max: 12 }), ([from, count], at) => {
        const entries = Array.from({ length: count }, (_, i) => entry(from + i));
        const found = startOn(entries, 1, dumpAt(at), bugs).entries;
        const behind = entries.filter(({ index }) => index > at);
        expect(found.slice(found.length - behind.length)).toEqual(behind);
      }),
    );
  });
});

describe("a dump that cannot be loaded", () => {
  const outcomes = JSON.parse(readFixtureText("07-torn/outcomes.json")) as Record<string, Outcome>;

  it.each(["dump-empty", "dump-truncated", "dump-missing"])("%s: as the real loader", (name) => {
    const a = on(`07-torn/${name}`);
    const said = notices(startSteps(a));
    const real = (outcomes[name]?.logged ?? []).map((line) => line.replace(" | ", ": "));
    expect(said.map((text) => text.replace(/\. The state machine stays empty\.$/, ""))).toEqual(
      // An empty message has its colon there.
      real.map((line) => line.replace(/: $/, "")),
    );
    const found = server(a);
    expect(found.state).toBeUndefined();
    expect(found.snapshot).toBeUndefined();
    expect(found).toMatchObject({ commitIndex: 15, log: { baseIndex: 10, length: 5 } });
  });

  it.each([
    ["zeros", new Uint8Array(414), "BadGzipFile"],
    ["somebody else's", gzip(encodeUtf8("{}"), "x"), "UnpicklingError"],
    ["a journal", readFixture("01-healthy-compacted/A/raft.journal"), "BadGzipFile"],
  ])("%s: is told and forgotten", (_, bytes, name) => {
    const a = on("01-healthy-compacted/A", UNFIXED, { "A/raft.dump": bytes });
    expect(notices(startSteps(a))).toEqual([expect.stringContaining(`full dump: ${name}`)]);
    expect(server(a).log).toMatchObject({ baseIndex: 10, length: 5 });
    expect(toHex(readFile(a.disk, "A/raft.dump")!)).toBe(toHex(bytes));
  });

  it("the same whatever of it is missing: the reader of a torn file sees one outcome", () => {
    const whole = readFixture("01-healthy-compacted/A/raft.dump");
    const step = dumpRead(on("01-healthy-compacted/A"));
    const values = [100, 200, 300].map((length) => step.as?.(whole.subarray(0, length)));
    expect(values[1]).toEqual(values[0]);
    expect(values[2]).toEqual(values[0]);
  });

  it("does not hinder a start: a dump of another application is its state all the same", () => {
    const bytes = readFixture("08-formats/patroni-shaped/A/127.0.0.1:2380.dump");
    const a = on("01-healthy-compacted/A", UNFIXED, { "A/raft.dump": bytes });
    expect(server(a).state?.lastApplied).toBe(9);
    expect(indexes(a)).toEqual([8, 9]);
  });
});

describe("a large dump", () => {
  it.each([8191, 8192, 8193, 16384, 20000])("is read in pieces: about %i bytes", (size) => {
    const values = [{ key: "k", value: noise(size), index: 0 }];
    const dump = { ...dumpAt(2), state: { lastApplied: 2, values, beyond: "0000000000000000" } };
    const bytes = encodeDump({ ...dump, self: "A" });
    const a = host({ "A/raft.dump": bytes });
    const found = server(a);
    expect(found.state?.values).toEqual(values);
    expect(toHex(found.snapshot!)).toBe(toHex(bytes));
  });

  it("is read on only while there is more", () => {
    const bytes = new Uint8Array(8192).fill(0x1f);
    const reads = (length: number) => {
      const a = host({ "A/raft.dump": bytes.subarray(0, length) });
      return startSteps(a).filter((step) => step.type === "read" && step.file === "A/raft.dump")
        .length;
    };
    expect([reads(1), reads(8191), reads(8192)]).toEqual([1, 1, 2]);
  });
});

describe("what the files are said to hold", () => {
  const bug = fc.subarray([...UNFIXED]);
  const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 2 });
  const sets = fc.constantFrom(
    "01-healthy-compacted/A",
    "04-commit-index-past-journal/with-dump/after-power-loss/B",
    "06-dump-journal-race/all-nodes/after-kill/C",
    "07-torn/page0-old-page1-compacted",
  );

  it("is what a start makes of them, and refused is what it refuses", () => {
    fc.assert(
      fc.property(
        sets,
        bug,
        changes,
        changes,
        fc.boolean(),
        (set, bugs, ofDump, ofJournal, isCut) => {
          const files = Object.fromEntries(
            filesIn(set).map(({ path, bytes }) => {
              const each = path === "raft.dump" ? ofDump : path === "raft.journal" ? ofJournal : [];
              const changed = bytes.slice(0, isCut && path === "raft.journal" ? 500 : bytes.length);
              for (const [at, value] of each) changed[at % changed.length] = value;
              return [`A/${path}`, changed] as const;
            }),
          );
          const found = start(host(files, bugs));
          const said = codec.inspect(new Map(Object.entries(files)), "A/", new Set(bugs));
          const isRefused = said.problems.some((each) => each.isRefused === true);
          expect(isRefused).toBe(typeof found === "string");
          if (typeof found === "string" || said.entries.length === 0) return;
          expect(said.entries).toEqual(found.log.entries);
          expect(said.state ?? undefined).toEqual(found.state);
          expect(said.commitIndex ?? 1).toBe(found.commitIndex);
          expect(said.currentTerm ?? 0).toBe(found.currentTerm);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("a journal with numbers beyond 2^53", () => {
  const wide = 9656123838290229369n;

  it("is loaded under other names, which the server tells with all digits", () => {
    const a = on("07-torn/page0-old-page1-compacted");
    const said = notices(startSteps(a));
    const found = server(a);
    const name = found.log.entries.at(-1)?.term;
    expect(said).toEqual([
      `3543600036814353920, which the journal holds, is beyond 2^53: it is ${name} in this run`,
    ]);
    expect(found.log.length).toBe(58);
  });

  it("makes its last term the server's, when that is restored from the log", () => {
    const files = { "A/raft.journal": journalOf([entry(1), { index: 2n, term: wide }]) };
    const found = server(host(files, without("term-not-restored-from-log")));
    expect(found.currentTerm).toBe(found.log.entries[1]?.term);
    expect(found.currentTerm).toBeGreaterThan(2 ** 52);
    expect(Number.isSafeInteger(found.currentTerm + 1)).toBe(true);
  });

  it("keeps the order of its numbers, and neighbours beside each other", () => {
    const records = [3n, wide, wide + 1n, 2n ** 53n].map((term, i) => ({ index: BigInt(i), term }));
    const found = server(host({ "A/raft.journal": journalOf(records) }));
    const [small = 0, high = 0, higher = 0, low = 0] = found.log.entries.map(({ term }) => term);
    expect(small).toBe(3);
    expect(higher).toBe(high + 1);
    expect(low).toBeLessThan(high);
    expect(low).toBeGreaterThan(2 ** 52);
  });

  it("reads the same number as the same, whichever server reads it", () => {
    const [one, other] = [[wide], [5n, wide, 2n ** 60n]].map((terms) => {
      const records = terms.map((term, i) => ({ index: BigInt(i + 1), term }));
      return server(host({ "A/raft.journal": journalOf(records) })).log.entries;
    });
    expect(one?.[0]?.term).toBe(other?.[1]?.term);
  });
});

describe("the real files of a power cut", () => {
  const outcomes = JSON.parse(readFixtureText("10-real-ext4-power-cut/outcomes.json")) as Record<
    string,
    { readonly start: string; readonly after60s?: { readonly A: { readonly commitIndex: number } } }
  >;

  it.each(Object.keys(outcomes))("%s: starts, or not, as the real loader did", (name) => {
    const a = on(`10-real-ext4-power-cut/${name}`);
    const found = start(a);
    const [, error] = /^error: (.*)$/.exec(outcomes[name]?.start ?? "") ?? [];
    if (error !== undefined) expect(found).toBe(`struct.error: ${error}`);
    else
      expect(server(a)).toMatchObject({
        state: { lastApplied: 62 },
        log: { baseIndex: 60, length: 2 },
      });
  });

  it("a meta ahead of the journal by 128 entries is believed", () => {
    expect(server(on("10-real-ext4-power-cut/meta-ahead-of-journal")).commitIndex).toBe(190);
  });
});

interface Outcome {
  readonly logged?: readonly string[];
}

/** A disk with the files of a fixture, and others in their place. */
function on(
  set: string,
  bugs: readonly string[] = UNFIXED,
  others: Readonly<Record<string, Uint8Array>> = {},
): Host {
  const files = filesIn(set).map(({ path, bytes }) => [`A/${path}`, bytes] as const);
  return host({ ...Object.fromEntries(files), ...others }, bugs);
}

function server(subject: Host): Recovered {
  const found = start(subject);
  if (typeof found === "string") throw new Error(found);
  return found;
}

function notices(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => (step.type === "notice" ? [step.text] : []));
}

function dumpRead(subject: Host): Extract<Step, { readonly type: "read" }> {
  const reads = startSteps(subject).filter((step) => step.type === "read");
  const step = reads.find(({ file }) => file === "A/raft.dump");
  if (step === undefined) throw new Error("the dump is read");
  return step;
}

function indexes({ disk }: Host): unknown[] {
  return decodeJournal(readFile(disk, "A/raft.journal")!).records.map(({ index }) => index);
}

function entry(index: number): Entry {
  return { index, term: 1, command: encodeSet("k", String(index)) };
}

function dumpAt(index: number): Dump {
  const state = { lastApplied: index, values: [], beyond: "0000000000000000" };
  return { state, previous: entry(index - 1), last: entry(index), cluster: ["A"] };
}

function journalOf(
  records: readonly { readonly index: number | bigint; readonly term: number | bigint }[],
): Uint8Array {
  const bytes = new Uint8Array(1024);
  let at = 40;
  for (const { index, term } of records) {
    const record = encodeRecord(index, term, NO_OP);
    bytes.set(record, at);
    at += record.length;
  }
  bytes.set(encodeHeader(at));
  return bytes;
}

/** Text that does not compress to much less than its length. */
function noise(length: number): string {
  let seed = 1;
  let text = "";
  while (text.length < length) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    text += (seed >>> 8).toString(36);
  }
  return text.slice(0, length);
}
