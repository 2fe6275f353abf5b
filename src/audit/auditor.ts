import { legible } from "#base/brief.ts";
import type { ExplanationLine, Verdict } from "#sim/frame.ts";
import type { Look, Observation } from "#sim/observation.ts";
import { type Break, type Check, type Finding, outweighs } from "./check.ts";
import { type Chronicle, chronicle } from "./explanation/chronicle.ts";
import { tellFaults } from "./explanation/faults.ts";
import { beginTale, endTale } from "./explanation/tale.ts";
import { createGhost, fold, type Ghost, type JudgedServer } from "./ghost.ts";
import { ALL_CHECKS } from "./registry.ts";

/** An independent judge of a run: a fold over its observations, with no look at any engine's memory. */
export interface Auditor {
  readonly ghost: Ghost;
  /** One a check, in the checks' order. */
  readonly records: readonly CheckRecord[];
  /** The observation taken in last; -1 and 0 before the first. */
  sequence: number;
  step: number;
  /** Looks taken in by `catchUp`. */
  looks: number;
}

/** What one check has found so far. */
export interface CheckRecord {
  readonly id: string;
  count: number;
  /** The first breaks, at most `BREAKS_KEPT`. */
  readonly breaks: Break[];
  /** The first of the weightiest family: what the verdict is about. Null: none. */
  head: Break | null;
  /** The explanation made last, and of what. */
  told: { readonly broken: Break; readonly explanation: readonly ExplanationLine[] } | null;
}

/** A property that has been broken, as far as it is known while the run goes on. */
export interface Violation {
  readonly id: string;
  readonly title: string;
  readonly family: Verdict["family"];
  /** Where it first broke. */
  readonly step: number;
  readonly sequence: number;
  readonly text: string;
  /** How often it broke, the first time included. */
  readonly count: number;
  /** The steps of its first breaks, in order, each once. */
  readonly steps: readonly number[];
}

const BREAKS_KEPT = 32;

const CHECKS_ON = new Map<Observation["type"], readonly (readonly [Check, number])[]>();
for (const [at, check] of ALL_CHECKS.entries()) {
  for (const type of check.on) {
    CHECKS_ON.set(type, [...(CHECKS_ON.get(type) ?? []), [check, at]]);
  }
}

export function createAuditor(config: { readonly servers: readonly JudgedServer[] }): Auditor {
  return {
    ghost: createGhost(config.servers),
    records: ALL_CHECKS.map(({ id }) => ({
      id,
      count: 0,
      breaks: [],
      head: null,
      told: null,
    })),
    sequence: -1,
    step: 0,
    looks: 0,
  };
}

/** Takes in what it has not seen yet of a run that is being recorded, with the looks that go with it. */
export function catchUp(
  auditor: Auditor,
  run: { readonly observations: readonly Observation[]; readonly looks: readonly Look[] },
): void {
  const { observations, looks } = run;
  for (let next = auditor.sequence + 1; next < observations.length; next++) {
    const observation = observations[next];
    if (observation === undefined) return;
    let look: Look | null = null;
    while ((looks[auditor.looks]?.sequence ?? Number.POSITIVE_INFINITY) <= next) {
      look = looks[auditor.looks] ?? null;
      auditor.looks += 1;
    }
    observe(auditor, observation, look);
  }
}

/** Where a world may send what it observes and what its disks say, for an auditor that keeps up with it. */
export function listener(auditor: Auditor): {
  readonly sink: (observation: Observation) => void;
  readonly look: (look: Look) => void;
} {
  let next: Look | null = null;
  return {
    sink: (observation) => {
      const look = next;
      next = null;
      observe(auditor, observation, look);
    },
    look: (look) => {
      next = look;
    },
  };
}

/**
 * Takes in the next observation. Observations come in order, each once. `look`: what the disks say at it; left out: nobody
 * looked.
 */
export function observe(
  auditor: Auditor,
  observation: Observation,
  look: Look | null = null,
): void {
  const { ghost, records } = auditor;
  auditor.sequence = observation.sequence;
  auditor.step = observation.step;
  fold(ghost, observation, look);
  const checks = CHECKS_ON.get(observation.type);
  if (checks === undefined) return;
  for (const [check, at] of checks) {
    const finding = check.test(ghost, observation);
    const record = records[at];
    if (finding !== null && record !== undefined) enter(record, finding, observation);
  }
}

/** The properties broken so far, in the checks' order. Cheap: no explanation is made. */
export function violations(auditor: Auditor): Violation[] {
  return ALL_CHECKS.flatMap(({ id, title }, at) => {
    const record = auditor.records[at];
    const broken = record?.head ?? null;
    if (record === undefined || broken === null) return [];
    const { family, sequence, step, text } = broken;
    const steps = [...new Set(record.breaks.map((each) => each.step))];
    return [{ id, title, family, step, sequence, text, count: record.count, steps }];
  });
}

/**
 * The auditor's word on every property, as if the run ended here. `history` holds all observations taken in, each at its
 * own sequence; explanations are made of it, only for what broke, and once.
 */
export function verdicts(auditor: Auditor, history: readonly Observation[]): Verdict[] {
  let written: Chronicle | null = null;
  const tell = (check: Check, broken: Break): readonly ExplanationLine[] => {
    written ??= chronicle(history);
    const tale = beginTale(written, auditor.ghost, broken.sequence);
    check.tell(tale, broken);
    if (broken.family !== "violation") tellFaults(tale);
    return endTale(tale);
  };
  return auditor.records.map((record, at) => {
    const check = ALL_CHECKS[at] as Check;
    const { id, source, title } = check;
    const broken = record.head ?? breakAtEnd(check, auditor);
    if (broken === null) {
      const text = isJudged(check, auditor) ? remarkOf(check, auditor) : NOT_JUDGED;
      return { id, title, source, ...HOLDS, text };
    }
    // What led to a break stays as it was, however the run goes on.
    if (record.told?.broken !== broken) {
      record.told = { broken, explanation: tell(check, broken) };
    }
    const { family, step: firstStep, text } = broken;
    const { explanation } = record.told;
    return { id, title, source, family, holds: false, firstStep, text, explanation };
  });
}

/** That nothing speaks against a property says nothing where the disks were never looked at. */
const NOT_JUDGED = "Not judged: this run does not show what its disks would keep.";

function remarkOf(check: Check, { ghost }: Auditor): string {
  return legible(check.remark?.(ghost) ?? "");
}

function isJudged({ asks }: Check, { ghost: { asked, unasked } }: Auditor): boolean {
  return asks === undefined || asked.has(asks) || !unasked.has(asks);
}

const HOLDS: Omit<Verdict, "id" | "title" | "source"> = {
  family: "violation",
  holds: true,
  firstStep: null,
  text: "",
  explanation: [],
};

function enter(record: CheckRecord, finding: Finding, { sequence, step }: Observation): void {
  record.count += 1;
  const { breaks, head } = record;
  const leads = head === null || outweighs(finding.family, head.family);
  if (!leads && breaks.length >= BREAKS_KEPT) return;
  const broken = { ...finding, text: legible(finding.text), sequence, step };
  if (leads) record.head = broken;
  if (breaks.length < BREAKS_KEPT) breaks.push(broken);
}

function breakAtEnd(check: Check, { ghost, sequence, step }: Auditor): Break | null {
  const finding = check.testEnd?.(ghost) ?? null;
  return finding === null ? null : { ...finding, text: legible(finding.text), sequence, step };
}
