import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Happening } from "#sim/observation.ts";
import type { RecordedStep } from "#sim/recorded.ts";
import { readRecordedRun } from "./recording.ts";

const ROOT = "src/system/pysyncobj/fixtures";
const TRACES = readdirSync(ROOT, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith("trace.json"));

describe.each(TRACES)("%s", (path) => {
  const run = readRecordedRun(path, readFileSync(join(ROOT, path), "utf8"));
  const { record, model } = run.ok ? run.value : { record: [], model: [] };

  it("is told step by step, in the order of time", () => {
    expect(record.length).toBeGreaterThan(50);
    const times = record.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("every cause is an observation before", () => {
    let sequence = 0;
    for (const { cause } of record.flatMap(({ happenings }) => happenings)) {
      if (cause !== null) expect(cause).toBeLessThan(sequence);
      sequence += 1;
    }
  });

  it("no server does anything while it is down", () => {
    const up = new Set<string>();
    for (const happening of happenings(record)) {
      if (happening.type === "recovered") up.add(happening.server);
      else if (happening.type === "crash") for (const id of happening.servers) up.delete(id);
      else if (happening.type === "stop") up.delete(happening.server);
      else if (["role", "append", "apply", "send"].includes(happening.type)) {
        expect(up.has("server" in happening ? happening.server : "")).toBe(true);
      }
    }
  });

  it("the model beside it does the same", () => {
    expect(run).toMatchObject({ ok: true, value: { difference: null } });
    expect(model).toEqual(record);
  });
});

it("a value that the record cuts short is whole on both sides, and no map is replaced for it", () => {
  const path = join(ROOT, "05-deviations/f-big-record-hole/trace.json");
  const run = readRecordedRun(path, readFileSync(path, "utf8"));
  const { record, model } = run.ok ? run.value : failed();
  for (const side of [record, model]) {
    const seen = happenings(side);
    expect(seen.filter(({ type }) => type === "restored")).toEqual([]);
    const big = seen.find((each) => each.type === "append" && each.entries[0]?.index === 4);
    expect(big?.type === "append" ? big.entries[0]?.command.length : 0).toBe(3029);
  }
});

it("a start takes the map of its dump, and its log begins there", () => {
  const path = join(ROOT, "06-dump-journal-race/all-nodes/trace.json");
  const run = readRecordedRun(path, readFileSync(path, "utf8"));
  const { record } = run.ok ? run.value : failed();
  const seen = happenings(record);
  const start = seen.findLastIndex((each) => each.type === "recovered" && each.server === "A");
  const after = seen.slice(start).filter((each) => "server" in each && each.server === "A");
  expect(after.find(({ type }) => type === "rebase")).toMatchObject({
    reason: "snapshot",
    baseIndex: 18,
  });
  expect(after.find(({ type }) => type === "restored")).toMatchObject({ lastApplied: 20 });
  expect(after.find(({ type }) => type === "truncate")).toBeUndefined();
});

it("the recorder's notes are told as such, and the end is told", () => {
  const path = join(ROOT, "04-commit-index-past-journal/no-dump/trace.json");
  const run = readRecordedRun(path, readFileSync(path, "utf8"));
  const said = happenings((run.ok ? run.value : failed()).record).flatMap((each) =>
    each.type === "narration" ? [each.text] : [],
  );
  expect(said).toContain("The recorder notes: “all three damaged, no-dump”.");
  expect(said).toContain(
    "The servers run on by themselves for 60 seconds, which were not recorded.",
  );
  expect(said.at(-1)).toBe(
    "Here the record ends. The model, led through the same events, never differed from it.",
  );
});

it("where the model differs it says so on both sides, and ends", () => {
  const path = join(ROOT, "02-simultaneous-restart/trace.json");
  const trace = JSON.parse(readFileSync(path, "utf8"));
  const at = trace.events.findIndex(
    ({ event, node, term }: Record<string, unknown>) =>
      event === "send" && node === "B" && term === 2,
  );
  trace.events[at].term = 7;
  const run = readRecordedRun(path, JSON.stringify(trace));
  const { record, model, difference } = run.ok ? run.value : failed();
  expect(difference).toMatchObject({ node: "B", field: "term", expected: "7", actual: "2" });
  const told = (steps: readonly RecordedStep[]) =>
    happenings(steps).some((each) => each.type === "narration" && each.text.includes("differs"));
  expect([told(record), told(model)]).toEqual([true, true]);
  expect(happenings(model).at(-1)).toMatchObject({ type: "narration" });
  expect(record.length).toBeGreaterThan(model.length);
});

it("what is no trace is refused with the place", () => {
  expect(readRecordedRun("x.json", "{")).toMatchObject({ ok: false });
  const wrong = readRecordedRun("x.json", '{"format":"other","nodes":{},"events":[]}');
  expect(wrong).toMatchObject({ ok: false, problem: expect.stringContaining("x.json: format") });
});

function happenings(steps: readonly RecordedStep[]): readonly Happening[] {
  return steps.flatMap((step) => step.happenings.map(({ happening }) => happening));
}

function failed(): never {
  throw new Error("the trace is read");
}
