import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "#base/utf8.ts";
import { type Conformance, checkTrace } from "./conformance.ts";
import { conformanceTable } from "./conformance-table.ts";
import { decodeDump, encodeDump } from "./dump.ts";
import { filesIn, readFixture, readFixtureText, readReadme } from "./fixtures.testkit.ts";
import { type RecordedTrace, readTrace } from "./trace.ts";

const SETS = filesIn("")
  .filter(({ path }) => path.endsWith("/trace.json"))
  .map(({ path }) => path.slice(0, -"/trace.json".length));

const ALL_NODES = "06-dump-journal-race/all-nodes";

const checked = new Map(SETS.map((set) => [set, checkTrace(recorded(set), disks(set))]));

it("all twelve recorded runs are here", () => {
  expect(SETS).toHaveLength(12);
});

describe.each(SETS)("the model does what the real code did in %s", (set) => {
  const { compared, firstDifference, gaps, folders } = check(set);

  it("event by event", () => {
    expect(firstDifference).toBeNull();
    // Of the others no single node is told, or only that it is up.
    const told = recorded(set).events.filter(({ state }) => state !== null);
    expect(compared).toBeGreaterThan(0.9 * told.length);
  });

  it("with nothing left out but by the record", () => {
    expect(gaps.filter(({ kind }) => kind === "unclear")).toEqual([]);
  });

  it("down to the bytes of journals and metas, and to what dumps hold", () => {
    const never = folders.filter(({ seq, isLater }) => seq === null && !isLater);
    expect(never).toEqual([]);
  });
});

it("two runs were copied a NO_OP after the end of their record, and nothing else differs", () => {
  const later = SETS.flatMap((set) =>
    check(set)
      .folders.filter(({ isLater }) => isLater)
      .map(({ name }) => `${set}/${name}`),
  );
  expect(later).toEqual([
    "04-commit-index-past-journal/no-dump/end/",
    "04-commit-index-past-journal/with-dump/end/",
  ]);
});

it("at the end of set 01 the model's files are the real ones", () => {
  const { disks: files } = check("01-healthy-compacted");
  expect(files).toHaveLength(9);
  for (const { node, path, bytes } of files) {
    const real = readFixture(`01-healthy-compacted/${node}/${path}`);
    if (path === "raft.dump") {
      expect(contents(bytes).state).toEqual(contents(real).state);
      expect(contents(bytes).last).toEqual(contents(real).last);
    } else expect([node, path, Buffer.from(bytes).equals(real)]).toEqual([node, path, true]);
  }
});

it("the table of README.md is what comes of it", () => {
  const rows = conformanceTable(SETS.map((name) => ({ name, ...check(name) })));
  expect(readReadme()).toContain(rows.join("\n"));
});

describe("a difference is found", () => {
  it.each([
    ["commitIndex", 176, { commitIndex: 44 }],
    ["term", 153, { term: 2 }],
    ["votedFor", 227, { votedFor: null }],
    ["state", 159, { state: "follower" }],
    ["lastApplied", 64, { lastApplied: 41 }],
    ["log", 163, { log: { first: [1, 0], tail: [43, 2], len: 43 } }],
  ])("in the %s of an event", (field, seq, change) => {
    const { firstDifference } = checkAltered("02-simultaneous-restart", seq, change);
    expect(firstDifference).toMatchObject({ seq, field });
  });

  it.each([
    [
      "where a compacted journal will start",
      "01-healthy-compacted",
      392,
      { journalWillStartAt: 10 },
    ],
    ["the number of entries that a compaction drops", "01-healthy-compacted", 407, { dropped: 9 }],
    [
      "a store of a compaction",
      "01-healthy-compacted",
      408,
      { disk: { stores: [{ off: 36, len: 4 }] } },
    ],
    ["the end of a journal that is emptied", ALL_NODES, 272, { lastRecordOffset: [1624, 41] }],
    [
      "an entry that a dump puts into the journal",
      ALL_NODES,
      274,
      { entry: { index: 20, term: 1, hex: "01" } },
    ],
    ["lastApplied after a dump is loaded", ALL_NODES, 275, { lastApplied: 30 }],
    ["the journal after a dump is loaded", ALL_NODES, 279, { journalAfter: [1, 30, 30] }],
    [
      "the files that a start finds",
      "02-simultaneous-restart",
      375,
      { diskBytes: { journal: 2048, meta: 31 } },
    ],
    [
      "how a journal grew for a record",
      "05-deviations/f-big-record-hole",
      117,
      { disk: { stores: [{ off: 145, len: 3053, resize: [1024, 4096] }] } },
    ],
    [
      "the exception that ended a tick",
      "05-deviations/f-big-record-hole",
      118,
      { error: "ValueError: other" },
    ],
    [
      "what is applied of a command that the record cuts short",
      "05-deviations/f-big-record-hole",
      155,
      { cmd: 'f1("big", "zzzzzzzzzzzzzzzzzzzzzzzzy' },
    ],
  ])("in %s", (_what, set, seq, change) => {
    expect(checkAltered(set, seq, change).firstDifference).toMatchObject({ seq });
  });

  it("in what a message says", () => {
    const msg = { from: "C", to: "A", type: "next_node_idx", next_node_idx: 43, reset: false };
    const change = { msg: { ...msg, success: true } };
    const { firstDifference } = checkAltered("02-simultaneous-restart", 163, change);
    expect(firstDifference).toMatchObject({ seq: 163, node: "C", field: "msg" });
  });

  it("in a dump beside the trace", () => {
    const files = disks("01-healthy-compacted").map(({ path, bytes }) =>
      path === "B/raft.dump" ? { path, bytes: withAnotherValue(bytes) } : { path, bytes },
    );
    const { firstDifference } = checkTrace(recorded("01-healthy-compacted"), files);
    expect(firstDifference).toMatchObject({ seq: 395, node: "B", field: "dump" });
  });

  it("when something is recorded that the model does not do", () => {
    const { firstDifference } = checkWithout("02-simultaneous-restart", 152);
    expect(firstDifference).toMatchObject({ seq: 153, node: "C", actual: "no message" });
  });

  it.each([
    ["a message", "02-simultaneous-restart", 163, { seq: 164, node: "C" }],
    ["a compaction", "01-healthy-compacted", 408, { node: "B" }],
    ["the load of a dump", ALL_NODES, 279, { node: "B" }],
  ])("when the model does something that is not recorded: %s", (_what, set, seq, found) => {
    expect(checkWithout(set, seq).firstDifference).toMatchObject({ field: "effect", ...found });
  });
});

describe("a trace file that cannot be read is named, with the place and the reason", () => {
  it.each([
    ['{"format": }', /^bad\.json: not JSON: .*/],
    ["[]", /^bad\.json: the file is not an object/],
    ['{"format": "other"}', /^bad\.json: format is "other", not "pysyncobj-trace\/1"/],
    [traceText('{"seq": 1, "t": 0}'), /^bad\.json: events\[0\]\.node is not text/],
    [traceText('{"seq": 1, "t": 0, "node": "A"}'), /^bad\.json: events\[0\]\.event is not text/],
    [
      traceText('{"seq": 1, "t": 0, "node": "A", "event": "send", "msg": {}}'),
      /^bad\.json: events\[0\]\.msg\.type is not text/,
    ],
    [
      '{"format": "pysyncobj-trace/1", "nodes": {}, "config": {"maxSpeed": 1}, "events": []}',
      /^bad\.json: config\.maxSpeed is no setting that the model has/,
    ],
  ])("%s", (text, problem) => {
    const trace = readTrace("bad.json", text);
    expect(trace.ok ? "" : trace.problem).toMatch(problem);
  });
});

it("settings of the recording are the model's options, times in microseconds", () => {
  expect(recorded("05-deviations/d-repair-livelock").options).toEqual({
    appendEntriesUseBatch: 0,
    dynamicMembershipChange: 1,
    useFork: 0,
    appendEntriesPeriod: 100_000,
  });
});

function check(set: string): Conformance {
  const found = checked.get(set);
  if (found === undefined) throw new Error(set);
  return found;
}

function recorded(
  set: string,
  change: (events: Recorded[]) => Recorded[] = (e) => e,
): RecordedTrace {
  const json = JSON.parse(readFixtureText(`${set}/trace.json`)) as { events: Recorded[] };
  json.events = change(json.events);
  const trace = readTrace(`${set}/trace.json`, JSON.stringify(json));
  if (!trace.ok) throw new Error(trace.problem);
  return trace.value;
}

interface Recorded {
  readonly seq: number;
}

function disks(set: string): { path: string; bytes: Uint8Array }[] {
  return filesIn(set).filter(({ path }) => path !== "trace.json");
}

function checkAltered(set: string, seq: number, change: object): Conformance {
  const altered = recorded(set, (events) =>
    events.map((event) => (event.seq === seq ? { ...event, ...change } : event)),
  );
  return checkTrace(altered, disks(set));
}

function checkWithout(set: string, seq: number): Conformance {
  return checkTrace(
    recorded(set, (events) => events.filter((event) => event.seq !== seq)),
    disks(set),
  );
}

function withAnotherValue(bytes: Uint8Array): Uint8Array {
  const dump = contents(bytes);
  const last = { ...dump.last, command: encodeUtf8("other") };
  return encodeDump({ ...dump, last, self: dump.cluster[0] ?? "" });
}

function contents(bytes: Uint8Array) {
  const dump = decodeDump(bytes);
  if (!dump.ok) throw new Error(dump.reason);
  return dump.value;
}

function traceText(event: string): string {
  return `{"format": "pysyncobj-trace/1", "nodes": {"A": ""}, "events": [${event}]}`;
}
