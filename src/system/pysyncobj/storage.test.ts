import { describe, expect, it } from "vitest";
import { toHex } from "#base/bytes.ts";
import { crash } from "#disk/crash.ts";
import { pendingCount, readFile } from "#disk/disk.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import { readFixture } from "./fixtures.testkit.ts";
import { decodeJournal, encodeJournal, encodeSet, entryOf, NO_OP } from "./format.ts";
import { UNFIXED } from "./server.testkit.ts";
import { type Host, host, run, start, startSteps, stepText, without } from "./storage.testkit.ts";
import { journal, journalMemory, route } from "./storage.ts";

describe("an appended entry", () => {
  it("is two stores: the record, then the offset behind it", () => {
    const a = fresh();
    expect(keep(a, append(2, 1))).toEqual(["store journal 65+25", "store journal 36+4"]);
  });

  it("grows the file once when it does not fit", () => {
    const a = fresh();
    const large: Entry = { index: 2, term: 1, command: encodeSet("k", "x".repeat(1500)) };
    expect(keep(a, { type: "append", entries: [large] })).toEqual([
      "truncate journal 2048",
      expect.stringMatching(/^store journal 65\+/),
      "store journal 36+4",
    ]);
    expect(readFile(a.disk, "A/raft.journal")?.length).toBe(2048);
  });

  it("that does not fit even then is in memory alone, and the handler ends", () => {
    const a = fresh();
    const huge: Entry = { index: 2, term: 1, command: encodeSet("k", "x".repeat(3000)) };
    expect(keep(a, { type: "append", entries: [huge] })).toEqual([
      "truncate journal 2048",
      "notice",
      expect.stringMatching(/^store journal 65\+/),
    ]);
    expect(journalMemory(a.memory)).toMatchObject({ length: 2, currentOffset: 65 });
    // The next one takes its place on the disk: an index is missing there from now on.
    keep(a, append(3, 1));
    expect(indexes(a)).toEqual([1, 3]);
  });

  it("is durable only by chance: nothing is ever synced", () => {
    const a = fresh();
    const before = pendingCount(a.disk);
    keep(a, append(2, 1));
    expect(pendingCount(a.disk)).toBeGreaterThan(before);
  });
});

describe("a truncation", () => {
  it("only moves the offset back: the records stay, as ghosts", () => {
    const a = fresh();
    for (let index = 2; index <= 4; index++) keep(a, append(index, 1));
    expect(keep(a, { type: "truncate", from: 3 })).toEqual(["read", "store journal 36+4"]);
    expect(indexes(a)).toEqual([1, 2]);
    const bytes = readFile(a.disk, "A/raft.journal") ?? new Uint8Array();
    expect(decodeJournal(bytes).ghosts.map(({ index }) => index)).toEqual([3, 4]);
  });

  it("stores the offset after every tenth record, and at the end", () => {
    const a = fresh();
    for (let index = 2; index <= 26; index++) keep(a, append(index, 1));
    const stores = keep(a, { type: "truncate", from: 2 }).filter((text) => text !== "read");
    expect(stores).toHaveLength(3);
    expect(indexes(a)).toEqual([1]);
  });

  it("of a record whose size behind it is wrong leaves the file as it is", () => {
    const a = fresh();
    keep(a, append(2, 1));
    const bytes = (readFile(a.disk, "A/raft.journal") ?? new Uint8Array()).slice();
    bytes.set([255, 255, 0, 0], 86);
    const b = host({ "A/raft.journal": bytes });
    start(b);
    expect(keep(b, { type: "truncate", from: 1 })).toEqual(["read", "notice"]);
    expect(indexes(b)).toEqual([1, 2]);
    expect(journalMemory(b.memory).length).toBe(0);
  });
});

describe("a log that begins elsewhere", () => {
  it("is written anew in place: the header first, then two stores for each entry", () => {
    const a = fresh();
    for (let index = 2; index <= 40; index++) keep(a, append(index, 1));
    expect(readFile(a.disk, "A/raft.journal")?.length).toBe(2048);
    expect(keep(a, rebase(39, 40))).toEqual([
      "store journal 36+4",
      "store journal 40+25",
      "store journal 36+4",
      "store journal 65+25",
      "store journal 36+4",
    ]);
    expect(indexes(a)).toEqual([39, 40]);
    expect(readFile(a.disk, "A/raft.journal")?.length).toBe(2048);
    expect(journalMemory(a.memory)).toMatchObject({
      ...{ firstIndex: 39, length: 2, currentOffset: 90, fileSize: 2048 },
    });
  });

  it("is cut and appended to by its own indexes", () => {
    const a = fresh();
    for (let index = 2; index <= 9; index++) keep(a, append(index, 1));
    keep(a, rebase(7, 8, 9));
    keep(a, { type: "truncate", from: 9 });
    keep(a, append(9, 2));
    expect(indexes(a)).toEqual([7, 8, 9]);
  });

  it("loses what is not added yet if the process dies in between", () => {
    const a = fresh();
    for (let index = 2; index <= 9; index++) keep(a, append(index, 1));
    run(a, journal, { type: "effect", effect: rebase(7, 8, 9) }, 3);
    expect(indexes(a)).toEqual([7]);
  });

  it("leaves the records that it does not overwrite as ghosts", () => {
    const a = fresh();
    for (let index = 2; index <= 9; index++) keep(a, append(index, 1));
    keep(a, rebase(8, 9));
    const bytes = readFile(a.disk, "A/raft.journal") ?? new Uint8Array();
    expect(decodeJournal(bytes).ghosts.map(({ index }) => index)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it("leaves the very bytes of the library's compaction", () => {
    const a = fresh();
    const real = readFixture("01-healthy-compacted/A/raft.journal");
    const { records } = decodeJournal(real);
    const entries = records.map((record) => entryOf(record));
    keep(a, { type: "rebase", reason: "compaction", baseIndex: 10, baseTerm: 0, entries });
    const { length } = encodeJournal(decodeJournal(real), 1024, new Uint8Array());
    const made = readFile(a.disk, "A/raft.journal") ?? new Uint8Array();
    const end = decodeJournal(real).endOffset;
    expect(length).toBe(made.length);
    expect(toHex(made.subarray(0, end))).toBe(toHex(real.subarray(0, end)));
  });
});

describe("with a repair", () => {
  const meta = { type: "store", what: "meta", values: { raftCommitIndex: 45 } } as const;

  it("each store pair is synced (journal-not-synced-on-write)", () => {
    const a = fresh(without("journal-not-synced-on-write"));
    const pair = ["store journal 65+25", "store journal 36+4", "data-sync journal"];
    expect(keep(a, append(2, 1))).toEqual(pair);
    expect(keep(a, { type: "truncate", from: 2 })).toEqual([
      ...["read", "store journal 36+4", "data-sync journal"],
    ]);
    keep(a, append(2, 1));
    expect(keep(a, rebase(2))).toEqual([
      ...["store journal 36+4", "data-sync journal"],
      ...["store journal 40+25", "store journal 36+4", "data-sync journal"],
    ]);
    expect(keep(a, meta)).not.toContain("data-sync journal");
  });

  it("so is the first entry of a new journal", () => {
    const steps = startSteps(host({}, without("journal-not-synced-on-write"))).map(stepText);
    expect(steps.slice(-5)).toEqual([
      ...["store journal 40+25", "store journal 36+4", "data-sync journal", "read", "recovered"],
    ]);
  });

  it("and is durable when the handler goes on", () => {
    const a = fresh(without("journal-not-synced-on-write"));
    keep(a, append(2, 1));
    crash(a.disk, "power", { type: "none" });
    // Nothing ever syncs the name, which a first start of its own has made.
    expect(readFile(a.disk, "A/raft.journal")).toBeNull();
    const b = host(
      { "A/raft.journal": readFixture("02-simultaneous-restart/before/A/raft.journal") },
      [...without("journal-not-synced-on-write")],
    );
    start(b);
    keep(b, append(43, 6));
    crash(b.disk, "power", { type: "none" });
    expect(indexes(b).at(-1)).toBe(43);
  });

  it("the journal is synced right before each meta (journal-not-synced-before-meta)", () => {
    const a = fresh(without("journal-not-synced-before-meta"));
    expect(keep(a, append(2, 1))).not.toContain("data-sync journal");
    expect(keep(a, meta).slice(0, 2)).toEqual([
      "data-sync journal",
      "open journal.meta.tmp create truncate",
    ]);
  });

  it("meta is synced before its rename, and its name after (meta-not-synced)", () => {
    expect(keep(fresh(without("meta-not-synced")), meta)).toEqual([
      "open journal.meta.tmp create truncate",
      "write fd 0+31",
      "sync fd",
      "close fd",
      "rename journal.meta.tmp journal.meta",
      "sync-directory",
    ]);
  });

  it("the file grows until the record fits (journal-grows-once)", () => {
    const a = fresh(without("journal-grows-once"));
    const huge: Entry = { index: 2, term: 1, command: encodeSet("k", "x".repeat(5000)) };
    expect(keep(a, { type: "append", entries: [huge] })).toEqual([
      ...["truncate journal 2048", "truncate journal 4096", "truncate journal 8192"],
      expect.stringMatching(/^store journal 65\+/),
      "store journal 36+4",
    ]);
    expect(indexes(a)).toEqual([1, 2]);
  });
});

describe("a journal whose damaged sizes put its end far behind the file", () => {
  it.each([
    ["0.3.14", UNFIXED],
    ["a repair", without("journal-grows-once")],
  ])("is not grown without end by %s", (_, bugs) => {
    const a = host(damaged("07-torn/page0-old-page1-compacted"), bugs);
    start(a);
    const { length } = journalMemory(a.memory);
    for (let index = 60; index < 90; index++) keep(a, append(index, 1));
    expect(journalMemory(a.memory)).toMatchObject({
      ...{ length: length + 30, fileSize: 32 * 1024 * 1024 },
    });
    expect(readFile(a.disk, "A/raft.journal")?.length).toBe(32 * 1024 * 1024);
  });
});

describe("with pwrite in place of the mapping", () => {
  it("the same bytes go to the same places", () => {
    const [mapped, written] = [fresh(), fresh(UNFIXED, { pwrite: 1 })];
    expect(keep(written, append(2, 1))).toEqual(["write journal 65+25", "write journal 36+4"]);
    keep(mapped, append(2, 1));
    expect(readFile(written.disk, "A/raft.journal")).toEqual(
      readFile(mapped.disk, "A/raft.journal"),
    );
  });

  it("a new journal is written so from its first entry on", () => {
    const steps = startSteps(host({}, UNFIXED, { pwrite: 1 })).map(stepText);
    expect(steps.filter((text) => /^(store|write) journal/.test(text))).toEqual([
      ...["write journal 40+25", "write journal 36+4"],
    ]);
  });

  it("a record that is too long is refused all the same", () => {
    const a = fresh(UNFIXED, { pwrite: 1 });
    const huge: Entry = { index: 2, term: 1, command: encodeSet("k", "x".repeat(3000)) };
    keep(a, { type: "append", entries: [huge] });
    expect(readFile(a.disk, "A/raft.journal")?.length).toBe(2048);
    expect(indexes(a)).toEqual([1]);
  });
});

describe("the meta dict", () => {
  it("is written aside and renamed into place, without a sync", () => {
    expect(keep(fresh(), { type: "store", what: "meta", values: { raftCommitIndex: 45 } })).toEqual(
      [
        "open journal.meta.tmp create truncate",
        "write fd 0+31",
        "close fd",
        "rename journal.meta.tmp journal.meta",
      ],
    );
  });

  it("holds the very bytes of the library", () => {
    const a = fresh();
    keep(a, { type: "store", what: "meta", values: { raftCommitIndex: 45 } });
    const real = readFixture("02-simultaneous-restart/truncated-C/C/raft.journal.meta");
    expect(hexOf(a)).toBe(toHex(real));
  });

  it("is the old one until the rename", () => {
    const a = fresh();
    keep(a, { type: "store", what: "meta", values: { raftCommitIndex: 1 } });
    const before = hexOf(a);
    const effect = { type: "store", what: "meta", values: { raftCommitIndex: 2 } } as const;
    run(a, journal, { type: "effect", effect }, 3);
    expect(hexOf(a)).toBe(before);
  });

  it("keeps keys that it does not know, and writes them again", () => {
    const a = host({
      "A/raft.journal": readFixture("02-simultaneous-restart/before/A/raft.journal"),
      "A/raft.journal.meta": readFixture("08-formats/meta-with-term-and-vote/A/raft.journal.meta"),
    });
    start(a);
    keep(a, { type: "store", what: "meta", values: { raftCommitIndex: 5 } });
    const real = readFixture("08-formats/meta-with-term-and-vote/A/raft.journal.meta");
    expect(hexOf(a)).toBe(toHex(real));
  });

  it("with term and vote is what the fix writes", () => {
    const a = fresh(without("term-not-saved", "vote-not-saved"));
    keep(a, { type: "hard-state", term: 2, votedFor: "127.0.0.1:7002" });
    keep(a, { type: "store", what: "meta", values: { raftCommitIndex: 5 } });
    const real = readFixture("08-formats/meta-with-term-and-vote/A/raft.journal.meta");
    expect(hexOf(a)).toBe(toHex(real));
  });

  it.each([
    ["term-not-saved", { currentTerm: null, votedFor: "B" }],
    ["vote-not-saved", { currentTerm: 2, votedFor: null }],
  ])("leaves out what is not saved (%s)", (bug, kept) => {
    const a = fresh([bug]);
    keep(a, { type: "hard-state", term: 2, votedFor: "B" });
    const meta = readFile(a.disk, "A/raft.journal.meta") ?? NO_OP;
    const b = host({ "A/raft.journal.meta": meta }, [bug]);
    const found = start(b);
    expect(typeof found === "string" ? found : [found.currentTerm, found.votedFor]).toEqual([
      kept.currentTerm ?? 0,
      kept.votedFor,
    ]);
  });

  it("is set in memory first, and written with the next that is written", () => {
    const a = fresh();
    expect(keep(a, { type: "store", what: "meta dict", values: { raftCommitIndex: 7 } })).toEqual([
      "memory",
    ]);
    expect(readFile(a.disk, "A/raft.journal.meta")).toBeNull();
    keep(a, { type: "hard-state", term: 1, votedFor: null });
    const found = start(a);
    expect(typeof found === "string" ? found : found.commitIndex).toBe(7);
  });
});

describe("a graceful stop", () => {
  it("syncs the journal and leaves a dirty meta dict unwritten", () => {
    const a = fresh();
    keep(a, { type: "store", what: "meta dict", values: { raftCommitIndex: 7 } });
    expect(run(a, journal, { type: "stop" }).map(stepText)).toEqual(["data-sync journal"]);
    expect(readFile(a.disk, "A/raft.journal.meta")).toBeNull();
  });
});

describe("an effect", () => {
  it("that changes files is waited for; others go their way", () => {
    expect(route(append(1, 1))).toEqual({ actor: "journal", wait: true });
    expect(route({ type: "hard-state", term: 1, votedFor: null })).not.toBeNull();
    expect(route({ type: "apply", entry: { index: 1, term: 1, command: NO_OP } })).toBeNull();
  });
});

describe("a refused write", () => {
  it("ends the call, and the next call starts anew", () => {
    const state = journal.start();
    const context = {
      memory: fresh().memory,
      now: 0,
      directory: "A/",
      held: 0,
      bugs: new Set<string>(),
      options: {},
    };
    journal.receive(state, { type: "effect", effect: append(2, 1) });
    journal.next(state, { ...context, last: { type: "none" } });
    const refused = { type: "disk", result: { ok: false, errno: "ENOSPC" } } as const;
    expect(journal.next(state, { ...context, last: refused })).toBeNull();
    journal.receive(state, { type: "effect", effect: append(3, 1) });
    const step = journal.next(state, { ...context, last: { type: "none" } });
    expect(step === null ? null : stepText(step)).toBe("store journal 65+25");
  });
});

function fresh(bugs: readonly string[] = UNFIXED, options: Host["options"] = {}): Host {
  const made = host({}, bugs, options);
  start(made);
  return made;
}

function append(index: number, term: number): Effect {
  return { type: "append", entries: [{ index, term, command: NO_OP }] };
}

function damaged(set: string): Readonly<Record<string, Uint8Array>> {
  return { "A/raft.journal": readFixture(`${set}/raft.journal`) };
}

function rebase(...of: readonly number[]): Effect {
  const entries = of.map((index) => ({ index, term: 1, command: NO_OP }));
  const baseIndex = (of[0] ?? 1) - 1;
  return { type: "rebase", reason: "compaction", baseIndex, baseTerm: 1, entries };
}

function keep(subject: Host, effect: Effect): string[] {
  return run(subject, journal, { type: "effect", effect }).map(stepText);
}

function indexes({ disk }: Host): unknown[] {
  const bytes = readFile(disk, "A/raft.journal") ?? new Uint8Array();
  return decodeJournal(bytes).records.map(({ index }) => index);
}

function hexOf({ disk }: Host): string {
  return toHex(readFile(disk, "A/raft.journal.meta") ?? new Uint8Array());
}
