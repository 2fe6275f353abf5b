import { catchUp, createAuditor, verdicts } from "#audit/auditor.ts";
import { ok, type Result, refused } from "#base/result.ts";
import { planOf } from "#scenario/plan.ts";
import type { Plan } from "#sim/faults.ts";
import { judgedServers } from "#sim/looks.ts";
import { createTimeline, frameAt, runToEnd, type Timeline } from "#sim/timeline.ts";
import type { System } from "#system/contract.ts";
import { systemById } from "#system/registry.ts";
import { COLUMNS, type Column } from "./columns.ts";
import { type Failure, failuresOf } from "./failures.ts";
import type { FixSet } from "./fix-sets.ts";
import { scenarioOf } from "./scenarios.ts";

/** A cell that was run and judged. */
export interface Cell {
  readonly fixSet: string;
  /** "S1" to "S15". */
  readonly scenario: string;
  /** X: there is a failure that the column counts. */
  readonly outcome: "ok" | "X";
  /** All failures, also those that the column does not count. */
  readonly failures: readonly Failure[];
}

/** These fix sets against every schedule, row by row: what is known, and the run that is under way. */
export interface Matrix {
  readonly places: readonly Place[];
  /** Of the first places. */
  readonly cells: Cell[];
  current: Timeline | null;
}

interface Place {
  readonly fixSet: FixSet;
  readonly column: Column;
  readonly plan: Plan;
  readonly system: System;
}

/** Refused: a schedule cannot be run. */
export function createMatrix(fixSets: readonly FixSet[]): Result<Matrix> {
  const places: Place[] = [];
  for (const fixSet of fixSets) {
    for (const column of COLUMNS) {
      const place = placeOf(fixSet, column);
      if (!place.ok) return place;
      places.push(place.value);
    }
  }
  return ok({ places, cells: [], current: null });
}

/** Goes on for at most so many events of one run. True: all cells are known. */
export function advanceMatrix(matrix: Matrix, events = Number.POSITIVE_INFINITY): boolean {
  const { places, cells } = matrix;
  const place = places[cells.length];
  if (place === undefined) return true;
  matrix.current ??= createTimeline(place.plan, place.system);
  if (runToEnd(matrix.current, events)) {
    cells.push(cellOf(place, matrix.current));
    matrix.current = null;
  }
  return cells.length === places.length;
}

function placeOf(fixSet: FixSet, column: Column): Result<Place> {
  const scenario = scenarioOf(fixSet, column);
  if (!scenario.ok) return scenario;
  const plan = planOf(scenario.value, "twin");
  if (!plan.ok) return plan;
  const system = systemById(scenario.value.system);
  if (system === null) return refused(`There is no system ${scenario.value.system}.`);
  return ok({ fixSet, column, plan: plan.value, system });
}

function cellOf({ fixSet, column }: Place, timeline: Timeline): Cell {
  const auditor = createAuditor({ servers: judgedServers(timeline.plan) });
  catchUp(auditor, timeline);
  const { observations } = timeline;
  const judged = verdicts(auditor, observations);
  const failures = [...failuresOf(judged, observations, frameAt(timeline, timeline.steps))];
  const fails = failures.some((failure) => column.counts.includes(failure));
  return { fixSet: fixSet.id, scenario: column.id, outcome: fails ? "X" : "ok", failures };
}
