import { crash } from "#disk/crash.ts";
import { cloneDisk } from "#disk/disk.ts";
import type { WriteBack } from "#disk/types.ts";
import type { Micros } from "#raft/types.ts";
import type { MachinePlan, Plan, ScriptAction } from "#sim/faults.ts";
import { peek } from "#sim/queue.ts";
import { recoverOn, serversIn } from "#sim/recovery.ts";
import { advance } from "#sim/scheduler.ts";
import { createWorld, machineOf, type World } from "#sim/world.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";

/** What a power cut leaves of a server that has been written to since its disk was synced. */
export interface CutAt {
  /** Since the sync, microseconds. */
  readonly time: Micros;
  /** The last entry of the log that it starts with; null: it does not start. */
  readonly lastIndex: number | null;
  /** The commit index that it starts with. */
  readonly commitIndex: number | null;
}

/** What the cuts of one run come to. */
export interface LeadOfMeta {
  readonly cuts: number;
  /** Cuts after which the commit index was ahead of the log. */
  readonly ahead: number;
  /** The first of them, microseconds after the sync; null: there was none. */
  readonly onset: Micros | null;
  /** Entries. */
  readonly most: number;
  /** Cuts after which the server does not start. */
  readonly unloadable: number;
}

/**
 * A series of power cuts of one real node on a real disk (ext4, data=ordered, Linux 6.18): a cluster of one, five writes a
 * second, everything synced at 0, then an image of the live file system every half second or so.
 */
export interface PowerCuts {
  readonly id: string;
  readonly title: string;
  /** Of PySyncObj 0.3.14: the defects left out, and its settings. */
  readonly without: readonly string[];
  readonly options: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly real: LeadOfMeta;
}

export const POWER_CUTS: readonly PowerCuts[] = [
  {
    id: "0.3.14",
    title: "0.3.14",
    without: [],
    options: {},
    seconds: 45,
    real: { cuts: 77, ahead: 69, onset: 5_700_000, most: 128, unloadable: 2 },
  },
  {
    id: "pwrite",
    title: "pwrite in place of the mapping",
    without: [],
    options: { pwrite: 1 },
    seconds: 38,
    real: { cuts: 61, ahead: 45, onset: null, most: 123, unloadable: 1 },
  },
  {
    id: "msync-with-meta",
    title: "msync before each store of the meta",
    without: ["journal-not-synced-before-meta"],
    options: {},
    seconds: 38,
    real: { cuts: 68, ahead: 0, onset: null, most: 0, unloadable: 0 },
  },
  {
    id: "msync-every-write",
    title: "msync on every write",
    without: ["journal-not-synced-on-write"],
    options: {},
    seconds: 38,
    real: { cuts: 68, ahead: 0, onset: null, most: 0, unloadable: 0 },
  },
];

/**
 * What the measurement leaves open, fixed from its own time line before anything is compared: names and sizes became durable
 * in steps of about 5.2 s, pages when they had been dirty for 30 s, looked for every 5 s.
 */
export const MEASURED_WRITE_BACK: WriteBack = {
  dataAge: 30_000_000,
  wakeEvery: 5_000_000,
  metadataEvery: 5_200_000,
};

/** How far model and measurement may part: the cuts of one series fall half a second apart, and differ from run to run. */
export const TOLERANCES = {
  /** Of the first cut after which the meta is ahead, microseconds. */
  onset: 600_000,
  /** Of the cuts after which it is, out of 100. */
  ahead: 15,
  /** Of the largest lead, out of 100. */
  most: 10,
  /** Cuts after which the server does not start. */
  unloadable: 1,
} as const;

/** What of a series lies outside of the tolerances; empty: nothing. */
export function outside(model: LeadOfMeta, real: LeadOfMeta): readonly (keyof LeadOfMeta)[] {
  const far: (keyof LeadOfMeta)[] = [];
  if (model.cuts !== real.cuts) far.push("cuts");
  if (100 * Math.abs(model.ahead - real.ahead) > TOLERANCES.ahead * real.cuts) far.push("ahead");
  const onset = real.onset === null ? 0 : Math.abs((model.onset ?? 0) - real.onset);
  if (onset > TOLERANCES.onset) far.push("onset");
  if (100 * Math.abs(model.most - real.most) > TOLERANCES.most * real.most) far.push("most");
  if (Math.abs(model.unloadable - real.unloadable) > TOLERANCES.unloadable) far.push("unloadable");
  return far;
}

const WRITE_EVERY: Micros = 200_000;

/** The state of the platter at every cut, judged by what a server makes of it at its next start. */
export function cutSeries(
  series: PowerCuts,
  files: MachinePlan["files"],
  writeBack: WriteBack = MEASURED_WRITE_BACK,
): readonly CutAt[] {
  const cuts: CutAt[] = [];
  const plan = planOf(series, files, writeBack);
  const world = createWorld(plan, pysyncobj, () => {});
  const every = Math.floor(plan.until / series.real.cuts);
  let next = every;
  do {
    for (; next <= plan.until && next < timeOfNext(world); next += every) {
      cuts.push(cutNow(world, next));
    }
  } while (advance(world));
  return cuts;
}

export function leadOf(cuts: readonly CutAt[]): LeadOfMeta {
  const leads = cuts.flatMap(({ time, lastIndex, commitIndex }) =>
    lastIndex === null ? [] : [{ time, lead: (commitIndex ?? 0) - lastIndex }],
  );
  const ahead = leads.filter(({ lead }) => lead > 0);
  return {
    cuts: cuts.length,
    ahead: ahead.length,
    onset: ahead[0]?.time ?? null,
    most: ahead.reduce((most, { lead }) => Math.max(most, lead), 0),
    unloadable: cuts.filter(({ lastIndex }) => lastIndex === null).length,
  };
}

/** When the state is another than now, at the earliest. */
function timeOfNext({ queue, script, plan }: World): Micros {
  const event = peek(queue)?.time ?? plan.until + 1;
  const anchor = plan.script[script.done]?.anchor;
  return Math.min(event, anchor?.type === "at" ? anchor.time : event);
}

function cutNow(world: World, time: Micros): CutAt {
  const [server] = serversIn(world);
  if (server === undefined) return { time, lastIndex: null, commitIndex: null };
  const disk = cloneDisk(machineOf(world, server.machine).disk);
  crash(disk, "power", { type: "none" });
  const outcome = recoverOn(pysyncobj, disk, server.patient);
  if (outcome === null || !outcome.ok) return { time, lastIndex: null, commitIndex: null };
  const { log, commitIndex } = outcome.recovered;
  return { time, lastIndex: log.baseIndex + log.length, commitIndex };
}

function planOf(
  { without, options, seconds }: PowerCuts,
  files: MachinePlan["files"],
  writeBack: WriteBack,
): Plan {
  const until = seconds * 1_000_000;
  const bugs = (bugsOfPreset(pysyncobj.id, "0.3.14") ?? []).filter((id) => !without.includes(id));
  const writes: ScriptAction[] = [];
  for (let time = 2 * WRITE_EVERY; time < until; time += WRITE_EVERY) {
    writes.push({
      anchor: { type: "at", time, order: 0 },
      action: {
        type: "client",
        client: "writer",
        server: "A",
        operation: "write",
        key: `key${(time / WRITE_EVERY) % 10}`,
        value: `value${time / WRITE_EVERY}`,
        expected: null,
      },
    });
  }
  return {
    system: pysyncobj.id,
    bugs,
    options,
    machines: [
      { id: "A", clockOffset: 0, clockDrift: 0, servers: [{ id: "A", address: "A:1" }], files },
    ],
    network: { delayMin: 100, delayMax: 100, lossPerMille: 0, duplicatePerMille: 0 },
    disk: {
      policy: "ordered-journal",
      sectorSize: 512,
      writeBack,
      writeTime: 0,
      syncTime: 0,
      admits: ["process", "os", "power"],
    },
    seed: 1,
    choices: { "A/1/electionTimeout/1": 400_000 },
    script: [
      {
        anchor: { type: "at", time: 0, order: 0 },
        action: { type: "boot", machines: ["A"], stagger: 0 },
      },
      ...writes,
    ],
    until,
  };
}
