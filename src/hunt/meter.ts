import { ok, type Result, refused } from "#base/result.ts";
import { POLICIES, type Policy } from "#disk/types.ts";
import type { Timeline } from "#sim/timeline.ts";
import { weightiest } from "./blame.ts";
import { rulesOf } from "./explore.ts";
import { advanceMachine, createMachineJob, type MachineJob, wrongsOf } from "./machine-sweep.ts";
import { type Scene, sceneAt, withDisk } from "./scene.ts";
import { underPolicy } from "./sweep.ts";
import type { Family, MeterRow } from "./types.ts";

/** One machine's burst under every policy and both kinds of crash, being tried: the same writes, read by other rules. */
export interface Meter {
  readonly scene: Scene;
  readonly machine: string;
  readonly most: number;
  readonly open: { readonly policy: Policy; readonly kind: "os" | "power" }[];
  job: MachineJob | null;
  readonly rows: MeterRow[];
  recoveries: number;
}

const KINDS = ["os", "power"] as const;

/** Begins with a machine as it is right after a step. Refused: with the reason. */
export function createMeter(
  timeline: Timeline,
  step: number,
  machine: string,
  most: number,
): Result<Meter> {
  if (!timeline.plan.machines.some(({ id }) => id === machine)) {
    return refused(`There is no machine ${JSON.stringify(machine)}.`);
  }
  if (!Number.isSafeInteger(most) || most < 1) {
    return refused("At least one recovery must be allowed.");
  }
  return ok(meterScene(sceneAt(timeline, step), machine, most));
}

export function meterScene(scene: Scene, machine: string, most: number): Meter {
  const open = POLICIES.flatMap((policy) => KINDS.map((kind) => ({ policy, kind })));
  return { scene, machine, most, open, job: null, rows: [], recoveries: 0 };
}

/** Goes on for about so many recoveries. True: all rows are there. */
export function advanceMeter(meter: Meter, recoveries: number): boolean {
  meter.job ??= nextJob(meter);
  const { job } = meter;
  if (job === null) return true;
  if (!advanceMachine(job, recoveries)) return false;
  meter.rows.push(rowOf(job));
  meter.recoveries += job.recoveries;
  meter.job = null;
  return meter.open.length === 0;
}

export function meterProgressOf({ job, rows, most, recoveries, machine }: Meter): {
  readonly done: number;
  readonly of: number;
  readonly text: string;
} {
  const rules = POLICIES.length * KINDS.length;
  const now = job === null ? "" : `, ${job.disk.options.policy}, ${job.kind}`;
  return {
    done: recoveries + (job?.recoveries ?? 0),
    of: most * rules,
    text: `${machine}: ${rows.length} of ${rules} rows${now}`,
  };
}

/** The rows so far, policy by policy. */
export function meterRowsOf({ rows }: Meter): readonly MeterRow[] {
  return rows;
}

function nextJob({ scene, machine, most, open }: Meter): MachineJob | null {
  const next = open.shift();
  const disk = scene.disks.get(machine);
  if (next === undefined || disk === undefined) return null;
  const { policy, kind } = next;
  return createMachineJob(withDisk(scene, machine, underPolicy(disk, policy)), machine, kind, most);
}

function rowOf(job: MachineJob): MeterRow {
  const classes = [...job.classes.values()];
  const reasons = new Map<string, Reason>();
  const counts = new Map<Family | null, number>();
  for (const found of classes) {
    const wrongs = wrongsOf(job, found);
    const family = weightiest(wrongs.map((wrong) => wrong.family));
    counts.set(family, (counts.get(family) ?? 0) + 1);
    for (const [key, { reason: text, family: whose }] of new Map(
      wrongs.map((wrong) => [`${wrong.family} ${wrong.reason}`, wrong]),
    )) {
      const known = reasons.get(key) ?? { text, family: whose, outcomes: 0 };
      reasons.set(key, { ...known, outcomes: known.outcomes + 1 });
    }
  }
  return {
    machine: job.machine,
    policy: job.disk.options.policy,
    kind: job.kind,
    pieces: rulesOf(job.exploration).pieces.length,
    states: { count: `${job.states?.count ?? 1n}`, exact: job.states?.exact ?? false },
    recoveries: job.recoveries,
    capped: job.isCapped,
    outcomes: classes.length,
    bad: counts.get("violation") ?? 0,
    excused: counts.get("assumption-broken") ?? 0,
    refused: counts.get("unavailable-by-design") ?? 0,
    reasons: [...reasons.values()].sort(byWeight),
  };
}

type Reason = MeterRow["reasons"][number];

function byWeight(a: Reason, b: Reason): number {
  if (a.family !== b.family) return weightiest([a.family, b.family]) === a.family ? -1 : 1;
  return b.outcomes - a.outcomes || (a.text < b.text ? -1 : 1);
}
