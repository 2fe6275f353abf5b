import { intervalOf } from "#statistics/interval.ts";
import {
  cutSeries,
  type LeadOfMeta,
  leadOf,
  outside,
  POWER_CUTS,
  TOLERANCES,
} from "#statistics/power-cuts.ts";
import { rebootFiles } from "#statistics/reboot-files.ts";
import { type Counts, countStarts, START_PATTERNS } from "#statistics/reboots.ts";
import { syncedFiles } from "#statistics/synced-files.ts";
import { type Answer, badInput } from "./answer.ts";
import { table } from "./text.ts";

export interface StatisticsOptions {
  /** Starts of each pattern. */
  readonly runs: string;
  readonly json: boolean;
}

const RUNS_MOST = 100_000;

interface StartRow {
  readonly pattern: string;
  readonly title: string;
  readonly model: Counts;
  readonly real: Counts;
  /** Per mille: what the real counts leave possible with 95 % confidence. */
  readonly interval: readonly [number, number];
  readonly isInside: boolean;
}

interface CutRow {
  readonly series: string;
  readonly title: string;
  readonly model: LeadOfMeta;
  readonly real: LeadOfMeta;
  /** What lies outside of the tolerances. */
  readonly outside: readonly string[];
}

/** `blackstart statistics SYSTEM`: how often and how far things go wrong, beside what was counted of the real system. */
export function statisticsCommand(
  system: string,
  { runs: given, json }: StatisticsOptions,
): Answer {
  if (system !== "pysyncobj") {
    return badInput(`There are counts of the real pysyncobj only, not of ${system}.`);
  }
  const runs = Number(given);
  if (!Number.isInteger(runs) || runs < 1 || runs > RUNS_MOST) {
    return badInput(`--runs must be a whole number from 1 to ${RUNS_MOST}, not ${given}.`);
  }
  const starts = START_PATTERNS.map((pattern): StartRow => {
    const { id, title, real } = pattern;
    const model = countStarts(pattern, 1, runs, rebootFiles);
    const interval = intervalOf(real.diverged, real.runs);
    const share = perMille(model.diverged, model.runs);
    const isInside = interval[0] <= share && share <= interval[1];
    return { pattern: id, title, model, real, interval, isInside };
  });
  const cuts = POWER_CUTS.map((series): CutRow => {
    const model = leadOf(cutSeries(series, syncedFiles("A")));
    const far = outside(model, series.real);
    return { series: series.id, title: series.title, model, real: series.real, outside: far };
  });
  const isInside =
    starts.every((row) => row.isInside) && cuts.every((row) => row.outside.length === 0);
  const exit = isInside ? 0 : 1;
  const out = json ? JSON.stringify({ starts, cuts }) : textOf(starts, cuts);
  return { exit, out, err: "" };
}

function textOf(starts: readonly StartRow[], cuts: readonly CutRow[]): string {
  return [
    "Three members start on the disks of #201: in how many runs their maps differ for ever",
    "",
    table(
      ["start", "model", "real", "95 % of real", "second leader", "real"],
      starts.map(({ title, model, real, interval, isInside }) => [
        title,
        share(model.diverged, model.runs),
        share(real.diverged, real.runs),
        `${percent(interval[0])} to ${percent(interval[1])}${isInside ? "" : " (outside)"}`,
        share(model.secondLeader, model.runs),
        share(real.secondLeader, real.runs),
      ]),
    ),
    "",
    "Power cuts of one node that takes five writes a second, synced at 0: how far its meta is ahead of its journal",
    "",
    table(
      [
        "version",
        "cuts",
        "ahead",
        "real",
        "from",
        "real",
        "entries at most",
        "real",
        "no start",
        "real",
      ],
      cuts.map(({ title, model, real }) => [
        title,
        String(model.cuts),
        ...[String(model.ahead), String(real.ahead)],
        ...[seconds(model.onset), seconds(real.onset)],
        ...[String(model.most), String(real.most)],
        ...[String(model.unloadable), String(real.unloadable)],
      ]),
    ),
    "",
    `Tolerances: ${seconds(TOLERANCES.onset)} of the onset, ${TOLERANCES.ahead} of 100 cuts ahead, ${TOLERANCES.most} % of the lead, ${TOLERANCES.unloadable} cut of those after which nothing starts.`,
    ...cuts.flatMap(({ title, outside: far }) =>
      far.length === 0 ? [] : [`Outside: ${title}: ${far.join(", ")}`],
    ),
  ].join("\n");
}

function share(count: number, of: number): string {
  return `${count} of ${of} (${percent(perMille(count, of))})`;
}

function perMille(count: number, of: number): number {
  return Math.round((1000 * count) / of);
}

function percent(perMilles: number): string {
  return `${(perMilles / 10).toFixed(1)} %`;
}

function seconds(time: number | null): string {
  return time === null ? "-" : `${(time / 1_000_000).toFixed(1)} s`;
}
