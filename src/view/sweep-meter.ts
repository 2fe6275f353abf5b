import type { Family, MeterRow } from "#hunt/types.ts";
import { familyText } from "./sweep-words.ts";

// The design-quality meter as a table: policies down, kinds of crash across, one or two designs in each cell.

export type CrashKind = MeterRow["kind"];
export type Policy = MeterRow["policy"];

export interface MeterTable {
  readonly kinds: readonly CrashKind[];
  readonly rows: readonly {
    readonly policy: Policy;
    /** By kind, in the table's order, and in it by design; null: not measured. */
    readonly cells: readonly (readonly (MeterCell | null)[])[];
  }[];
}

export interface MeterCell {
  readonly row: MeterRow;
  /** Bad outcomes out of 1,000, for the bar. At least 1 when any is bad. */
  readonly badPerMille: number;
}

/** `designs`: the rows of each design, side by side. */
export function meterTable(designs: readonly (readonly MeterRow[])[]): MeterTable {
  const all = designs.flat();
  const kinds = (["os", "power"] as const).filter((kind) => all.some((row) => row.kind === kind));
  const policies = [...new Set(all.map(({ policy }) => policy))];
  const rows = policies.map((policy) => ({
    policy,
    cells: kinds.map((kind) =>
      designs.map((design) => {
        const row = design.find((each) => each.policy === policy && each.kind === kind);
        return row === undefined ? null : { row, badPerMille: badPerMille(row) };
      }),
    ),
  }));
  return { kinds, rows };
}

/** "3/8 bad", "8 good", "nothing at stake"; "8+": as many were met, there may be more. */
export function cellText(row: MeterRow): string {
  const { outcomes, bad, excused, refused, capped } = row;
  const some = capped ? `${outcomes}+` : String(outcomes);
  if (bad > 0) return `${bad}/${some} bad`;
  if (excused > 0) return `${excused}/${some} by the disk`;
  if (refused > 0) return `${refused}/${some} refused`;
  return isIdle(row) ? "nothing at stake" : `${some} good`;
}

/** No write waits on the disk and nothing is wrong with it: there is nothing that a design could be good at. */
function isIdle(row: MeterRow): boolean {
  return row.pieces === 0 && cellFamily(row) === null;
}

/** Of whom a cell speaks: null: all is good. */
export function cellFamily({ bad, excused, refused }: MeterRow): Family | null {
  if (bad > 0) return "violation";
  if (excused > 0) return "assumption-broken";
  return refused > 0 ? "unavailable-by-design" : null;
}

/** Why a design is bad there, in sentences; what to say when it is not. */
export function whyText(row: MeterRow): readonly string[] {
  const { reasons, outcomes, capped, recoveries } = row;
  if (reasons.length > 0) {
    return reasons.map(({ text, family, outcomes: many }) => {
      const whose = family === "violation" ? "" : `${familyText(family)}: `;
      return `${whose}${text} (${many} ${many === 1 ? "outcome" : "outcomes"})`;
    });
  }
  if (isIdle(row)) {
    return ["No write waits on this disk at this step: a crash here takes nothing away."];
  }
  return [
    capped
      ? `None of ${outcomes} outcomes that ${recoveries} recoveries met is bad; not every state was tried.`
      : outcomes === 1
        ? "Whatever survives, the server boots to the same good state."
        : `Whatever survives, the server boots and keeps its promises: all ${outcomes} outcomes are good.`,
  ];
}

/** The cell that says most: the first bad one of the last design that is bad anywhere; else the first. */
export function telling(rows: readonly MeterRow[]): MeterRow | null {
  return (
    rows.find(({ bad }) => bad > 0) ??
    rows.find((row) => cellFamily(row) !== null) ??
    rows.find((row) => !isIdle(row)) ??
    rows[0] ??
    null
  );
}

function badPerMille({ bad, outcomes }: MeterRow): number {
  if (bad === 0 || outcomes === 0) return 0;
  return Math.max(1, Math.floor((1000 * bad) / outcomes));
}
