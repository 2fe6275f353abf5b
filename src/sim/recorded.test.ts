import { expect, it } from "vitest";
import { reference } from "#system/reference/index.ts";
import type { Plan } from "./faults.ts";
import type { Happening } from "./observation.ts";
import type { RecordedStep } from "./recorded.ts";
import { plan, play, write } from "./run.testkit.ts";
import { createTimeline, frameAt, runToEnd, traceHash } from "./timeline.ts";

it("a run that is told again has the same picture at every step, but for its disks", () => {
  const given = plan(3, [write(2_000_000, "k", "1")], { until: 2_500_000 });
  const made = createTimeline(given, reference);
  runToEnd(made);
  const told = createTimeline({ ...given, recorded: recordOf(given) }, reference);
  runToEnd(told);
  expect(told.steps).toBe(made.steps);
  expect(traceHash(told)).toBe(traceHash(made));
  for (const step of [1, 40, made.steps - 3, 7, made.steps]) {
    const [a, b] = [frameAt(made, step), frameAt(told, step)];
    expect(b.servers.map(memoryOf)).toEqual(a.servers.map(memoryOf));
    expect(b.messages).toEqual(a.messages);
    expect(b.feed).toEqual(a.feed);
  }
});

it("what is not recorded of the disks is not made up", () => {
  const given = plan(1, [], { until: 1_000_000 });
  const told = createTimeline({ ...given, recorded: recordOf(given) }, reference);
  runToEnd(told);
  const [server] = frameAt(told, told.steps).servers;
  expect(server?.durable).toMatchObject({ currentTerm: null, lastIndex: 0 });
});

it("ends where the record ends", () => {
  const given = plan(1, [], { until: 1_000_000 });
  const short = recordOf(given).slice(0, 5);
  const told = createTimeline({ ...given, recorded: short }, reference);
  expect(runToEnd(told)).toBe(true);
  expect(told.steps).toBe(5);
});

function memoryOf({ memory, role, log, state }: ReturnType<typeof frameAt>["servers"][number]) {
  return { memory, role, state, log: log.map(({ index, term, text }) => [index, term, text]) };
}

function recordOf(given: Plan): readonly RecordedStep[] {
  const steps: { time: number; happenings: { happening: Happening; cause: number | null }[] }[] =
    [];
  for (const { step, time, cause, ...happening } of play(given).seen) {
    const at = steps[step - 1] ?? { time, happenings: [] };
    steps[step - 1] = at;
    at.happenings.push({ happening, cause });
  }
  return steps;
}
