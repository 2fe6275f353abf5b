import type { MeterRow } from "#hunt/types.ts";

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

/** "3/8 bad", "8 good"; "8+": as many were met, there may be more. */
export function cellText({ outcomes, bad, capped }: MeterRow): string {
  const some = capped ? `${outcomes}+` : String(outcomes);
  return bad > 0 ? `${bad}/${some} bad` : `${some} good`;
}

/** Why a design is bad there, in sentences; what to say when it is not. */
export function whyText({
  reasons,
  bad,
  outcomes,
  capped,
  recoveries,
}: MeterRow): readonly string[] {
  if (bad > 0) {
    return reasons.map(
      ({ text, outcomes: many }) => `${text} (${many} ${many === 1 ? "outcome" : "outcomes"})`,
    );
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
  return rows.find(({ bad }) => bad > 0) ?? rows[0] ?? null;
}

function badPerMille({ bad, outcomes }: MeterRow): number {
  if (bad === 0 || outcomes === 0) return 0;
  return Math.max(1, Math.floor((1000 * bad) / outcomes));
}
