import type { PendingEffect } from "#disk/types.ts";
import { byBadness } from "#hunt/blame.ts";
import type {
  ClusterSweep,
  Compared,
  Family,
  MachineSweep,
  Outcome,
  SweepReport,
} from "#hunt/types.ts";
import { fateCells, fatesMet, fateTable, fateWords, SAME_SCHEDULE } from "#view/sweep-fates.ts";
import { COLUMNS, table, wrapped } from "./text.ts";

/** What the reports do not say of a machine: what is at stake on its disk. */
export interface Stake {
  readonly sectorSize: number;
  readonly pending: readonly PendingEffect[];
}

/** Nobody reads more of them, and fewer still of many policies; `--json` has all. */
const OUTCOMES_MOST = 24;
const OUTCOMES_OF_POLICIES_MOST = 8;
const REASONS_MOST = 8;
const KEPT_MOST = 12;

const STATIC_VERDICT =
  "The verdict on the cluster is static: does each server boot, and is every acknowledged entry and every vote still on a quorum. What the cluster would do next is not run.";

/** The reports of one step, one a policy, for people. */
export function sweepLines(
  reports: readonly SweepReport[],
  stakes: ReadonlyMap<string, Stake>,
): readonly string[] {
  const sweeps = reports.flatMap(({ machines }) => machines);
  const names = [...new Set(sweeps.map(({ machine }) => machine))];
  const clusters = reports.flatMap(({ ask, machines, cluster }) =>
    cluster === null ? [] : [{ cluster, policy: ask.policy ?? common(machines) }],
  );
  return [
    summary(
      names.flatMap((name) => sweeps.filter(({ machine }) => machine === name)),
      stakes,
    ),
    ...sweeps.flatMap(capLines),
    ...sweeps.flatMap(trustLines),
    ...fateLines(sweeps),
    ...names.flatMap((name) => outcomeLines(sweeps.filter(({ machine }) => machine === name))),
    ...(clusters.length > 1 ? clusterTable(clusters) : clusters.flatMap(clusterLines)),
    ...(clusters.length === 0 ? [] : ["", ...wrapped(STATIC_VERDICT, COLUMNS)]),
  ];
}

/** The policy that all of them were under; in words when there are several. */
function common(machines: readonly MachineSweep[]): string {
  const policies = new Set(machines.map(({ policy }) => policy));
  return policies.size === 1 ? [...policies].join() : "each disk's own policy";
}

function summary(sweeps: readonly MachineSweep[], stakes: ReadonlyMap<string, Stake>): string {
  const others = OTHERS.filter(([family]) =>
    sweeps.some(({ outcomes }) => countOf(outcomes, family) > 0),
  );
  const rows = sweeps.map(({ machine, policy, pieces, states, recoveries, outcomes }) => {
    const stake = stakes.get(machine);
    return [
      machine,
      burstText(stake?.pending ?? []),
      stake?.sectorSize ?? "",
      policy,
      pieces,
      stateText(states).padStart("raw states".length),
      recoveries,
      outcomes.length,
      countOf(outcomes, "violation"),
      ...others.map(([family]) => countOf(outcomes, family)),
    ];
  });
  const headings = ["machine", "not synced", "sector", "policy", "effects", "raw states"];
  const columns = ["recoveries", "outcomes", "bad", ...others.map(([, heading]) => heading)];
  return table([...headings, ...columns], rows);
}

/** What is not good and not the design's fault: as a column of its own where there is any. */
const OTHERS: readonly (readonly [Family, string])[] = [
  ["assumption-broken", "by the disk"],
  ["unavailable-by-design", "refused"],
];

function countOf(outcomes: readonly Outcome[], wanted: Family): number {
  return outcomes.filter(({ family }) => family === wanted).length;
}

/** What a crash may take, by file: "8 writes to A/raft.journal, 1 name"; cut where it is too long for a column. */
export function burstText(pending: readonly PendingEffect[]): string {
  if (pending.length === 0) return "nothing";
  const writes = new Map<string, number>();
  let names = 0;
  for (const { kind, path } of pending) {
    if (kind === "name") names += 1;
    else if (kind === "data") writes.set(path, (writes.get(path) ?? 0) + 1);
  }
  const parts = [...writes].map(([path, count]) => `${counted(count, "write")} to ${path}`);
  if (names > 0) parts.push(counted(names, "name"));
  const text = parts.length === 0 ? counted(pending.length, "size") : parts.join(", ");
  return text.length > 36 ? `${text.slice(0, 33)}...` : text;
}

/** Big counts as 1.4e19; ">=" when there may be more. */
export function stateText({ count, exact }: MachineSweep["states"]): string {
  return exact ? shortNumber(count) : `>=${shortNumber(count)}`;
}

function shortNumber(digits: string): string {
  return digits.length <= 9 ? digits : `${digits[0]}.${digits[1]}e${digits.length - 1}`;
}

function capLines({ machine, policy, cap }: MachineSweep): readonly string[] {
  if (cap === null) return [];
  const samples = cap.samples
    .filter(({ drawn }) => drawn > 0)
    .map(({ sampler, drawn }) => `${drawn} by ${sampler}`);
  const rest = samples.length === 0 ? "none was tried" : `these were tried: ${samples.join(", ")}`;
  const text = `${machine} under ${policy} was stopped after ${counted(cap.most, "recovery")}; of the states that were left ${rest}. There may be more outcomes: --most tries more.`;
  return ["", ...wrapped(text, COLUMNS)];
}

/** What boots are like, machine by machine and policy by policy; of a single policy the smallest cause of each fate too. */
function fateLines(sweeps: readonly MachineSweep[]): readonly string[] {
  const fates = fatesMet(sweeps.flatMap((sweep) => sweep.fates));
  if (fates.length === 0) return [];
  const policies = new Set(sweeps.map(({ policy }) => policy));
  const rows = sweeps.map(({ machine, policy, fates: counts }) => {
    return [machine, policy, ...fateCells(fates, counts).map(fateText)];
  });
  return [
    "",
    "What a boot is like: states, and in brackets outcomes",
    table(["machine", "policy", ...fates.map((fate) => fateWords(fate).short)], rows),
    ...(policies.size > 1 ? [] : sweeps.flatMap(causeLines)),
  ];
}

/** "84 (5)"; "?": how many states is not known. */
function fateText({ states, outcomes }: { states: string | null; outcomes: number }): string {
  if (outcomes === 0) return "-";
  return `${states === null ? "?" : shortNumber(states)} (${outcomes})`;
}

function causeLines({ machine, fates }: MachineSweep): readonly string[] {
  const known = fates.flatMap(({ fate, smallest }) =>
    smallest === null ? [] : [`${machine} ${fateWords(fate).long}: ${smallest.text}`],
  );
  return known.flatMap((text) => {
    const [head = "", ...rest] = wrapped(text, COLUMNS - DETAIL);
    return [`  ${head}`, ...rest.map((line) => " ".repeat(DETAIL) + line)];
  });
}

/** What the same crash comes to under every preset. */
export function comparedLines(compared: readonly Compared[]): readonly string[] {
  const { fates, rows } = fateTable(compared);
  const machines = compared[0]?.machines.length ?? 0;
  const capped = rows.filter((row) => row.capped).map(({ of }) => of.preset ?? of.title);
  const lines = rows.map(({ of, cells }) => [
    `${of.preset ?? of.title}${of.isOwn ? " *" : ""}`,
    of.step,
    statesText(of),
    ...cells.map(fateText),
  ]);
  const added = machines > 1 ? " Each machine is tried by itself; figures are added up." : "";
  const stopped =
    capped.length === 0
      ? []
      : wrapped(`Not every state was tried of ${capped.join(", ")}: --most tries more.`, COLUMNS);
  return [
    table(["preset", "step", "raw states", ...fates.map((fate) => fateWords(fate).short)], lines),
    "",
    ...wrapped(
      `States, and in brackets outcomes. *: the run as it is. ${SAME_SCHEDULE}${added}`,
      COLUMNS,
    ),
    ...stopped,
    ...fates.flatMap((fate) => {
      return wrapped(`${fateWords(fate).short}: ${fateWords(fate).about}`, COLUMNS);
    }),
  ];
}

function statesText({ machines }: Compared): string {
  const count = machines.reduce((sum, { states }) => sum + BigInt(states.count), 0n);
  const exact = machines.every(({ states }) => states.exact);
  return stateText({ count: `${count}`, exact });
}

/** What its checksums are believed in, where that is not all tried. */
function trustLines({ machine, policy, trusts }: MachineSweep): readonly string[] {
  return trusts === undefined
    ? []
    : ["", ...wrapped(`${machine} under ${policy}: ${trusts}`, COLUMNS)];
}

/** Each outcome of a machine once, with the policies that allow it. */
function outcomeLines(sweeps: readonly MachineSweep[]): readonly string[] {
  const [first] = sweeps;
  if (first === undefined) return [];
  const found = new Map<string, { outcome: Outcome; policies: string[] }>();
  for (const { policy, outcomes } of sweeps) {
    for (const outcome of outcomes) {
      const known = found.get(outcome.id);
      if (known === undefined) found.set(outcome.id, { outcome, policies: [policy] });
      else known.policies.push(policy);
    }
  }
  const all = [...found.values()].sort((a, b) => byBadness(a.outcome.family, b.outcome.family));
  const most = sweeps.length === 1 ? OUTCOMES_MOST : OUTCOMES_OF_POLICIES_MOST;
  const more = all.length - most;
  return [
    "",
    `Outcomes of ${first.machine}: ${all.length}, ${badnessText(all.map(({ outcome }) => outcome))}`,
    ...reasonLines(all.map(({ outcome }) => outcome)),
    ...all
      .slice(0, most)
      .flatMap(({ outcome, policies }) => [
        ...verdictLines(outcome),
        ...(sweeps.length === 1 ? [] : detail(`under ${under(policies, sweeps.length)}`)),
      ]),
    ...(more > 0 ? [`  and ${more} more, which --json lists`] : []),
  ];
}

function badnessText(outcomes: readonly Outcome[]): string {
  const bad = countOf(outcomes, "violation");
  const excused = countOf(outcomes, "assumption-broken");
  const refused = countOf(outcomes, "unavailable-by-design");
  return [
    `${bad === 0 ? "none" : bad} of them bad${excused + refused === 0 ? "" : " by the design"}`,
    ...(excused === 0 ? [] : [`${excused} because the disk broke its word`]),
    ...(refused === 0 ? [] : [`${refused} where a damaged disk is rightly refused`]),
  ].join(", ");
}

/** What is wrong with more than one of the outcomes, and with how many; most first. */
function reasonLines(outcomes: readonly Outcome[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { wrongs } of outcomes) {
    for (const reason of new Set(wrongs.map(({ check, text }) => `${check}: ${text}`))) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  const sorted = [...counts].filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a);
  return sorted.slice(0, REASONS_MOST).flatMap(([reason, count]) => {
    const [head = "", ...rest] = wrapped(`${count} of them: ${reason}`, COLUMNS - DETAIL);
    return [`${" ".repeat(DETAIL)}${head}`, ...rest.map((line) => " ".repeat(DETAIL) + line)];
  });
}

function under(policies: readonly string[], all: number): string {
  return policies.length === all ? "every policy" : policies.join(", ");
}

function verdictLines(outcome: Outcome): readonly string[] {
  const { good, family, text, wrongs, recoveries, difference, witness } = outcome;
  const [head = "", ...rest] = wrapped(
    `${text} (${counted(recoveries, "recovery")})`,
    COLUMNS - DETAIL,
  );
  return [
    `  ${MARKS[family ?? "good"]}  ${head}`,
    ...rest.map((line) => " ".repeat(DETAIL) + line),
    ...wrongs.flatMap(({ check, text: wrong }) => detail(`${check}: ${wrong}`)),
    ...(difference === null ? [] : detail(difference)),
    ...(good ? [] : detail(keptText(witness))),
  ];
}

const DETAIL = 8;

/** `disk`: bad, and a disk is to blame. `n/a`: unavailable, and rightly so. */
const MARKS: Readonly<Record<Family | "good", string>> = {
  violation: "BAD ",
  "assumption-broken": "disk",
  "unavailable-by-design": "n/a ",
  good: "good",
};

function detail(text: string): readonly string[] {
  return wrapped(text, COLUMNS - DETAIL).map((line) => " ".repeat(DETAIL) + line);
}

/** The survivors that make it the run. */
function keptText(witness: readonly number[]): string {
  if (witness.length === 0) return "for example, when nothing unsynced survives";
  const more = witness.length - KEPT_MOST;
  const listed = witness.slice(0, KEPT_MOST).join(" ");
  return `for example, when of what is unsynced only this survives: ${listed}${more > 0 ? ` and ${more} more` : ""}`;
}

interface UnderPolicy {
  readonly cluster: ClusterSweep;
  readonly policy: string;
}

/** One row a policy, with what most of the bad combinations come to. */
function clusterTable(clusters: readonly UnderPolicy[]): readonly string[] {
  const hasOthers = clusters.some(({ cluster: { excused } }) => excused !== "0");
  const headings = [
    ...["policy", "combinations", "distinct", "bad"],
    ...(hasOthers ? ["by a disk"] : []),
    "mostly",
  ];
  const columns = clusters.map(({ policy, cluster: { combinations, distinct, bad, excused } }) => {
    const counts = [combinations, distinct, bad, ...(hasOthers ? [excused] : [])];
    return [policy, ...counts.map(shortNumber)];
  });
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...columns.map((row) => row[i]?.length ?? 0)),
  );
  const taken = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const rows = clusters.map(({ cluster: { rows: kinds } }, i) => {
    const [first] = kinds;
    const [line = "", more] = wrapped(first?.text ?? "", COLUMNS - taken - 4);
    const [policy = "", ...counts] = columns[i] ?? [];
    const padded = counts.map((count, column) => count.padStart(widths[column + 1] ?? 0));
    return [policy, ...padded, more === undefined ? line : `${line} ...`];
  });
  return ["", "All machines together", table(headings, rows)];
}

function clusterLines({ cluster, policy }: UnderPolicy): readonly string[] {
  const { combinations, distinct, bad, excused, rows } = cluster;
  const noun = combinations === "1" ? "combination" : "combinations";
  const others = excused === "0" ? "" : ` by the design, ${excused} because of a disk`;
  const counts = `${combinations} ${noun}, ${distinct} when servers that stand for each other count once, ${bad} bad${others}`;
  const most = Math.max(0, ...rows.map(({ combinations: { length } }) => length));
  return [
    "",
    ...wrapped(`All machines together, under ${policy}: ${counts}`, COLUMNS),
    ...rows.flatMap(({ family, text, combinations: count }) => {
      const indent = DETAIL + most + 2;
      const [head = "", ...rest] = wrapped(text, COLUMNS - indent);
      return [
        `  ${MARKS[family ?? "good"]}  ${count.padStart(most)}  ${head}`,
        ...rest.map((line) => " ".repeat(indent) + line),
      ];
    }),
  ];
}

function counted(count: number, what: string): string {
  if (count === 1) return `1 ${what}`;
  return `${count} ${what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`}`;
}
