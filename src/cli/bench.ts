import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Auditor, catchUp, createAuditor, listener } from "#audit/auditor.ts";
import { assert } from "#base/assert.ts";
import { draw, scale } from "#base/rng.ts";
import { journalBursts, recoverSmallStates, sweepAll, walBurst, wideRecord } from "#hunt/bench.ts";
import type { Scene } from "#hunt/scene.ts";
import type { Plan } from "#sim/faults.ts";
import { judgedServers } from "#sim/looks.ts";
import { advance } from "#sim/scheduler.ts";
import { createTimeline, frameAt, runToEnd, type Timeline } from "#sim/timeline.ts";
import { createWorld } from "#sim/world.ts";
import type { Answer } from "./answer.ts";
import { memoryAfterAppends } from "./bench-disk.ts";
import {
  cpuSeconds,
  kernelScore,
  median,
  milliseconds,
  quantile,
  repeated,
} from "./bench-figures.ts";
import { loadPlan, referenceSystem } from "./bench-load.ts";
import { stateText } from "./sweep-text.ts";
import { table } from "./text.ts";

const RUNS = 5;
const EVENTS = 100_000;
const SEEKS = 200;
const RECOVERIES = 10_000;
/** A CPU second. */
const RECOVERIES_AIM = 20_000;
/** A frame that comes so late has missed its turn at 60 a second. Milliseconds. */
const MISSED_FRAME = 25;
/** Steady load: 2 writes a millisecond of virtual time would keep a disk of 500 us a sync busy. */
const STEADY = loadPlan({ writeEvery: 2000, until: 60_000_000, delay: [500, 1500] });
/** Messages so slow that a hundred and more are on their way at once. */
const CROWDED = loadPlan({ writeEvery: 2000, until: 3_000_000, delay: [60_000, 90_000] });

const METHOD = [
  `Engine: five reference servers, a write every 2 ms of virtual time, disk and audit on; ${EVENTS} events a run,`,
  `median of ${RUNS} runs in CPU seconds after one to warm up. "Recorded" keeps observations, keyframes and outline, as`,
  "the page does; the other does not.",
  `Seek: ${SEEKS} random steps of a recorded run of ${EVENTS} events, from cold to a finished frame, wall time.`,
  `Sweeps: power loss under adversarial at 512 B sectors, to the judged report; median of ${RUNS} in CPU seconds after one to`,
  `warm up. Recoveries: of a WAL and a mapped journal with two entries, not judged, a CPU second; median of ${RUNS} times ${RECOVERIES}.`,
  "Memory: heap and buffers of a disk, after a full collection; appends of 64 bytes a millisecond apart, files begun anew,",
  "written back by ext4-like timers.",
  "Frame: one frame built anew where most messages are on their way, wall time. What the browser does with it is",
  "measured in the browser.",
  "Kernel: inserts into a 32 MB hash table, a CPU second; figures divided by it compare across machines.",
];

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly met: boolean | null;
  /** Per million kernel inserts of the same time; null: no rate. */
  readonly ratio: number | null;
}

/** `blackstart bench`: measures, says how, and sets the figures beside what is aimed for. */
export function benchCommand(say: (line: string) => void): Answer {
  say("calibration kernel");
  const kernel = median(repeated(RUNS, kernelScore));
  const rows: Row[] = [
    { what: "calibration kernel", value: kernel, unit: "inserts/s", goal: "", met: null, ratio: 1 },
  ];
  const rate = (what: string, value: number) => {
    const met = value >= EVENTS;
    rows.push({ what, value, unit: "events/s", goal: ">= 100000", met, ratio: value / kernel });
  };
  say("engine, not recorded");
  rate("engine + disk + audit", engineRate(runBare));
  say("engine, recorded");
  rate("engine + disk + audit, recorded", engineRate(runRecorded));
  say("seek");
  const time = (what: string, value: number, most: number) => {
    const met = value < most;
    rows.push({ what, value, unit: "ms", goal: `< ${most}`, met, ratio: null });
  };
  const seeks = seekTimes();
  time("seek, p50", quantile(seeks, 0.5), 50);
  time("seek, p95", quantile(seeks, 0.95), 50);
  say("frames");
  const frames = frameTimes();
  const crowd = `${frames.messages} messages, ${frames.entries} entries`;
  time(`frame with ${crowd}, p50`, quantile(frames.times, 0.5), 8);
  time(`frame with ${crowd}, p95`, quantile(frames.times, 0.95), 8);
  say("crash states");
  const seconds = (what: string, value: number, most: number) => {
    rows.push({ what, value, unit: "CPU s", goal: `< ${most}`, met: value < most, ratio: null });
  };
  const notes: string[] = [];
  const sweep = (what: string, scene: Scene, most: number) => {
    const { seconds: spent, text } = sweepFigures(scene);
    seconds(what, spent, most);
    notes.push(`The ${what}: ${text}.`);
  };
  sweep("sweep of a WAL, 32 x 600 B", walBurst(), 0.3);
  sweep("sweep of a record of 32 KiB", wideRecord(), 0.3);
  sweep("sweep of three mapped journals, 8 x 300 B", journalBursts(), 2);
  const recoveries = recoveryRate();
  const isFast = recoveries >= RECOVERIES_AIM;
  rows.push({
    ...{ what: "recoveries of small states", value: recoveries, unit: "1/s" },
    ...{ goal: `>= ${RECOVERIES_AIM}`, met: isFast, ratio: recoveries / kernel },
  });
  say("a disk that nobody syncs");
  const [quarter, whole] = memoryAfterAppends([250_000, 1_000_000]);
  const memory = (what: string, megabytes: number, most: number | null) => {
    const goal = most === null ? "" : `< ${most}`;
    const met = most === null ? null : megabytes < most;
    rows.push({ what, value: megabytes, unit: "MB", goal, met, ratio: null });
  };
  if (quarter !== undefined && whole !== undefined) {
    memory("memory after 250,000 unsynced appends", quarter.megabytes, null);
    memory("more of it after 1,000,000", whole.megabytes - quarter.megabytes, 1);
  }
  say("page build and size");
  const page = buildPage();
  const size = page === null ? null : pageSize(page);
  if (size === null)
    notes.push("The page cannot be built here: its size and its frames are not measured.");
  else {
    const met = size < 250;
    rows.push({ what: "first visit", value: size, unit: "kB gz", goal: "< 250", met, ratio: null });
  }
  if (page !== null) {
    say("frames in the browser");
    const work = frameWork(page);
    if (work === null) notes.push("No browser ran: the page's frames are not measured.");
    else {
      const crowded = `page frame with ${work.messages} messages, ${work.entries} entries`;
      time(`${crowded}, p50`, work.p50, 8);
      time(`${crowded}, p95`, work.p95, 8);
      notes.push(`Page frame: ${work.method}.`);
    }
    say("frames in the browser while a sweep runs");
    const pace = sweepPace(page);
    if (pace === null) notes.push("No browser ran: frames during a sweep are not measured.");
    else {
      time("frames while a sweep runs, p50", pace.p50, MISSED_FRAME);
      time("frames while a sweep runs, p95", pace.p95, MISSED_FRAME);
      notes.push(`Frames while a sweep runs: ${pace.method}; ${pace.frames} frames.`);
    }
  }
  const out = [...METHOD, ...notes, busyness(), "", report(rows)].join("\n");
  return { exit: 0, out, err: "" };
}

/** The time of the usual sweep, and what it came to. */
function sweepFigures(scene: Scene) {
  const { machines, cluster } = sweepAll(scene);
  const [first] = machines;
  const states = first === undefined ? "?" : stateText(first.states);
  const found = `${states} states, ${first?.recoveries} recoveries, ${first?.outcomes.length} outcomes`;
  const text = cluster === null ? found : `${found} each, ${cluster.combinations} combinations`;
  return { seconds: median(repeated(RUNS, () => cpuSeconds(() => sweepAll(scene)))), text };
}

function recoveryRate(): number {
  recoverSmallStates(RECOVERIES);
  const rates = repeated(RUNS, () => {
    let done = 0;
    const seconds = cpuSeconds(() => {
      done = recoverSmallStates(RECOVERIES);
    });
    return done / seconds;
  });
  return median(rates);
}

function busyness(): string {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  const other = load > cores ? ": too much for the wall times to be trusted" : "";
  return `Node ${process.versions.node}, ${cores} cores, load ${load.toFixed(1)}${other}.`;
}

function report(rows: readonly Row[]): string {
  const cells = rows.map(({ what, value, unit, goal, met, ratio }) => [
    what,
    value >= 1000 ? Math.round(value) : Number(value.toFixed(2)),
    unit,
    goal,
    met === null ? "" : met ? "met" : "MISSED",
    ratio === null ? "" : ratio.toPrecision(3),
  ]);
  return table(["figure", "value", "unit", "goal", "", "of kernel"], cells);
}

function engineRate(run: (plan: Plan) => number): number {
  run(STEADY);
  const rates = repeated(RUNS, () => {
    let events = 0;
    const seconds = cpuSeconds(() => {
      events = run(STEADY);
    });
    return events / seconds;
  });
  return median(rates);
}

/** The engine and the auditor alone: observations are judged and let go. Returns the events handled. */
function runBare(plan: Plan): number {
  const { look, sink } = listener(auditorFor(plan));
  const world = createWorld(plan, referenceSystem(), sink, look);
  while (world.events < EVENTS) {
    const more = advance(world);
    assert(more, "the load lasts long enough");
  }
  return world.events;
}

function runRecorded(plan: Plan): number {
  const auditor = auditorFor(plan);
  const timeline = recorded(plan);
  catchUp(auditor, timeline);
  return EVENTS;
}

function recorded(plan: Plan): Timeline {
  const timeline = createTimeline(plan, referenceSystem());
  const ended = runToEnd(timeline, EVENTS);
  assert(!ended, "the load lasts long enough");
  return timeline;
}

function auditorFor(plan: Plan): Auditor {
  return createAuditor({ servers: judgedServers(plan) });
}

function seekTimes(): readonly number[] {
  const timeline = recorded(STEADY);
  return Array.from({ length: SEEKS }, (_, i) => {
    const step = scale(draw(1, `seek/${i}`), 0, timeline.steps);
    return milliseconds(() => frameAt(timeline, step));
  });
}

function frameTimes() {
  const timeline = createTimeline(CROWDED, referenceSystem());
  runToEnd(timeline);
  let best = { step: 0, messages: 0 };
  for (let step = timeline.steps; step > 0; step -= Math.ceil(timeline.steps / 200)) {
    const frame = frameAt(timeline, step);
    const isFull = frame.servers.some(({ lastIndex }) => lastIndex >= 500);
    if (isFull && frame.messages.length > best.messages) {
      best = { step, messages: frame.messages.length };
    }
  }
  const { servers } = frameAt(timeline, best.step);
  const entries = Math.max(...servers.map(({ lastIndex }) => lastIndex));
  const times = repeated(SEEKS, () => milliseconds(() => frameAt(timeline, best.step)));
  return { times, messages: best.messages, entries };
}

// The tool runs as dist/cli/main.js; its sources lie in src/cli.
const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

function run(...words: string[]) {
  return spawnSync(process.execPath, words, { cwd: ROOT, encoding: "utf8", timeout: 180_000 });
}

/** Builds the page as it is now. Returns its folder; null: not possible here. */
function buildPage(): string | null {
  const vite = join(ROOT, "node_modules", "vite", "bin", "vite.js");
  if (!existsSync(vite)) return null;
  const out = join(ROOT, ".out", "bench");
  const built = run(vite, "build", "--outDir", out, "--emptyOutDir", "--logLevel", "error");
  return built.status === 0 ? out : null;
}

/** What the main thread does for a frame of motion, milliseconds, in a real browser; null: there is none. */
function frameWork(page: string) {
  const figures = measuredIn("bench-frame.mjs", page);
  if (figures === null) return null;
  return {
    ...quantilesOf(figures),
    messages: Number(figures.messages),
    entries: Number(figures.entries),
  };
}

/** How far apart frames are while crash states are tried, milliseconds, in a real browser; null: there is none. */
function sweepPace(page: string) {
  const figures = measuredIn("bench-sweep.mjs", page);
  return figures === null ? null : { ...quantilesOf(figures), frames: Number(figures.frames) };
}

/** What a script says that measures this page in a browser; null: it could not. */
function measuredIn(script: string, page: string): Readonly<Record<string, unknown>> | null {
  const measured = run(join(ROOT, "e2e", script), page);
  return measured.status === 0 ? JSON.parse(measured.stdout) : null;
}

function quantilesOf({ p50, p95, method }: Readonly<Record<string, unknown>>) {
  return { p50: Number(p50), p95: Number(p95), method: String(method) };
}

/** Kilobytes that a first visit loads, compressed. */
function pageSize(page: string): number | null {
  const weighed = run(join(ROOT, "src", "tools", "bundle-size.mjs"), page);
  const kilobytes = /^First visit: ([\d.]+) kB/m.exec(weighed.stdout)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes);
}
