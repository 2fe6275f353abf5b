import { catchUp, createAuditor, verdicts } from "#audit/auditor.ts";
import { ok, type Result, refused } from "#base/result.ts";
import { planOf } from "#scenario/plan.ts";
import { judgedServers } from "#sim/looks.ts";
import { createTimeline, frameAt, runToEnd, type Timeline } from "#sim/timeline.ts";
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
}

export function createMatrix(fixSets: readonly FixSet[]): Matrix {
  const places = fixSets.flatMap((fixSet) => COLUMNS.map((column) => ({ fixSet, column })));
  return { places, cells: [], current: null };
}

/** Goes on for at most so many events. True: all cells are known. Refused: a scenario cannot be run. */
export function advanceMatrix(matrix: Matrix, events: number): Result<boolean> {
  const place = matrix.places[matrix.cells.length];
  if (place === undefined) return ok(true);
  if (matrix.current === null) {
    const begun = begin(place);
    if (!begun.ok) return begun;
    matrix.current = begun.value;
  }
  if (runToEnd(matrix.current, events)) {
    matrix.cells.push(cellOf(place, matrix.current));
    matrix.current = null;
  }
  return ok(matrix.cells.length === matrix.places.length);
}

function begin({ fixSet, column }: Place): Result<Timeline> {
  const scenario = scenarioOf(fixSet, column);
  if (!scenario.ok) return scenario;
  const plan = planOf(scenario.value, "twin");
  if (!plan.ok) return plan;
  const system = systemById(scenario.value.system);
  if (system === null) return refused(`There is no system ${scenario.value.system}.`);
  return ok(createTimeline(plan.value, system));
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
