import { describe, expect, it } from "vitest";
import { type Conformance, checkTrace } from "./conformance.ts";
import { filesIn, readFixture, readFixtureText } from "./fixtures.testkit.ts";
import { type RecordedTrace, readTrace } from "./trace.ts";

describe("the model does what the real code did", () => {
  it("in set 01: two elections, forwarded writes, a compaction", () => {
    const { compared, firstDifference, gaps } = check("01-healthy-compacted");
    expect(firstDifference).toBeNull();
    expect(compared).toBeGreaterThan(400);
    // The dump and the compaction are not modelled, on three nodes.
    expect(gaps).toHaveLength(6);
    expect(gaps.every((gap) => /dump|compaction/.test(gap))).toBe(true);
  });

  it("in set 02: the divergence after a simultaneous restart", () => {
    const { compared, firstDifference, gaps } = check("02-simultaneous-restart");
    expect(firstDifference).toBeNull();
    expect(compared).toBeGreaterThan(450);
    expect(gaps).toEqual([
      "seq 9: history terms 1..5, indexes 1..42 built (not traced)",
      "seq 10: A goes on with the disk of before/A/",
      "seq 10: B goes on with the disk of before/B/",
      "seq 10: C goes on with the disk of before/C/",
      expect.stringContaining("seq 214: 1.1 s of heartbeats"),
      "seq 368 A: the timer's store of raftCommitIndex 46 is left out",
      "seq 371 B: the timer's store of raftCommitIndex 46 is left out",
      "seq 373 C: the timer's store of raftCommitIndex 46 is left out",
    ]);
  });

  it.each([
    "04-commit-index-past-journal/no-dump",
    "05-deviations/b-double-vote",
    "05-deviations/d-repair-livelock",
    "05-deviations/f-big-record-hole",
    "05-deviations/h-meta-from-truncated-epoch",
  ])("in %s", (set) => {
    const { compared, firstDifference } = check(set);
    expect(firstDifference).toBeNull();
    expect(compared).toBeGreaterThan(90);
  });

  it("down to the bytes of its journals and metas", () => {
    for (const [set, folder] of [
      ["01-healthy-compacted", ""],
      ["02-simultaneous-restart", "after-second-restart/"],
    ] as const) {
      const files = check(set).disks;
      expect(files).toHaveLength(6);
      for (const { node, path, bytes } of files) {
        const real = readFixture(`${set}/${folder}${node}/${path}`);
        expect([set, node, path, Buffer.from(bytes).equals(real)]).toEqual([set, node, path, true]);
      }
    }
  });
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
    const { firstDifference } = checkTrace(altered(seq, change), disks("02-simultaneous-restart"));
    expect(firstDifference).toMatchObject({ seq, field });
  });

  it("in what a message says", () => {
    const msg = { from: "C", to: "A", type: "next_node_idx", next_node_idx: 43, reset: false };
    const changed = altered(163, { msg: { ...msg, success: true } });
    const { firstDifference } = checkTrace(changed, disks("02-simultaneous-restart"));
    expect(firstDifference).toMatchObject({ seq: 163, node: "C", field: "msg" });
  });

  it("when something is recorded that the model does not do", () => {
    const text = recorded("02-simultaneous-restart");
    const events = text.events.filter(({ seq }) => seq !== 152);
    const { firstDifference } = checkTrace({ ...text, events }, disks("02-simultaneous-restart"));
    expect(firstDifference).toMatchObject({ seq: 153, node: "C", actual: "no message" });
  });

  it("when the model does something that is not recorded", () => {
    const text = recorded("02-simultaneous-restart");
    const events = text.events.filter(({ seq }) => seq !== 163);
    const { firstDifference } = checkTrace({ ...text, events }, disks("02-simultaneous-restart"));
    expect(firstDifference).toMatchObject({ seq: 164, node: "C", field: "effect" });
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
  ])("%s", (text, problem) => {
    const trace = readTrace("bad.json", text);
    expect(trace.ok ? "" : trace.problem).toMatch(problem);
  });
});

function check(set: string): Conformance {
  return checkTrace(recorded(set), disks(set));
}

function recorded(set: string): RecordedTrace {
  const trace = readTrace(`${set}/trace.json`, readFixtureText(`${set}/trace.json`));
  if (!trace.ok) throw new Error(trace.problem);
  return trace.value;
}

function disks(set: string): { path: string; bytes: Uint8Array }[] {
  return filesIn(set).filter(({ path }) => path !== "trace.json");
}

/** Set 02 with one event changed. */
function altered(seq: number, change: object): RecordedTrace {
  const json = JSON.parse(readFixtureText("02-simultaneous-restart/trace.json")) as {
    events: { seq: number }[];
  };
  json.events = json.events.map((event) => (event.seq === seq ? { ...event, ...change } : event));
  const trace = readTrace("altered", JSON.stringify(json));
  if (!trace.ok) throw new Error(trace.problem);
  return trace.value;
}

function traceText(event: string): string {
  return `{"format": "pysyncobj-trace/1", "nodes": {"A": ""}, "events": [${event}]}`;
}
