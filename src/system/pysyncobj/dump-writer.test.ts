import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "#base/bytes.ts";
import { crash } from "#disk/crash.ts";
import { pendingCount, readFile } from "#disk/disk.ts";
import { injectFault } from "#disk/faults.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Actor, ActorContext, Note, Step, StepResult } from "#system/contract.ts";
import { decodeDump } from "./dump.ts";
import { dumpChild, serializer } from "./dump-writer.ts";
import { readFixture } from "./fixtures.testkit.ts";
import { encodeRecord, encodeSet, NO_OP } from "./format.ts";
import { UNFIXED } from "./server.testkit.ts";
import { type Host, host, run, stepText, without } from "./storage.testkit.ts";
import { route } from "./storage.ts";

const FORK = ["tell-actor"];
const WRITTEN = [
  "open dump.tmp create truncate",
  expect.stringMatching(/^write fd 0\+\d+$/),
  "close fd",
  "rename dump.tmp dump",
  "tell-server",
];

describe("a dump", () => {
  it("is the business of a child, which the handler does not wait for", () => {
    const a = withState();
    expect(route(DUMP)).toEqual({ actor: "serializer", wait: true });
    expect(run(a, serializer, noteOf(DUMP)).map(stepText)).toEqual(FORK);
    expect(dumpChild.outlives).toBe(true);
  });

  it("is written aside and renamed into place, without a sync", () => {
    const a = withState();
    expect(dumpSteps(a).map(stepText)).toEqual(WRITTEN);
    expect(pendingCount(a.disk)).toBeGreaterThan(0);
  });

  it("holds the state machine, the last two entries and the members", () => {
    const a = withState();
    dumpSteps(a);
    expect(decodeDump(fileOf(a, "raft.dump"))).toEqual({
      ok: true,
      isWhole: true,
      value: {
        state: { ...STATE, lastApplied: 3 },
        previous: PREVIOUS,
        last: LAST,
        cluster: ["A", "B", "C"],
      },
    });
  });

  it("holds the state machine as it was at the fork, whatever was applied since", () => {
    const a = withState();
    const note = forked(a);
    a.application = { ...STATE, values: [], lastApplied: 9 };
    run(a, dumpChild, note);
    expect(loaded(a)?.state.values).toEqual(STATE.values);
  });

  it("tells the server that it is done, and what it wrote", () => {
    const a = withState();
    const told = dumpSteps(a).at(-1);
    expect(told).toMatchObject({
      type: "tell-server",
      input: { type: "told", subject: "dumped", values: { lastApplied: 3 } },
    });
    const input = told?.type === "tell-server" && told.input.type === "told" ? told.input : null;
    expect(toHex(input?.data ?? NO_OP)).toBe(toHex(fileOf(a, "raft.dump")));
  });

  it("takes the child its time after the file is open and before anything is in it", () => {
    const a = withState(UNFIXED, { dumpTime: 500_000 });
    const steps = dumpSteps(a);
    expect(steps.map(stepText).slice(0, 3)).toEqual([
      ...["open dump.tmp create truncate", "work"],
      expect.stringMatching(/^write/),
    ]);
    expect(steps[1]).toMatchObject({ micros: 500_000 });
  });

  it("is synced before its rename, and its name after, with a repair (meta-not-synced)", () => {
    const a = withState(without("meta-not-synced"));
    expect(dumpSteps(a).map(stepText)).toEqual([
      "open dump.tmp create truncate",
      expect.stringMatching(/^write fd/),
      "sync fd",
      "close fd",
      "rename dump.tmp dump",
      "sync-directory",
      "tell-server",
    ]);
    crash(a.disk, "power", { type: "none" });
    expect(loaded(a)?.last).toEqual(LAST);
  });

  it("is the old one until the rename", () => {
    const old = readFixture("01-healthy-compacted/A/raft.dump");
    const a = withState(UNFIXED, {}, { "A/raft.dump": old });
    run(a, dumpChild, forked(a), 3);
    expect(toHex(fileOf(a, "raft.dump"))).toBe(toHex(old));
  });

  it("is written by the server itself without a fork", () => {
    const a = withState(UNFIXED, { useFork: 0 });
    expect(run(a, serializer, noteOf(DUMP)).map(stepText)).toEqual(WRITTEN);
    expect(loaded(a)?.last).toEqual(LAST);
  });

  it("that cannot be created is told as failed", () => {
    const a = withState();
    injectFault(a.disk, { type: "create-fails", count: 1 }, 0);
    const steps = dumpSteps(a);
    expect(steps.map(stepText)).toEqual(["open dump.tmp create truncate", "tell-server"]);
    expect(steps.at(-1)).toMatchObject({ input: { subject: "dump failed" } });
  });

  it("that cannot be written is closed, left aside, and told as failed", () => {
    const a = withState();
    injectFault(a.disk, { type: "write-fails", file: null, errno: "ENOSPC", count: 1 }, 0);
    const steps = dumpSteps(a);
    expect(steps.map(stepText)).toEqual([
      ...["open dump.tmp create truncate", expect.stringMatching(/^write fd/)],
      ...["close fd", "tell-server"],
    ]);
    expect(steps.at(-1)).toMatchObject({ input: { subject: "dump failed" } });
    expect(readFile(a.disk, "A/raft.dump")).toBeNull();
    expect(a.disk.descriptors.size).toBe(0);
  });

  it("that failed is followed by one that does not", () => {
    const a = withState();
    injectFault(a.disk, { type: "create-fails", count: 1 }, 0);
    const child = driven(a, dumpChild);
    child(forked(a));
    expect(child(forked(a)).map(stepText)).toEqual(WRITTEN);
  });
});

describe("a leader's dump that comes in", () => {
  const whole = readFixture("01-healthy-compacted/A/raft.dump");
  const pieces = [whole.subarray(0, 200), whole.subarray(200), new Uint8Array()];

  it("is collected in a file of its own and renamed into place with the last piece", () => {
    const a = withState();
    expect(steps(a)).toEqual([
      "open dump.1.tmp create truncate",
      "write fd 0+200",
      "write fd 200+214",
      "close fd",
      "rename dump.1.tmp dump",
    ]);
    expect(toHex(fileOf(a, "raft.dump"))).toBe(toHex(whole));
  });

  it("is synced with a repair (meta-not-synced)", () => {
    expect(steps(withState(without("meta-not-synced"))).slice(-4)).toEqual([
      ...["sync fd", "close fd", "rename dump.1.tmp dump", "sync-directory"],
    ]);
  });

  it("begins anew with a first piece, whatever had come before", () => {
    const a = withState();
    const take = driven(a, serializer);
    take(chunk(whole.subarray(0, 300), true, false));
    expect(take(chunk(whole.subarray(0, 200), true, false)).map(stepText)).toEqual([
      "close fd",
      "open dump.1.tmp create truncate",
      "write fd 0+200",
    ]);
    take(chunk(whole.subarray(200), false, false));
    take(chunk(new Uint8Array(), false, true));
    expect(toHex(fileOf(a, "raft.dump"))).toBe(toHex(whole));
    expect(a.disk.descriptors.size).toBe(0);
  });

  it("without its first piece is ignored", () => {
    const a = withState();
    expect(run(a, serializer, chunk(whole, false, true))).toEqual([]);
    expect(readFile(a.disk, "A/raft.dump")).toBeNull();
  });

  it("of one piece that is first and last is renamed at once", () => {
    const a = withState();
    expect(run(a, serializer, chunk(new Uint8Array(), true, true)).map(stepText)).toEqual([
      ...["open dump.1.tmp create truncate", "close fd", "rename dump.1.tmp dump"],
    ]);
    expect(fileOf(a, "raft.dump")).toHaveLength(0);
  });

  it("is given up when a piece cannot be written, and the handler with it", () => {
    const a = withState();
    const take = driven(a, serializer);
    injectFault(a.disk, { type: "write-fails", file: null, errno: "ENOSPC", count: 1 }, 0);
    const failed = take(chunk(whole, true, false)).at(-1);
    expect(failed).toMatchObject({ onError: "abort-handler" });
    expect(take(chunk(new Uint8Array(), false, true))).toEqual([]);
  });

  function steps(a: Host): string[] {
    const take = driven(a, serializer);
    return pieces.flatMap((data, i) =>
      take(chunk(data, i === 0, i === pieces.length - 1)).map(stepText),
    );
  }
});

it("copies of an actor in the middle of its work go their own ways", () => {
  const a = withState(UNFIXED, { useFork: 0 });
  const state = serializer.start();
  serializer.receive(state, noteOf(DUMP));
  const context = contextOf(a, { type: "none" });
  expect(serializer.next(state, context)).toMatchObject({ op: { type: "open" } });
  const copy = serializer.clone(state);
  const opened: StepResult = { type: "disk", result: { ok: true, descriptor: 5 } };
  const first = serializer.next(state, contextOf(a, opened));
  expect(serializer.next(copy, contextOf(a, opened))).toEqual(first);
  expect(first).toMatchObject({ op: { type: "write", file: 5 } });
});

const PREVIOUS: Entry = { index: 2, term: 1, command: NO_OP };
const LAST: Entry = { index: 3, term: 1, command: encodeSet("k", "v") };
const STATE = {
  lastApplied: 3,
  values: [{ key: "k", value: "v", index: 0 }],
  beyond: "0000000000000000",
};
const DUMP: Effect = {
  type: "store",
  what: "dump",
  values: { lastApplied: 3, cluster: '["B","C","A"]' },
  data: concatBytes(
    [PREVIOUS, LAST].map((each) => encodeRecord(each.index, each.term, each.command)),
  ),
};

function withState(
  bugs: readonly string[] = UNFIXED,
  options: Host["options"] = {},
  files: Readonly<Record<string, Uint8Array>> = {},
): Host {
  const made = host(files, bugs, options);
  made.application = STATE;
  return made;
}

function noteOf(effect: Effect): Note {
  return { type: "effect", effect };
}

function chunk(data: Uint8Array, isFirst: boolean, isLast: boolean): Note {
  const values = { isFirst: Number(isFirst), isLast: Number(isLast) };
  return noteOf({ type: "store", what: "snapshot chunk", values, data });
}

/** What the serializer's fork hands to its child. */
function forked(subject: Host): Note {
  const [step] = run(subject, serializer, noteOf(DUMP));
  if (step?.type !== "tell-actor") throw new Error("a fork");
  return step.note;
}

function dumpSteps(subject: Host): Step[] {
  return run(subject, dumpChild, forked(subject));
}

/** One actor through several notes. */
function driven<State>(subject: Host, actor: Actor<State>): (note: Note) => Step[] {
  const state = actor.start();
  return (note) => run(subject, { ...actor, start: () => state }, note);
}

function contextOf(subject: Host, last: StepResult): ActorContext {
  const { memory, bugs, options } = subject;
  return { memory, bugs, options, last, now: 0, directory: "A/", held: 0 };
}

function fileOf({ disk }: Host, name: string): Uint8Array {
  return readFile(disk, `A/${name}`) ?? new Uint8Array();
}

function loaded(subject: Host) {
  const found = decodeDump(fileOf(subject, "raft.dump"));
  return found.ok ? found.value : null;
}
