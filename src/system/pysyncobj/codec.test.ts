import { describe, expect, it } from "vitest";
import { concatBytes } from "#base/bytes.ts";
import type { Image } from "#disk/types.ts";
import { codec } from "./codec.ts";
import { restored } from "./dump-load.ts";
import { DUMPS, filesIn, readFixture } from "./fixtures.testkit.ts";
import { encodeHeader, encodeRecord } from "./format.ts";
import { encodeMembership } from "./membership.ts";
import { UNFIXED } from "./server.testkit.ts";
import { without } from "./storage.testkit.ts";

const ALL = new Set(["term-not-saved", "vote-not-saved", "term-not-restored-from-log"]);
const saved = { currentTerm: 3, votedFor: "B" };

describe("what is made of the hard state at a start", () => {
  it("is nothing in 0.3.14, whatever the file says", () => {
    expect(restored(saved, 5, ALL)).toEqual({ currentTerm: null, votedFor: null });
  });

  it("is the term of the last entry when that is higher, unless it is not looked at", () => {
    expect(restored(saved, 5, new Set())).toEqual({ currentTerm: 5, votedFor: "B" });
    expect(restored(saved, 5, new Set(["term-not-restored-from-log"]))).toEqual(saved);
    expect(restored(saved, 2, new Set())).toEqual(saved);
  });
});

it("files are read with the eyes of the version that would start on them", () => {
  const path = "02-simultaneous-restart/before";
  const files = new Map(filesIn(path).map(({ path: name, bytes }) => [name, bytes]));
  expect(codec.inspect(files, "A/").currentTerm).toBe(null);
  expect(codec.inspect(files, "A/", ALL).currentTerm).toBe(null);
  const lastTerm = codec.inspect(files, "A/").entries.at(-1)?.term;
  expect(codec.inspect(files, "A/", new Set()).currentTerm).toBe(lastTerm);
  expect(codec.inspect(files, "A/", new Set()).isTermFromLog).toBe(true);
  expect(codec.inspect(files, "A/", ALL).isTermFromLog).toBeUndefined();
});

describe("a dump on the disk", () => {
  it("is the state beside the log", () => {
    const files = imageOf("01-healthy-compacted", "A");
    const { state, entries, problems } = codec.inspect(files, "A/");
    expect(state).toMatchObject({ lastApplied: 12 });
    expect(state?.values.map(({ key, value }) => key + value).join(" ")).toMatch(/^k00w7 k01w8/);
    expect([entries[0]?.index, problems]).toEqual([11, []]);
  });

  it("leaves of a journal that does not begin with it what a start would", () => {
    const files = imageOf("06-dump-journal-race/all-nodes/after-kill", "A");
    const indexes = (bugs?: ReadonlySet<string>) =>
      codec.inspect(files, "A/", bugs).entries.map(({ index }) => index);
    expect(indexes()).toHaveLength(30);
    expect(indexes(new Set(UNFIXED))).toEqual([19, 20]);
    expect(indexes(new Set(without("dump-load-drops-journal")))).toHaveLength(30);
  });

  it("with a commit index past the log is as the repairs have it", () => {
    const files = imageOf("04-commit-index-past-journal/with-dump/after-power-loss", "A");
    const commitIndex = (bugs?: ReadonlySet<string>) =>
      codec.inspect(files, "A/", bugs).commitIndex;
    expect(commitIndex()).toBe(25);
    expect(commitIndex(new Set(UNFIXED))).toBe(25);
    expect(commitIndex(new Set(without("dump-load-leaves-commit-index")))).toBe(20);
    expect(commitIndex(new Set(without("start-leaves-commit-index")))).toBe(20);
  });

  it.each([
    ["07-torn/dump-empty", 0, "EOFError"],
    ["07-torn/dump-truncated", 394, /^EOFError: Compressed file ended/],
  ])("that is damaged says where: %s", (set, offset, reason) => {
    const { state, problems } = codec.inspect(imageOf(set, ""), "");
    expect(state).toBeNull();
    expect(problems).toEqual([
      { path: "raft.dump", offset, reason: expect.stringMatching(reason) },
    ]);
  });

  it("without its checksum is loaded all the same, and said", () => {
    const files = new Map(imageOf("01-healthy-compacted", "A"));
    const bytes = files.get("A/raft.dump") ?? new Uint8Array();
    files.set("A/raft.dump", bytes.subarray(0, bytes.length - 4));
    const { state, problems } = codec.inspect(files, "A/");
    expect(state?.lastApplied).toBe(12);
    expect(problems).toMatchObject([{ reason: expect.stringMatching(/checksum/) }]);
  });

  it("is annotated part by part, with what is packed in words", () => {
    const bytes = readFixture("01-healthy-compacted/A/raft.dump");
    const spans = codec.annotate("A/raft.dump", bytes);
    expect(spans.map(({ kind, offset, length }) => [kind, offset, length])).toEqual([
      ["header", 0, 10],
      ["header", 10, 14],
      ["value", 24, 382],
      ["header", 406, 4],
      ["header", 410, 4],
    ]);
    expect(spans[2]?.label).toMatch(
      /up to entry 12 of term 2, f1\("k02", "w9"\); entry 11 of term 2.*members 127.0.0.1:7001/,
    );
  });

  it.each(DUMPS)("$path is annotated without a hole, whatever its name", ({ bytes }) => {
    for (const name of ["raft.dump", "raft.dump.tmp", "raft.dump.1.tmp"]) {
      let at = 0;
      for (const { offset, length } of codec.annotate(`A/${name}`, bytes)) {
        expect(offset).toBe(at);
        at += length;
      }
      expect(at).toBe(bytes.length);
    }
  });
});

describe("numbers beyond 2^53", () => {
  const files = imageOf("07-torn/page0-old-page1-compacted", "");

  it("are told in all their digits", () => {
    const { problems } = codec.inspect(files, "");
    expect(problems.map(({ reason }) => reason)).toContain(
      "term 3543600036814353920 is beyond 2^53",
    );
    const spans = codec.annotate("raft.journal", files.get("raft.journal") ?? new Uint8Array());
    const labels = spans.map(({ label }) => label);
    expect(labels).toContainEqual(
      expect.stringContaining("24567220352049 of term 3543600036814353920"),
    );
  });

  it("are entries under the names that a run has for them", () => {
    const { entries } = codec.inspect(files, "");
    const last = entries.at(-1);
    expect(entries).toHaveLength(58);
    expect(last?.index).toBe(24567220352049);
    expect(Number.isSafeInteger(last?.term)).toBe(true);
    expect(last?.term).toBeGreaterThan(Math.max(...entries.slice(0, -1).map(({ term }) => term)));
  });
});

describe("entries that change no key", () => {
  it("are told in words", () => {
    const words = (path: string) =>
      codec
        .annotate("raft.journal", readFixture(`08-formats/${path}/raft.journal`))
        .map(({ label }) => label);
    expect(words("code-version")).toContainEqual(
      expect.stringMatching(/: switch to code version 1$/),
    );
    const bytes = encodeRecord(3, 1, encodeMembership({ type: "add", node: "D" }));
    const journal = concatBytes([encodeHeader(40 + bytes.length), bytes]);
    expect(codec.annotate("raft.journal", journal).map(({ label }) => label)).toContain(
      "record 3 of term 1: add server D",
    );
  });
});

function imageOf(set: string, server: string): Image {
  const files = filesIn(server === "" ? set : `${set}/${server}`);
  const prefix = server === "" ? "" : `${server}/`;
  return new Map(files.map(({ path, bytes }) => [prefix + path, bytes]));
}
