import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { Forensics, GivenFile } from "#importer/contract.ts";
import { importFiles } from "#importer/import-files.ts";
import { reportLines } from "#importer/report-text.ts";
import { filesIn } from "#system/pysyncobj/fixtures.testkit.ts";
import {
  decodeJournal,
  decodeMeta,
  encodeHeader,
  encodeMeta,
  encodeRecord,
  NO_OP,
} from "#system/pysyncobj/format.ts";
import { encodePickle, type PickleValue } from "#system/pysyncobj/pickle.ts";

const WIDE = 2n ** 53n;

/** A journal of NO_OPs. */
function journal(...places: readonly (readonly [number | bigint, number | bigint])[]): Uint8Array {
  const records = places.map(([index, term]) => encodeRecord(index, term, NO_OP));
  const size = records.reduce((sum, { length }) => sum + length, 40);
  const bytes = new Uint8Array(1024);
  bytes.set(encodeHeader(size));
  let at = 40;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

function meta(raftCommitIndex: number | bigint): Uint8Array {
  return encodeMeta({ type: "dict", pairs: [["raftCommitIndex", raftCommitIndex]] });
}

function server(id: string, bytes: Uint8Array, commit: number | bigint): GivenFile[] {
  return [
    { path: `${id}/raft.journal`, bytes },
    { path: `${id}/raft.journal.meta`, bytes: meta(commit) },
  ];
}

describe("numbers beyond 2^53 are told and compared exact", () => {
  const files = [
    ...server("A", journal([0, 0], [WIDE + 1n, 1], [WIDE + 2n, 1]), WIDE + 2n),
    ...server("B", journal([0, 0], [WIDE + 2n, 1], [WIDE + 3n, 1]), WIDE + 2n),
  ];
  const report = importFiles(files).forensics;
  const text = reportLines(report).join("\n");

  it("a commit index that is the journal's last index is not past it", () => {
    expect(text).not.toMatch(/past its log|past the end|were committed/);
  });

  it("logs of other indexes are not equal", () => {
    expect(text).not.toMatch(/logs are equal/);
  });

  it("no other number than those of the files is in the report", () => {
    expect(new Set(text.match(/\d{15,}/g))).toEqual(
      new Set([`${WIDE + 1n}`, `${WIDE + 2n}`, `${WIDE + 3n}`]),
    );
  });

  it("a commit index beyond 64 bits is told as it is, and clamped to the last index", () => {
    const huge = 2n ** 70n;
    const one = importFiles(server("A", journal([1, 0], [2, 1]), huge)).forensics;
    expect(bootOf(one, "A", "0.3.14").server?.commitIndex).toBe(`${huge}`);
    expect(bootOf(one, "A", "all fixes").server?.commitIndex).toBe("2");
    expect(one.findings.map((each) => each.text).join()).toContain(
      `raftCommitIndex ${huge} is past the end of the journal (2)`,
    );
    expect(bootOf(one, "A", "all fixes").differences.join()).toContain(`2 instead of ${huge}`);
  });

  it("a dump of the same numbers as its journal keeps it", () => {
    const places = [WIDE + 1n, WIDE + 2n, WIDE + 3n] as const;
    const dump = dumpOf(places[0], places[1]);
    const given = [
      ...server("A", journal(...places.map((index) => [index, 1] as const)), places[2]),
      { path: "A/raft.dump", bytes: dump },
    ];
    const boot = bootOf(importFiles(given).forensics, "A", "0.3.14");
    expect(boot).toMatchObject({
      verdict: "starts",
      server: {
        commitIndex: `${places[2]}`,
        lastApplied: `${places[2]}`,
        dump: `${places[1]}`,
        last: { index: `${places[2]}` },
      },
    });
  });

  it("the booted disks hold none of them, and agree among each other", () => {
    const machines = importFiles(files).scenario?.cluster.machines ?? [];
    const [a, b] = machines.map((machine) => {
      const bytes = machine.files.map(({ base64 }) =>
        Uint8Array.from(Buffer.from(base64, "base64")),
      );
      const [log, saved] = [decodeJournal(bytes[0]!), decodeMeta(bytes[1]!)];
      const commit = saved.ok ? saved.value.pairs[0]?.[1] : null;
      return { indexes: log.records.map(({ index }) => index), commit };
    });
    expect(a?.indexes[2]).toBe(b?.indexes[1]);
    expect(a?.commit).toBe(a?.indexes[2]);
    expect(b?.commit).toBe(b?.indexes[1]);
    expect(a?.indexes.every((index) => typeof index === "number")).toBe(true);
  });
});

describe("who can be elected decides which log the others get", () => {
  const report = forensics("02-simultaneous-restart/truncated-C");

  it("nobody copies from a longer log whose last term is earlier", () => {
    const text = bootOf(report, "C", "0.3.14").consequences.join();
    expect(text).toMatch(/45 is past its log, which ends at 43/);
    expect(text).toMatch(/nobody copies the rest from A, for it cannot be elected/);
    expect(text).toMatch(/not ready before the log is that long/);
  });

  it("the longer log is cut off, and what it counts as committed is named", () => {
    expect(bootOf(report, "A", "0.3.14").consequences.join()).toMatch(
      /cannot be elected, and whoever can \(B and C\) does not have the entries 43 to 45 of term 1/,
    );
    const text = togetherBy(report)("0.3.14");
    expect(text).toMatch(/Only B or C can be elected, for A ends/);
    expect(text).toMatch(
      /The entries 43 to 45 of term 1 on A are cut off, although A counts the entries 43 to 45 as committed/,
    );
    expect(text).toMatch(/44 to 45 were committed, and no server that can be elected has them/);
    expect(text).toMatch(/not ready before the log, which ends at 43, has reached 45/);
  });

  it("a shorter log of the same term does not lead a majority of longer ones", () => {
    const long = journal([1, 0], [2, 1], [3, 1]);
    const files = [
      ...server("A", journal([1, 0], [2, 1]), 2),
      ...server("B", long, 3),
      ...server("C", long, 3),
    ];
    expect(togetherBy(importFiles(files).forensics)("0.3.14")).toMatch(
      /Only B or C can be elected/,
    );
  });
});

describe("servers that never apply anything do not go on", () => {
  const whole = filesIn("01-healthy-compacted").filter(({ path }) => !path.endsWith(".json"));

  it("all of them: no client is answered", () => {
    const report = importFiles(whole.filter(({ path }) => !path.endsWith(".dump"))).forensics;
    const text = togetherBy(report)("0.3.14");
    expect(text).toMatch(/none that ever applies anything: no client is answered/);
    expect(text).not.toMatch(/go on/);
  });

  it("one of them is named", () => {
    const files = whole.filter(({ path }) => path !== "B/raft.dump");
    expect(togetherBy(importFiles(files).forensics)("0.3.14")).toMatch(
      /B never applies anything again/,
    );
  });
});

describe("several clusters in one folder", () => {
  const under = (folder: string, set: string): GivenFile[] =>
    filesIn(set)
      .filter(({ path }) => !path.endsWith(".json"))
      .map(({ path, bytes }) => ({ path: `${folder}/${path}`, bytes }));
  const report = importFiles([
    ...under("x", "01-healthy-compacted"),
    ...under("y", "02-simultaneous-restart/truncated-C"),
  ]);

  it("are each reported", () => {
    const { boots, together, findings, limits } = report.forensics;
    expect(boots.map((each) => each.server)).toEqual(["x/A", "x/B", "x/C", "y/A", "y/B", "y/C"]);
    expect(together.map(({ text }) => text.slice(0, 5)).sort()).toContain("In y:");
    expect(findings.map(({ kind }) => kind)).toContain("logs-diverge");
    expect(findings.find(({ kind }) => kind === "logs-diverge")?.text).toMatch(
      /^y\/A and y\/[BC] /,
    );
    expect(limits.join()).toMatch(/files of 2 clusters\. The one in x is booted; open y alone/);
  });

  it("are booted as one by one, with the names of its own servers", () => {
    expect(report.scenario?.cluster.machines.map(({ id }) => id)).toEqual(["A", "B", "C"]);
  });
});

it("what is said across files is in the report, too: names, and why nothing can be booted", () => {
  const long = importFiles(
    filesIn("02-simultaneous-restart/before").map(({ path, bytes }) => ({
      path: path.replace(/^./, "machine-$&"),
      bytes,
    })),
  );
  expect(reportLines(long.forensics).join("\n")).toContain("A is machine-A, B is machine-B");
  const many = importFiles(filesIn("07-torn").filter(({ path }) => !path.endsWith(".json")));
  expect(reportLines(many.forensics).join("\n")).toMatch(/cannot be booted together/);
});

it("where an index is missing, the last entries are never found", () => {
  const files = server("A", journal([1, 0], [2, 1], [4, 1], [5, 1]), 5);
  const boot = bootOf(importFiles(files).forensics, "A", "0.3.14");
  expect(boot).toMatchObject({ verdict: "not ready", server: { lastApplied: "4" } });
  expect(boot.consequences.join()).toMatch(
    /applied up to 4 of 5: entries are found by their places/,
  );
});

describe("what each repair does by itself", () => {
  it("the clamp at the start alone helps where no dump is", () => {
    const report = forensics("04-commit-index-past-journal/no-dump/after-power-loss");
    const alone = bootOf(report, "A", "0.3.14 without start-leaves-commit-index");
    expect(alone).toMatchObject({ verdict: "starts", server: { commitIndex: "20" } });
    const { repairs, boots } = report.boots[0]!;
    expect(repairs).toMatch(
      /^Of the single repairs, term-not-restored-from-log and start-leaves-commit-index change/,
    );
    const named = boots.flatMap(({ versions }) => versions.filter((each) => /without/.test(each)));
    expect(named).toHaveLength(2);
    expect(togetherBy(report)("0.3.14 without start-leaves-commit-index")).toMatch(
      /go on behind index 20/,
    );
  });

  it("keeping the journal alone keeps what is behind the dump", () => {
    const report = forensics("06-dump-journal-race/all-nodes/after-kill");
    const alone = bootOf(report, "A", "0.3.14 without dump-load-drops-journal");
    expect(alone.server?.last?.index).toBe("30");
  });

  it("none where the loader refuses the file", () => {
    const { boots } = forensics("07-torn/zeroed-last-record");
    expect(boots[0]?.repairs).toBe("No single repair changes what becomes of this start.");
  });
});

it("what a start takes for committed agrees with its own commit index", () => {
  const report = forensics("07-torn/all-zero-file");
  const [clamped, released] = ["all fixes", "0.3.14"].map((version) =>
    bootOf(report, report.boots[0]!.server, version).consequences.join(),
  );
  expect(released).toMatch(/whatever comes up to index 42 for committed/);
  expect(clamped).toMatch(/starts over with index 1\./);
});

/** Of an empty state, with two entries of any index. */
function dumpOf(previous: bigint, last: bigint): Uint8Array {
  const entry = (index: bigint): PickleValue => ({
    type: "tuple",
    items: [{ type: "bytes", bytes: NO_OP }, index, 1],
  });
  const state: PickleValue = { type: "dict", pairs: [] };
  const nodes: PickleValue = { type: "set", items: [] };
  const items = [state, entry(last), entry(previous), nodes];
  return gzipSync(encodePickle({ type: "tuple", items }), { filename: "raft.dump.tmp" });
}

function forensics(set: string): Forensics {
  return importFiles(filesIn(set).filter(({ path }) => !path.endsWith(".json"))).forensics;
}

function bootOf({ boots }: Forensics, id: string, version: string) {
  const own = boots.find((each) => each.server === id)?.boots ?? [];
  const boot = own.find(({ versions }) => versions.includes(version));
  if (boot === undefined) throw new Error(`no boot of ${id} with ${version}`);
  return boot;
}

function togetherBy({ together }: Forensics) {
  return (version: string) => together.find(({ versions }) => versions.includes(version))?.text;
}
