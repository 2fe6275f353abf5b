import type { BootFate, Compared, FateCount } from "#hunt/types.ts";

// What boots from crash states are like, as tables: fates across, machines or presets down.

export const FATE_ORDER: readonly BootFate[] = [
  "boots",
  "boots-having-forgotten",
  "boots-having-lost",
  "boots-garbled",
  "stuck",
  "refuses",
  "poisons-term",
];

interface FateWords {
  /** Fits a column. */
  readonly short: string;
  /** A predicate of a server. */
  readonly long: string;
  /** A sentence. */
  readonly about: string;
}

const FATES: Readonly<Record<BootFate, FateWords>> = {
  boots: {
    short: "boots",
    long: "boots with all it promised",
    about: "It boots and knows all that it had promised.",
  },
  "boots-having-forgotten": {
    short: "term or vote lost",
    long: "boots having forgotten a term or a vote",
    about: "Its entries are there; a term or a vote that it had promised is gone.",
  },
  "boots-having-lost": {
    short: "entries lost",
    long: "boots having lost acknowledged entries",
    about:
      "Entries are gone that it had acknowledged, or that a client was told are kept and too few others have on their disks.",
  },
  "boots-garbled": {
    short: "garbled",
    long: "boots garbled",
    about:
      "It believes entries that nobody wrote like that, or a state that its log never came to.",
  },
  stuck: {
    short: "stuck",
    long: "boots and is stuck",
    about:
      "By what it has itself it never gets ready: it is to apply entries that are not there, or that cannot be read. One such server among healthy ones may be helped; when all come back like this, nobody is there to help.",
  },
  refuses: {
    short: "refuses",
    long: "refuses to boot",
    about: "Its recovery fails on these files.",
  },
  "poisons-term": {
    short: "poisons term",
    long: "poisons the term",
    about:
      "Its term, or its last entry's, is above all that anybody ever had: garbage that wins every election.",
  },
};

export function fateWords(fate: BootFate): FateWords {
  return FATES[fate];
}

/** Fates that something leads to, the mildest first. */
export function fatesMet(counts: Iterable<Pick<FateCount, "fate">>): readonly BootFate[] {
  const met = new Set([...counts].map(({ fate }) => fate));
  return FATE_ORDER.filter((fate) => met.has(fate));
}

/** Outcomes and states of one fate, of one machine or of several, each by itself. */
export interface FateCell {
  readonly fate: BootFate;
  readonly outcomes: number;
  /** In decimal digits; null: not known exactly. */
  readonly states: string | null;
  /** Out of 1,000 states; 0 only where there is none, and null where they are not known. */
  readonly perMille: number | null;
}

export function fateCells(
  fates: readonly BootFate[],
  counts: readonly FateCount[],
): readonly FateCell[] {
  const all = counts.every(({ states }) => states !== null) ? statesOf(counts) : null;
  return fates.map((fate) => {
    const own = counts.filter((each) => each.fate === fate);
    const states = own.some((each) => each.states === null) ? null : statesOf(own);
    return {
      fate,
      outcomes: own.reduce((sum, each) => sum + each.outcomes, 0),
      states: states === null ? null : `${states}`,
      perMille: states === null || all === null ? null : shareOf(states, all),
    };
  });
}

function statesOf(counts: readonly FateCount[]): bigint {
  return counts.reduce((sum, { states }) => sum + BigInt(states ?? 0), 0n);
}

function shareOf(part: bigint, all: bigint): number {
  if (part === 0n || all === 0n) return 0;
  const share = Number((1000n * part) / all);
  return share === 0 ? 1 : share;
}

/** "8.6 %", "under 0.1 %", "all". */
export function shareText(perMille: number): string {
  if (perMille === 1000) return "all";
  if (perMille <= 1) return perMille === 0 ? "none" : "0.1 % or less";
  const tenths = perMille % 10;
  return tenths === 0 ? `${perMille / 10} %` : `${Math.floor(perMille / 10)}.${tenths} %`;
}

export interface FateTable {
  readonly fates: readonly BootFate[];
  readonly rows: readonly {
    readonly of: Compared;
    readonly cells: readonly FateCell[];
    /** Not every state was tried. */
    readonly capped: boolean;
  }[];
}

/** Presets down, fates across; the figures of several machines are added up. */
export function fateTable(compared: readonly Compared[]): FateTable {
  const countsOf = ({ machines }: Compared) => machines.flatMap((machine) => machine.fates);
  const fates = fatesMet(compared.flatMap(countsOf));
  const rows = compared.map((of) => ({
    of,
    cells: fateCells(fates, countsOf(of)),
    capped: of.machines.some(({ capped }) => capped),
  }));
  return { fates, rows };
}

/** How presets are held against each other: said wherever the table is. */
export const SAME_SCHEDULE =
  "Each runs this schedule from the start, with the same seed and the same choices, to the same virtual time; then what is at stake on its own disks is tried. What it writes and syncs until then is its own.";
