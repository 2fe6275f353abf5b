import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFile } from "#disk/disk.ts";
import type { StepResult } from "#system/contract.ts";
import { codec } from "./codec.ts";
import { filesIn, readFixture, readFixtureText } from "./fixtures.testkit.ts";
import {
  decodeJournal,
  EMPTY_META,
  encodeHeader,
  encodeMeta,
  entriesOf,
  type Meta,
  NO_OP,
} from "./format.ts";
import { protocol } from "./protocol.ts";
import { recovery } from "./recovery.ts";
import { tick, UNFIXED } from "./server.testkit.ts";
import type { PySyncObj } from "./server.ts";
import { type Host, host, run, start, stepText } from "./storage.testkit.ts";

describe("the first start", () => {
  it("creates the file, grows it to 1024 bytes and appends the first entry", () => {
    const a = host();
    expect(run(a, recovery, { type: "recover" }).map(stepText)).toEqual([
      "read",
      "open journal create truncate",
      "write fd 0+40",
      "close fd",
      "truncate journal 1024",
      "read",
      "read",
      "store journal 40+25",
      "store journal 36+4",
      "read",
      "recovered",
    ]);
  });

  it("leaves the very bytes of the library", () => {
    const a = host();
    start(a);
    const real = readFixture("02-simultaneous-restart/before/A/raft.journal").subarray(0, 32);
    const made = readFile(a.disk, "A/raft.journal") ?? new Uint8Array();
    expect([...made.subarray(0, 32)]).toEqual([...real]);
    expect([...made.subarray(32, 70)]).toEqual([
      ...[1, 0, 0, 0, 65, 0, 0, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
      ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 17, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it("begins at term 0 with one entry that is committed and applied", () => {
    const found = start(host());
    expect(found).toMatchObject({ currentTerm: 0, votedFor: null, commitIndex: 1 });
  });

  it("killed at any step leaves files that the next start reads, or refuses as the real one", () => {
    const whole = run(host(), recovery, { type: "recover" }).length;
    for (let most = 0; most <= whole; most++) {
      const a = host();
      run(a, recovery, { type: "recover" }, most);
      const found = start(a);
      // Between open and write the file is empty, which cannot be mapped.
      if (most === 2) expect(found).toBe("ValueError: cannot mmap an empty file");
      else expect(found).toMatchObject({ commitIndex: 1, log: { length: 1 } });
    }
  });
});

describe("a restart does with damaged files what the real loader did", () => {
  const outcomes = JSON.parse(readFixtureText("07-torn/outcomes.json")) as Record<string, Outcome>;

  it.each(Object.keys(outcomes).map((name) => [name] as const))("%s", (name) => {
    const real = outcomes[name];
    const a = host(
      Object.fromEntries(filesIn(`07-torn/${name}`).map(({ path, bytes }) => [`A/${path}`, bytes])),
    );
    const found = start(a);
    const [, error] = /^error: (.*)$/.exec(real?.constructor ?? "") ?? [];
    if (error !== undefined) expect(found).toBe(`struct.error: ${error}`);
    else if (real?.constructor !== "ok") expect(found).toBe(real?.constructor);
    else if (typeof found === "string") expect(found).toBe("a recovered server");
    else {
      expect(found.log.length).toBe(real.entriesLoaded);
      expect(found.log.entries.at(0)).toMatchObject({
        index: real.first?.[0],
        term: real.first?.[1],
      });
      const { index, term } = found.log.entries.at(-1) ?? { index: 0, term: 0 };
      const [lastIndex = 0, lastTerm = 0] = real.last ?? [];
      expect(index).toBe(lastIndex);
      if (Number.isSafeInteger(lastTerm)) expect(term).toBe(lastTerm);
      else expect(term).toBeGreaterThan(2 ** 52);
      expect(found.commitIndex).toBe(real.commitIndex);
    }
  });

  it.each(Object.keys(outcomes).map((name) => [name] as const))("%s, after one tick", (name) => {
    const real = outcomes[name]?.afterTick;
    const files = filesIn(`07-torn/${name}`).map(
      ({ path, bytes }) => [`A/${path}`, bytes] as const,
    );
    const found = start(host(Object.fromEntries(files)));
    if (typeof found === "string" || real === undefined) return;
    const config = { id: "A", peers: ["B"], incarnation: 1, bugs: new Set(UNFIXED) };
    const server = protocol.create(
      { ...config, options: { firstTickDelay: 0 } },
      found,
    ) as PySyncObj;
    const did = tick({ server, now: 0 });
    expect([server.commitIndex, server.lastApplied]).toEqual([real.commitIndex, real.lastApplied]);
    const raised = outcomes[name]?.tickException?.split(":")[0];
    expect(did.filter((text) => /Error: /.test(text)).map((text) => text.split(":")[0])).toEqual(
      raised === undefined ? [] : [raised],
    );
  });
});

describe("term and vote after a restart", () => {
  const journal = readFixture("02-simultaneous-restart/before/A/raft.journal"); // Its last term is 5.

  it.each([
    [
      "0.3.14 starts over",
      ["term-not-saved", "vote-not-saved", "term-not-restored-from-log"],
      [0, null],
    ],
    ["the fix has what it saved", [], [7, "B"]],
    ["the vote is lost", ["vote-not-saved"], [7, null]],
    ["the term of the log is better than none", ["term-not-saved"], [5, "B"]],
    ["without the log's term the saved one is there", ["term-not-restored-from-log"], [7, "B"]],
    ["without either it is 0", ["term-not-saved", "term-not-restored-from-log"], [0, "B"]],
  ])("%s", (_, bugs, [term, vote]) => {
    const found = start(
      withMeta({ currentTerm: 7, votedForNodeId: "B", raftCommitIndex: 42 }, bugs),
    );
    expect(found).toMatchObject({ currentTerm: term, votedFor: vote, commitIndex: 42 });
  });

  it("after an upgrade are the log's term and no vote", () => {
    expect(start(withMeta({ raftCommitIndex: 42 }, []))).toMatchObject({
      currentTerm: 5,
      votedFor: null,
    });
  });

  it("with an unreadable meta leave commit index 1", () => {
    const files = { "A/raft.journal": journal, "A/raft.journal.meta": new Uint8Array(31) };
    const a = host(files, []);
    expect(start(a)).toMatchObject({ commitIndex: 1, currentTerm: 5 });
  });

  function withMeta(values: Record<string, string | number>, bugs: readonly string[]): Host {
    const meta: Meta = { type: "dict", pairs: Object.entries(values) };
    return host({ "A/raft.journal": journal, "A/raft.journal.meta": encodeMeta(meta) }, bugs);
  }
});

describe("a journal that starts later", () => {
  it("is loaded as it is; what was before it is not known", () => {
    const a = host({ "A/raft.journal": readFixture("01-healthy-compacted/A/raft.journal") });
    expect(start(a)).toMatchObject({ log: { baseIndex: 10, length: 5 } });
  });
});

describe("any bytes", () => {
  it("start a server or fail with an error, and never hang", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 60 }), (j, m) => {
        const found = start(host({ "A/raft.journal": j, "A/raft.journal.meta": m }));
        return typeof found === "string" ? /^[\w.]+Error: |^struct\.error: /.test(found) : true;
      }),
    );
  });

  it("are walked record by record to what a reader of the whole file finds", () => {
    const journal = readFixture("02-simultaneous-restart/before/A/raft.journal");
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(changes, fc.nat(), fc.boolean(), (each, where, isCut) => {
        const bytes = isCut ? journal.slice(0, 1 + (where % journal.length)) : journal.slice();
        for (const [at, value] of each) bytes[at % Math.min(700, bytes.length)] = value;
        const a = host({ "A/raft.journal": bytes });
        const found = start(a);
        const whole = new Uint8Array(Math.max(1024, bytes.length));
        whole.set(bytes);
        const { loadError, records, endOffset } = decodeJournal(whole);
        const entries = entriesOf(records);
        if (loadError !== null) expect(found).toBe(`${loadError.name}: ${loadError.text}`);
        else if (typeof found === "string") throw new Error(found);
        else if (entries.length > 0) {
          expect(found.log.entries).toEqual(entries);
          expect(a.memory.journal).toMatchObject({
            fileSize: whole.length,
            currentOffset: endOffset,
          });
        }
      }),
    );
  });

  it.each([1, 1000, 1023, 1024, 1025, 3000, 4096, 70_001])("are measured: a file of %i", (size) => {
    const bytes = new Uint8Array(size);
    bytes.set(encodeHeader().subarray(0, size));
    const a = host({ "A/raft.journal": bytes });
    start(a);
    expect(a.memory.journal).toMatchObject({ fileSize: Math.max(1024, size) });
  });

  it("are inspected as they are recovered, when they are recovered", () => {
    const path = "02-simultaneous-restart/after-divergence";
    const files = new Map(filesIn(path).map(({ path: name, bytes }) => [name, bytes]));
    for (const id of ["A", "B", "C"]) {
      const contents = codec.inspect(files, `${id}/`);
      const found = start(
        host({
          "A/raft.journal": files.get(`${id}/raft.journal`) ?? new Uint8Array(),
          "A/raft.journal.meta": files.get(`${id}/raft.journal.meta`) ?? new Uint8Array(),
        }),
      );
      if (typeof found === "string") throw new Error(found);
      expect(contents.entries).toEqual(found.log.entries);
      expect(contents.commitIndex).toBe(found.commitIndex);
      expect(contents.problems).toEqual([]);
    }
  });
});

describe("a sector that cannot be read", () => {
  const journal = readFixture("02-simultaneous-restart/before/A/raft.journal");

  it("ends the process when a record lies on it", () => {
    expect(endWith((file, from, to) => file === "A/raft.journal" && from < 600 && to > 512)).toBe(
      "SIGBUS: Bus error (EIO under the mapping of raft.journal)",
    );
  });

  it("is not noticed behind the last record", () => {
    expect(endWith((file, from) => file === "A/raft.journal" && from >= 3000)).toBe("recovered");
  });

  it("in the meta file is swallowed with every other error", () => {
    expect(endWith((file) => file === "A/raft.journal.meta")).toBe("recovered");
  });

  function endWith(isBad: (file: string, from: number, to: number) => boolean): string {
    const state = recovery.start();
    recovery.receive(state, { type: "recover" });
    let last: StepResult = { type: "none" };
    const memory = {};
    for (;;) {
      const context = { memory, last, now: 0, directory: "A/", held: 0 };
      const step = recovery.next(state, { ...context, bugs: new Set(UNFIXED), options: {} });
      if (step?.type === "fail") return `${step.name}: ${step.text}`;
      if (step?.type !== "read") return step?.type ?? "no end";
      const { file, offset = 0, length = 9_999, as } = step;
      if (file === "A/raft.dump") {
        last = { type: "read", bytes: null, value: null, errno: null };
        continue;
      }
      const bytes = (file === "A/raft.journal" ? journal : encodeMeta(EMPTY_META)).subarray(
        offset,
        offset + length,
      );
      const isThere = bytes.length > 0;
      const errno = isThere && isBad(file, offset, offset + bytes.length) ? "EIO" : null;
      last = { type: "read", bytes: null, value: errno === null ? as?.(bytes) : null, errno };
    }
  }
});

it("copies of the state go their own ways", () => {
  const state = recovery.start();
  const entry = { index: 1, term: 1, command: NO_OP };
  recovery.receive(state, { type: "recover" });
  const journal = readFixture("02-simultaneous-restart/before/A/raft.journal");
  const step = (subject: typeof state, last: StepResult) =>
    recovery.next(subject, {
      ...{ memory: {}, last, now: 0, directory: "A/", held: 0, bugs: new Set<string>() },
      options: {},
    });
  let last: StepResult = { type: "none" };
  while (state.count < 3) {
    const read = step(state, last);
    if (read?.type !== "read") throw new Error("a read");
    const { file, offset = 0, length = 9_999, as } = read;
    const bytes = journal.subarray(offset, offset + length);
    const isThere = file === "A/raft.journal";
    last = { type: "read", bytes: null, value: isThere ? as?.(bytes) : null, errno: null };
  }
  const copy = recovery.clone(state);
  const isRecord = state.stage === "record";
  if (!isRecord) for (const each of [state, copy]) step(each, last);
  step(state, { type: "read", bytes: null, value: { ...entry, term: 8 }, errno: null });
  step(copy, { type: "read", bytes: null, value: { ...entry, term: 9 }, errno: null });
  const lasts = [state, copy].map(({ entries, count }) => entries.slice(0, count).at(-1)?.term);
  expect(lasts).toEqual([8, 9]);
});

interface Outcome {
  readonly constructor: string;
  readonly entriesLoaded?: number;
  readonly first?: readonly number[];
  readonly last?: readonly number[];
  readonly commitIndex?: number;
  readonly tickException?: string;
  readonly afterTick?: { readonly commitIndex: number; readonly lastApplied: number };
}
