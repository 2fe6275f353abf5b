import { gunzipSync, gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { Boot, Forensics, GivenFile } from "#importer/contract.ts";
import { importFiles } from "#importer/import-files.ts";
import { filesIn, readFixtureText } from "#system/pysyncobj/fixtures.testkit.ts";
import { encodeHeader, encodeMeta, encodeRecord } from "#system/pysyncobj/format.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import {
  decodePickle,
  encodePickle,
  isDict,
  isTuple,
  type PickleValue,
} from "#system/pysyncobj/pickle.ts";

/** What the real 0.3.14 did with each of these files (fixtures/07-torn/outcomes.json). */
interface Outcome {
  readonly constructor: string;
  readonly first?: readonly [number, number | string];
  readonly last?: readonly [number, number | string];
  readonly commitIndex?: number;
  readonly tickException?: string;
  readonly afterTick?: { readonly commitIndex: number; readonly lastApplied: number };
}

// Numbers that JSON would round are taken as text.
const OUTCOMES = JSON.parse(
  readFixtureText("07-torn/outcomes.json").replace(/\b\d{16,}\b/g, '"$&"'),
) as Record<string, Outcome>;

describe("the prediction for 0.3.14 is what the real library did with torn files", () => {
  it.each(Object.entries(OUTCOMES))("%s", (folder, outcome) => {
    const boot = bootOf(forensics(`07-torn/${folder}`), "0.3.14");
    if (outcome.constructor !== "ok") {
      const [, text = ""] = outcome.constructor.split(": ");
      expect(boot).toMatchObject({ verdict: "refuses", server: null });
      expect(boot.consequences.join()).toContain(text);
      return;
    }
    // An empty journal gets its first entry as the server starts.
    expect(boot.server).toMatchObject({
      first: position(outcome.first),
      last: position(outcome.last),
      commitIndex: String(outcome.commitIndex),
      lastApplied: String(outcome.afterTick?.lastApplied),
    });
    const error = outcome.tickException?.split(":")[0];
    if (error === undefined) expect(boot.consequences.join()).not.toMatch(/raises/);
    else expect(boot.consequences.join()).toMatch(new RegExp(`raises ${error}`));
  });
});

describe("who inspects a disk and who boots it agree on what ends a server", () => {
  it.each(Object.keys(OUTCOMES))("%s", (folder) => {
    const given = filesIn(`07-torn/${folder}`);
    const files = new Map(given.map(({ path, bytes }) => [`S1/${path}`, bytes] as const));
    const { problems } = pysyncobj.codec.inspect(files, "S1/");
    const { verdict } = bootOf(forensics(`07-torn/${folder}`), "0.3.14");
    expect(problems.some(({ isRefused }) => isRefused === true)).toBe(verdict === "refuses");
  });
});

describe("what each version makes of a disk", () => {
  it("a commit index past the log is not ready, and the clamp at construction lets it go on", () => {
    const report = forensics("04-commit-index-past-journal/no-dump/after-power-loss");
    expect(bootOf(report, "0.3.14")).toMatchObject({
      verdict: "not ready",
      server: { commitIndex: "25", lastApplied: "20" },
      consequences: [expect.stringMatching(/no server here has more: it is not ready/)],
    });
    expect(bootOf(report, "PR #197").verdict).toBe("not ready");
    const fixed = bootOf(report, "all fixes");
    expect(fixed).toMatchObject({ verdict: "starts", server: { commitIndex: "20" } });
    expect(fixed.differences.join()).toMatch(
      /20 instead of 25: it is clamped .* brings no entry back/,
    );
    const together = togetherBy(report);
    expect(together("0.3.14")).toMatch(
      /A, B and C are not ready before the log, .* has reached 25/,
    );
    expect(together("0.3.14")).toMatch(/entries 21 to 25 were committed, and none of these disks/);
    expect(together("all fixes")).toMatch(/All 3 servers start and go on behind index 20/);
  });

  it("one server behind its commit index copies the rest from the others", () => {
    const sound = filesIn("04-commit-index-past-journal/no-dump/page-cache-before-power-loss");
    const cut = filesIn("04-commit-index-past-journal/no-dump/after-power-loss");
    const files = [
      ...cut.filter(({ path }) => path.startsWith("A/")),
      ...sound.filter(({ path }) => !path.startsWith("A/")),
    ];
    const report = importFiles(files).forensics;
    expect(bootOf(report, "0.3.14").consequences.join()).toMatch(/copied the rest from B and C/);
    expect(togetherBy(report)("0.3.14")).not.toMatch(/were committed/);
  });

  it("a term that is saved is restored by the fix alone, with the vote", () => {
    const report = forensics("08-formats/meta-with-term-and-vote");
    expect(bootOf(report, "0.3.14").server).toMatchObject({ currentTerm: "0", votedFor: null });
    const fixed = bootOf(report, "PR #202");
    expect(fixed.server).toMatchObject({ currentTerm: "2", votedFor: "B" });
    expect(fixed.differences).toEqual([
      expect.stringMatching(/term 2 instead of 0/),
      "It still knows its vote for B.",
    ]);
  });

  it("a garbage term of a torn record, exact, poisons the cluster with PR #202", () => {
    const report = forensics("07-torn/page0-old-page1-compacted");
    expect(bootOf(report, "0.3.14").consequences.join()).toMatch(/this one wins the elections/);
    const fixed = bootOf(report, "PR #202");
    expect(fixed.server).toMatchObject({
      currentTerm: "3543600036814353920",
      last: { index: "24567220352049", term: "3543600036814353920" },
    });
    expect(fixed.consequences.join()).toMatch(/that is the term of all servers/);
  });

  it("a journal that a real power cut tore is refused by every version", () => {
    const { boots } = forensics("10-real-ext4-power-cut/torn-journal-hole");
    expect(boots[0]?.boots).toMatchObject([
      { verdict: "refuses", consequences: [expect.stringMatching(/struct\.error/)] },
    ]);
    expect(boots[0]?.boots[0]?.versions.length).toBeGreaterThan(5);
  });

  it("a dump ahead of its journal takes the journal with it, and the repair keeps what is behind it", () => {
    const report = forensics("06-dump-journal-race/all-nodes/after-kill");
    // What the real library recovers from these files (src/tools/boot-pysyncobj.py).
    expect(bootOf(report, "0.3.14")).toMatchObject({
      verdict: "starts with less",
      server: {
        currentTerm: "0",
        commitIndex: "30",
        lastApplied: "20",
        dump: "20",
        first: { index: "19", term: "1" },
        last: { index: "20", term: "1" },
      },
    });
    expect(bootOf(report, "0.3.14").consequences.join()).toMatch(
      /entries 21 to 30, of which those up to 30 were committed, are in the journal and lost/,
    );
    const kept = bootOf(report, "all fixes");
    expect(kept).toMatchObject({ verdict: "starts", server: { commitIndex: "30", dump: "20" } });
    expect(kept.server?.last).toEqual({ index: "30", term: "1" });
    expect(kept.differences.join()).toMatch(/keeps the entries 21 to 30/);
    expect(togetherBy(report)("0.3.14")).toMatch(/entries 21 to 30 were committed, and none/);
    expect(togetherBy(report)("all fixes")).toMatch(
      /All 3 servers start and go on behind index 30/,
    );
  });

  it("with a dump the clamp of PR #197 lets a server go on that is stuck as released", () => {
    const report = forensics("04-commit-index-past-journal/with-dump/after-power-loss");
    expect(bootOf(report, "0.3.14")).toMatchObject({
      verdict: "not ready",
      server: { commitIndex: "25", lastApplied: "20", dump: "20" },
    });
    expect(bootOf(report, "PR #197")).toMatchObject({
      verdict: "starts",
      server: { commitIndex: "20" },
    });
  });

  it("what a real power cut left: stuck as released", () => {
    const report = forensics("10-real-ext4-power-cut/meta-ahead-of-journal");
    expect(bootOf(report, "0.3.14")).toMatchObject({
      verdict: "not ready",
      server: { commitIndex: "190", dump: "62", last: { index: "62" } },
    });
    expect(bootOf(report, "PR #197")).toMatchObject({ verdict: "starts" });
  });

  it("most servers down: no leader", () => {
    const torn = filesIn("07-torn/zeroed-last-record");
    const at = (server: string): readonly GivenFile[] =>
      torn.map(({ path, bytes }) => ({ path: `${server}/${path}`, bytes }));
    const whole = filesIn("02-simultaneous-restart/before");
    const files = [...at("A"), ...at("B"), ...whole.filter(({ path }) => path.startsWith("C/"))];
    const text = togetherBy(importFiles(files).forensics)("0.3.14");
    expect(text).toBe("Only 1 of 3 servers come up: no leader can be elected.");
  });
});

describe("what is in a file, run by run", () => {
  it("records, ghosts and what is not used", () => {
    const { files } = forensics("02-simultaneous-restart/truncated-C");
    const journal = files.find(({ path }) => path === "C/raft.journal");
    expect(journal?.condition).toBe("intact");
    expect(journal?.parts.map(({ condition, records }) => [condition, records?.count])).toEqual([
      ["intact", undefined],
      ["intact", 43],
      ["ghost", 2],
      ["unused", undefined],
    ]);
    expect(journal?.parts[2]?.records).toMatchObject({
      first: { index: "44", term: "1" },
      last: { index: "45", term: "1" },
    });
  });

  it("covers every byte of every file once", () => {
    const sets = ["07-torn", "08-formats", "10-real-ext4-power-cut", "06-dump-journal-race"];
    for (const { path, size, parts, condition } of sets.flatMap((set) => forensics(set).files)) {
      if (condition === "foreign") continue;
      let at = 0;
      for (const part of parts) {
        if (part.length === 0) continue;
        expect([path, part.offset]).toEqual([path, at]);
        at += part.length;
      }
      expect([path, at]).toEqual([path, size]);
    }
  });

  it("where real hardware left a hole the loader stops", () => {
    const { files } = forensics("10-real-ext4-power-cut/torn-journal-hole");
    const journal = files.find(({ kind }) => kind === "pysyncobj journal");
    expect(journal).toMatchObject({ condition: "unreadable", size: 8192 });
    expect(journal?.parts.at(-1)).toMatchObject({
      condition: "torn",
      text: expect.stringMatching(/the loader stops here: struct\.error/),
    });
  });
});

describe("findings name their kind, servers and places", () => {
  it.each([
    [
      "04-commit-index-past-journal/no-dump/after-power-loss",
      "commit-past-journal",
      ["A", "B", "C"],
    ],
    ["06-dump-journal-race/all-nodes/after-kill", "journal-not-at-dump", ["A", "B", "C"]],
    ["05-deviations/f-big-record-hole/end", "index-hole", ["A"]],
    ["07-torn/dump-missing", "start-without-dump", ["S1"]],
    ["07-torn/dump-truncated", "start-without-dump", ["S1"]],
    ["07-torn/header-behind", "records-behind-the-header", ["S1"]],
    ["07-torn/cut-in-command-bytes", "command-undecodable", ["S1"]],
    ["02-simultaneous-restart/truncated-C", "term-decreases", ["C"]],
    ["02-simultaneous-restart/truncated-C", "ghosts-of-another-term", ["C"]],
    ["02-simultaneous-restart/truncated-C", "logs-diverge", ["A", "C"]],
    ["05-deviations/b-double-vote/end", "term-used-twice", ["A", "B"]],
    ["02-simultaneous-restart/before", "term-not-stored", ["A", "B", "C"]],
    ["08-formats/meta-with-term-and-vote", "term-saved", ["A", "B", "C"]],
  ])("%s: %s", (set, kind, servers) => {
    const found = forensics(set).findings.filter((each) => each.kind === kind);
    expect(found.map((each) => each.servers)).toContainEqual(servers);
    for (const { files, text } of found) {
      expect(files.length).toBeGreaterThan(0);
      expect(text).not.toBe("");
    }
  });

  it("healthy servers with dumps have nothing but notes and the term that is not stored", () => {
    const { findings } = forensics("01-healthy-compacted");
    expect(findings.filter(({ severity }) => severity === "loss" || severity === "stuck")).toEqual(
      [],
    );
  });

  it("the same last entry in two dumps with different states, by the keys that differ", () => {
    const files = filesIn("01-healthy-compacted");
    expect(importFiles(files).forensics.findings.map(({ kind }) => kind)).not.toContain(
      "states-differ",
    );
    const changed = files.map(({ path, bytes }) =>
      path === "B/raft.dump" ? { path, bytes: otherState(bytes) } : { path, bytes },
    );
    const found = importFiles(changed).forensics.findings.filter(
      ({ kind }) => kind === "states-differ",
    );
    expect(found.map(({ servers }) => servers)).toEqual([
      ["A", "B"],
      ["B", "C"],
    ]);
    expect(found[0]?.text).toMatch(
      /same last entry \(12 of term \d+\).* is \S+ on A and other on B/,
    );
  });

  it("the size behind a record, and a meta before its dump", () => {
    const journal = filesIn("01-healthy-compacted/A").map(({ path, bytes }) => {
      if (!path.endsWith(".journal")) return { path, bytes };
      const damaged = bytes.slice();
      const size = new DataView(damaged.buffer).getUint32(40, true);
      new DataView(damaged.buffer).setUint32(44 + size, 7, true);
      return { path, bytes: damaged };
    });
    const old = encodeMeta({ type: "dict", pairs: [["raftCommitIndex", 3]] });
    const files = journal.map(({ path, bytes }) => ({
      path,
      bytes: path.endsWith(".meta") ? old : bytes,
    }));
    const kinds = importFiles(files).forensics.findings.map(({ kind }) => kind);
    expect(kinds).toContain("trailing-size");
    expect(kinds).toContain("commit-before-dump");
  });

  it("a dump without its checksum loads, and the report says that nobody would notice", () => {
    const files = filesIn("01-healthy-compacted/A").map(({ path, bytes }) =>
      path.endsWith(".dump")
        ? { path, bytes: bytes.subarray(0, bytes.length - 8) }
        : { path, bytes },
    );
    const report = importFiles(files).forensics;
    expect(report.findings.map(({ text }) => text).join()).toMatch(
      /which the library does not notice/,
    );
    expect(bootOf(report, "0.3.14").server?.dump).toBe("12");
  });

  it("what was written aside and never renamed", () => {
    const whole = filesIn("01-healthy-compacted/A");
    const bytesOf = (end: string) => whole.find(({ path }) => path.endsWith(end))?.bytes;
    const files = [
      ...whole,
      { path: "raft.journal.meta.tmp", bytes: bytesOf(".meta") ?? new Uint8Array() },
      { path: "raft.dump.tmp", bytes: bytesOf(".dump")?.subarray(0, 90) ?? new Uint8Array() },
      { path: "raft.dump.1.tmp", bytes: bytesOf(".dump") ?? new Uint8Array() },
    ];
    const report = importFiles(files);
    expect(report.files.map(({ kind }) => kind).sort()).toEqual([
      "pysyncobj dump",
      "pysyncobj incoming dump",
      "pysyncobj journal",
      "pysyncobj meta",
      "pysyncobj unfinished dump",
      "pysyncobj unfinished meta",
    ]);
    const left = report.forensics.findings.filter(({ kind }) => kind.startsWith("unfinished-"));
    expect(left.map(({ text }) => text).join("\n")).toMatch(
      /\.meta\.tmp was written and not renamed[\s\S]*dump\.tmp is a dump that was not finished[\s\S]*dump\.1\.tmp is a leader's dump/,
    );
    expect(report.scenario?.cluster.machines[0]?.files.map(({ path }) => path)).toEqual([
      "S1/raft.journal",
      "S1/raft.journal.meta",
      "S1/raft.journal.meta.tmp",
      "S1/raft.dump",
      "S1/raft.dump.tmp",
      "S1/raft.dump.1.tmp",
    ]);
  });
});

describe("files that no scenario can carry", () => {
  const count = 100_000;
  const bytes = longJournal(count);
  const report = importFiles([
    { path: "A/raft.journal", bytes },
    { path: "B/raft.journal", bytes },
  ]);

  it("are reported whole, and listed in part", () => {
    expect(report.forensics.files[0]?.parts[1]?.records).toMatchObject({ count });
    expect(report.files[0]?.entries.length).toBeLessThan(count);
    expect(report.files[0]?.entriesLeftOut).toBe(count - (report.files[0]?.entries.length ?? 0));
    expect(report.files[0]?.entries.at(-1)?.index).toBe(String(count));
    expect(report.files[0]?.bytes.length).toBeLessThan(bytes.length);
  });

  it("are booted with the ends of their journals, which the report says", () => {
    expect(report.forensics.limits.join()).toMatch(/longer than a scenario .* from index \d+ on/);
    const files = report.scenario?.cluster.machines.map((machine) => machine.files);
    expect(files?.[0]?.map(({ path }) => path)).toEqual(["A/raft.journal", "A/raft.dump"]);
    expect(files?.[0]?.[0]?.base64).toBe(files?.[1]?.[0]?.base64);
    expect(bootOf(report.forensics, "0.3.14").verdict).toBe("starts");
    expect(bootOf(report.forensics, "0.3.14").server?.last).toEqual({
      index: String(count),
      term: "1",
    });
  });

  it("are refused at a start for what is torn at their ends", () => {
    const torn = bytes.slice();
    torn.fill(0, bytes.length - 100);
    const { boots } = importFiles([{ path: "A/raft.journal", bytes: torn }]).forensics;
    expect(boots[0]?.boots).toMatchObject([
      { verdict: "refuses", consequences: [expect.stringMatching(/buffer of 16 bytes/)] },
    ]);
  });
});

function longJournal(count: number): Uint8Array {
  const record = (index: number) =>
    encodeRecord(
      index,
      1,
      Uint8Array.from({ length: 32 }, () => 1),
    );
  const { length } = record(1);
  const bytes = new Uint8Array(40 + count * length);
  bytes.set(encodeHeader(bytes.length));
  for (let i = 0; i < count; i++) bytes.set(record(i + 1), 40 + i * length);
  return bytes;
}

/** The same dump with another value for one key. */
function otherState(dump: Uint8Array): Uint8Array {
  const pickled = decodePickle(gunzipSync(dump));
  if (!pickled.ok || !isTuple(pickled.value.value)) throw new Error("no dump");
  const [state = null, ...rest] = pickled.value.value.items;
  const change = (value: PickleValue): PickleValue =>
    isDict(value)
      ? { type: "dict", pairs: value.pairs.map(([key, each]) => [key, change(each)] as const) }
      : typeof value === "string"
        ? "other"
        : value;
  const pickle = encodePickle({ type: "tuple", items: [change(state), ...rest] });
  return gzipSync(pickle, { filename: "raft.dump.tmp" });
}

function forensics(set: string): Forensics {
  return importFiles(filesIn(set).filter(({ path }) => !path.endsWith(".json"))).forensics;
}

/** What becomes of the first server under this version. */
function bootOf({ boots }: Forensics, version: string): Boot {
  const boot = boots[0]?.boots.find(({ versions }) => versions.includes(version));
  if (boot === undefined) throw new Error(`no boot with ${version}`);
  return boot;
}

function togetherBy({ together }: Forensics) {
  return (version: string) => together.find(({ versions }) => versions.includes(version))?.text;
}

function position(pair: readonly [number, number | string] | undefined) {
  return pair === undefined ? null : { index: String(pair[0]), term: String(pair[1]) };
}
