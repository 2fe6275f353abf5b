import type { ServerId } from "#raft/types.ts";
import type { ExplanationLine, Verdict } from "#sim/frame.ts";
import type { Observation } from "#sim/observation.ts";
import type { Break, Check, Finding } from "./check.ts";
import { type Chronicle, chronicle } from "./explanation/chronicle.ts";
import { beginTale, endTale } from "./explanation/tale.ts";
import { createGhost, fold, type Ghost } from "./ghost.ts";
import { ALL_CHECKS } from "./registry.ts";

/** An independent judge of a run: a fold over its observations, with no look at any engine's memory. */
export interface Auditor {
  readonly ghost: Ghost;
  /** One a check, in the checks' order. */
  readonly records: readonly CheckRecord[];
  /** The observation taken in last; -1 and 0 before the first. */
  sequence: number;
  step: number;
}

/** What one check has found so far. */
export interface CheckRecord {
  readonly id: string;
  count: number;
  /** The first breaks, at most `BREAKS_KEPT`. */
  readonly breaks: Break[];
  /** The first that rests on no broken assumption; null: none. */
  firstViolation: Break | null;
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

export function createAuditor(config: {
  readonly servers: readonly { readonly id: ServerId; readonly machine: string }[];
}): Auditor {
  return {
    ghost: createGhost(config.servers.map(({ id }) => id)),
    records: ALL_CHECKS.map(({ id }) => ({
      id,
      count: 0,
      breaks: [],
      firstViolation: null,
      told: null,
    })),
    sequence: -1,
    step: 0,
  };
}

/** Takes in the next observation. Observations come in order, each once. */
export function observe(auditor: Auditor, observation: Observation): void {
  const { ghost, records } = auditor;
  auditor.sequence = observation.sequence;
  auditor.step = observation.step;
  fold(ghost, observation);
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
    const broken = record === undefined ? null : headOf(record);
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
    return endTale(tale);
  };
  return auditor.records.map((record, at) => {
    const check = ALL_CHECKS[at] as Check;
    const { id, source, title } = check;
    const broken = headOf(record) ?? breakAtEnd(check, auditor);
    if (broken === null) return { id, title, source, ...HOLDS };
    // What led to a break stays as it was, however the run goes on.
    if (record.told?.broken !== broken) {
      record.told = { broken, explanation: tell(check, broken) };
    }
    const { family, step: firstStep, text } = broken;
    const { explanation } = record.told;
    return { id, title, source, family, holds: false, firstStep, text, explanation };
  });
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
  const isFirst = record.firstViolation === null && finding.family === "violation";
  if (!isFirst && record.breaks.length >= BREAKS_KEPT) return;
  const broken = { ...finding, sequence, step };
  if (isFirst) record.firstViolation = broken;
  if (record.breaks.length < BREAKS_KEPT) record.breaks.push(broken);
}

/** What the verdict is about: what nobody assumed away comes first. */
function headOf(record: CheckRecord): Break | null {
  return record.firstViolation ?? record.breaks[0] ?? null;
}

function breakAtEnd(check: Check, { ghost, sequence, step }: Auditor): Break | null {
  const finding = check.testEnd?.(ghost) ?? null;
  return finding === null ? null : { ...finding, sequence, step };
}
