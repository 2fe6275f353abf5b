import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import type { Plan } from "./faults.ts";
import { at, crashAll, plan, write } from "./run.testkit.ts";
import {
  anchorAt,
  createTimeline,
  diskAt,
  forkTimeline,
  frameAt,
  observationsOf,
  outlineOf,
  plattersAt,
  runToEnd,
  type Timeline,
  traceHash,
  unmet,
} from "./timeline.ts";

const BUSY: Plan = plan(
  3,
  [
    ...Array.from({ length: 60 }, (_, i) => write(1_000_000 + i * 30_000, `k${i % 7}`, `${i}`)),
    crashAll(1_605_000, ["A", "B", "C"], "power"),
  ],
  { until: 6_000_000 },
);

/** One of three is left, and ticks on alone for far longer than keyframes are apart. */
const IDLE: Plan = {
  ...plan(3, [at(1_000_000, { type: "stop", machines: ["A", "B"] })], { until: 200_000_000 }),
  system: "pysyncobj",
};

describe("seeking", () => {
  it("shows a step the same, however one came there", () => {
    const run = ended(BUSY);
    const other = ended(BUSY);
    fc.assert(
      fc.property(fc.array(fc.nat(run.steps), { minLength: 1, maxLength: 6 }), (path) => {
        for (const step of path) frameAt(run, step);
        const last = path.at(-1) ?? 0;
        expect(frameAt(run, last)).toEqual(frameAt(other, last));
        expect(plattersAt(run, last)).toEqual(plattersAt(other, last));
      }),
      { numRuns: 30 },
    );
  });

  it("shows the moment right after the step, however many idle ticks a keyframe has seen since", () => {
    const run = createTimeline(IDLE, pysyncobj);
    runToEnd(run);
    const { times } = outlineOf(run);
    expect(frameAt(run, run.steps).time).toBe(times[run.steps]);
  });

  it("step 0 is the moment before anything happened", () => {
    const frame = frameAt(ended(BUSY), 0);
    expect(frame.servers.map(({ process }) => process)).toEqual(["down", "down", "down"]);
    expect(frame.time).toBe(0);
  });

  it("a step beyond the end shows the end", () => {
    const run = ended(BUSY);
    expect(frameAt(run, run.steps + 100).step).toBe(run.steps);
  });

  it("every observation belongs to its step", () => {
    const run = ended(BUSY);
    for (let step = 1; step <= run.steps; step++) {
      const seen = observationsOf(run, step);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.every((each) => each.step === step)).toBe(true);
    }
  });

  it("tells of what it shows what caused it, in an earlier step", () => {
    const run = ended(BUSY);
    const lines = Array.from({ length: run.steps }, (_, i) => frameAt(run, i + 1).feed).flat();
    const causes = lines.flatMap(({ step, cause }) => (cause === null ? [] : [{ step, cause }]));
    expect(causes.length).toBeGreaterThan(100);
    expect(causes.every(({ step, cause }) => cause.step < step && cause.text !== "")).toBe(true);
    const vote = lines.find(({ text }) => / got the vote of /.test(text));
    expect(vote?.cause?.text).toMatch(/granted .* its vote/);
  });

  it("the disk at a step has the bytes that the frame's layers were read from", () => {
    const run = ended(BUSY);
    const disk = diskAt(run, run.steps, "A");
    expect(disk.files.map(({ path }) => path)).toContain("A/wal");
    expect(disk.files.every(({ bytes, size }) => bytes.length === size)).toBe(true);
  });
});

describe("forking", () => {
  it("with no change repeats the original to its last step", () => {
    const run = ended(BUSY);
    fc.assert(
      fc.property(fc.nat(run.steps), (step) => {
        const fork = forkTimeline(run, BUSY, step);
        runToEnd(fork);
        expect(fork.steps).toBe(run.steps);
        expect(traceHash(fork)).toBe(traceHash(run));
        expect(anchorAt(fork, step)).toEqual(anchorAt(run, step));
      }),
      { numRuns: 20 },
    );
  });

  it("what is done by hand at a step comes right after it, and nothing before it changes", () => {
    const run = ended(BUSY);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: run.steps }), (step) => {
        const changed: Plan = {
          ...BUSY,
          script: [
            ...BUSY.script,
            { anchor: anchorAt(run, step), action: { type: "narrate", text: "here" } },
          ],
        };
        const fork = forkTimeline(run, changed, step);
        runToEnd(fork);
        expect(traceHash(fork, step)).toBe(traceHash(run, step));
        expect(observationsOf(fork, step + 1)).toMatchObject([{ type: "narration", text: "here" }]);
        const whole = createTimeline(changed, reference);
        runToEnd(whole);
        expect(traceHash(whole)).toBe(traceHash(fork));
      }),
      { numRuns: 20 },
    );
  });

  it("what is done by hand before idle ticks comes before them", () => {
    const run = createTimeline(IDLE, pysyncobj);
    runToEnd(run);
    const anchor = anchorAt(run, run.steps);
    const changed: Plan = {
      ...IDLE,
      script: [...IDLE.script, { anchor, action: { type: "narrate", text: "here" } }],
    };
    const fork = forkTimeline(run, changed, run.steps);
    runToEnd(fork);
    expect(fork.observations.at(-1)?.time).toBe(outlineOf(run).times[run.steps]);
  });

  it("two things done by hand at one step come in the order in which they were done", () => {
    const run = ended(BUSY);
    const anchor = anchorAt(run, 50);
    const say = (text: string) => ({ anchor, action: { type: "narrate", text } as const });
    const fork = forkTimeline(
      run,
      { ...BUSY, script: [...BUSY.script, say("one"), say("two")] },
      50,
    );
    runToEnd(fork);
    expect([observationsOf(fork, 51), observationsOf(fork, 52)].flat()).toMatchObject([
      { text: "one" },
      { text: "two" },
    ]);
  });
});

describe("running", () => {
  it("in slices gives the run that one go gives", () => {
    const sliced = createTimeline(BUSY, reference);
    while (!runToEnd(sliced, 37));
    expect(traceHash(sliced)).toBe(traceHash(ended(BUSY)));
  });

  it("says which anchors never came and which choices nobody asked for", () => {
    const run = ended({
      ...plan(3, [
        {
          anchor: { type: "when", match: { type: "crash", kind: "os" }, count: 1, delay: 0 },
          action: { type: "heal" },
        },
        at(90_000_000, { type: "heal" }),
      ]),
      choices: { "A/1/nobody": 4 },
    });
    expect(unmet(run)).toEqual([
      'action 2 waits for "type = crash, kind = os" (1x), which was seen 0x',
      "action 3 is due at 90000000 us, after the run's end at 5000000 us",
      'the choice "A/1/nobody" was never asked for',
    ]);
  });

  it("a run that would never come to its end is ended, and says so", () => {
    const run = createTimeline(
      plan(2, [], {
        options: { electionTimeoutMin: 1, electionTimeoutMax: 1 },
        network: { delayMin: 9, delayMax: 9, lossPerMille: 0, duplicatePerMille: 0 },
        until: 3_600_000_000,
      }),
      reference,
    );
    runToEnd(run);
    expect(run.ended).toBe(true);
    expect(unmet(run)).toEqual([expect.stringMatching(/^the run was ended at \d+ us, before/)]);
  }, 60_000);

  it("its outline has a time for each step from step 0 on, in order", () => {
    const run = ended(BUSY);
    const { times, steps } = outlineOf(run);
    expect(steps).toBe(run.steps + 1);
    expect([...times]).toEqual([...times].sort((a, b) => a - b));
  });
});

function ended(given: Plan): Timeline {
  const timeline = createTimeline(given, reference);
  runToEnd(timeline);
  return timeline;
}
