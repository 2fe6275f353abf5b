import { expect, it } from "vitest";
import { LIBRARY } from "#library/registry.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import type { FeedLine, Mark, Outline } from "#sim/frame.ts";
import { messageSentence } from "#sim/sentences.ts";
import { message } from "#sim/trace.testkit.ts";
import { SHELF } from "./shelf.ts";
import {
  authorsScript,
  consultLibrary,
  handMade,
  knowFromLibrary,
  storyAt,
  timedSentences,
  weightiest,
} from "./telling.ts";

type Scripted = Scenario["script"][number];

const mark = (step: number, kind: Mark["kind"], text: string): Mark => ({
  step,
  time: step * 10,
  kind,
  server: null,
  text,
});
const outline = (...marks: Mark[]): Outline => ({
  steps: 9,
  times: Float64Array.from({ length: 9 }, (_, step) => step * 10),
  marks,
  bands: [],
});
const stopAt = (time: number, machine = "A"): Scripted => ({
  anchor: { type: "at", time, order: 0 },
  action: { type: "stop", machines: [machine] },
});
const line = (tone: FeedLine["tone"], text: string): FeedLine => ({
  sequence: 0,
  step: 1,
  time: 10,
  server: "A",
  tone,
  text,
  cause: null,
});

it("finds what was done by hand, also when the author wrote the same at another time", () => {
  const run = outline(mark(2, "action", "stop A"), mark(6, "action", "stop A"));
  expect(handMade([stopAt(20), stopAt(60)], [stopAt(20)], run)).toEqual([
    { step: 6, text: "stop A" },
  ]);
  expect(handMade([stopAt(20), stopAt(20)], [stopAt(20)], run)).toHaveLength(1);
  expect(handMade([stopAt(20)], [stopAt(20)], run)).toEqual([]);
});

it("tells the author's story up to the first thing done by hand, and then that", () => {
  const run = outline(mark(2, "story", "A leads."), mark(7, "story", "B leads."));
  const made = [{ step: 5, text: "stop A" }];
  const telling = { made, timed: new Set(["B leads."]) };
  expect([0, 3, 5, 8].map((step) => storyAt(run, telling, step, "About.").text)).toEqual([
    "About.",
    "A leads.",
    "You: stop A, at step 5.",
    "You: stop A, at step 5.",
  ]);
  expect(storyAt(run, { ...telling, made: [] }, 8, "About.").text).toBe("B leads.");
});

it("tells after a hand's work what waits for its moment, and not what comes at a fixed time", () => {
  const narrate = (anchor: Scripted["anchor"], text: string): Scripted => ({
    anchor,
    action: { type: "narrate", text },
  });
  const match = { type: "role", to: "leader" };
  const waiting = { type: "when", match, count: 1, delay: 0 } as const;
  const timed = timedSentences([
    narrate({ type: "at", time: 60, order: 0 }, "By now B leads."),
    narrate(waiting, "B leads."),
  ]);
  const run = outline(mark(6, "story", "By now B leads."), mark(7, "story", "B leads."));
  const telling = { made: [{ step: 5, text: "stop A" }], timed };
  expect([6, 7, 8].map((step) => storyAt(run, telling, step, "About.").by)).toEqual([
    "you",
    "author",
    "author",
  ]);
});

it("speaks of what was done by hand for a second, and no longer", () => {
  const slow = { ...outline(), times: Float64Array.from([0, 1, 2, 3], (s) => s * 600_000) };
  const telling = { made: [{ step: 1, text: "stop A" }], timed: new Set<string>() };
  expect([1, 2, 3].map((step) => storyAt(slow, telling, step, "About.").text)).toEqual([
    "You: stop A, at step 1.",
    "You: stop A, at step 1.",
    "",
  ]);
});

it("knows the author's script of the library, whatever was added to a run of it", () => {
  const parsed = parseScenario(LIBRARY[0]?.scenario);
  if (!parsed.ok) throw new Error("the library's first scenario can be read");
  const scenario = parsed.value;
  const changed = { ...scenario, script: [...scenario.script, stopAt(5)] };
  consultLibrary(SHELF.scriptInLibrary);
  expect(authorsScript("r1", changed)).toEqual(scenario.script);
  const own = { ...scenario, title: "own" };
  expect(authorsScript("r2", own)).toBe(own.script);
  expect(authorsScript("r2", { ...changed, title: "own" })).toBe(own.script);
});

it("knows the author's script of what is from the library before the library is here", () => {
  consultLibrary(() => null);
  const parsed = parseScenario(LIBRARY[1]?.scenario);
  if (!parsed.ok) throw new Error("the library's second scenario can be read");
  const { value: scenario } = parsed;
  knowFromLibrary(scenario);
  const changed = { ...scenario, script: [...scenario.script, stopAt(5)] };
  expect(authorsScript("r3", changed)).toEqual(scenario.script);
});

it("puts first what went wrong, then what is risky, then what is good; logs and heartbeats last", () => {
  const heartbeat = line("plain", messageSentence(message("A>B append"), "nothing"));
  const lines = [
    line("bad", "A cut entry 3, already applied"),
    line("warning", "A stepped down"),
    line("good", "A became leader"),
    line("plain", "A got entry 3 of term 1 from B"),
    line("plain", "A synced journal: what it wrote there is on disk"),
    heartbeat,
  ];
  for (let from = 0; from < lines.length; from++) {
    expect(weightiest(lines.slice(from).reverse())).toBe(lines[from]);
  }
  expect(weightiest([line("plain", "A logs: x"), line("plain", "B got the vote of C")])?.text).toBe(
    "B got the vote of C",
  );
  expect(weightiest([line("story", "Once.")])).toBeNull();
});
