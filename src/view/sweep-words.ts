import type {
  ClusterSweep,
  Family,
  MachineSweep,
  Outcome,
  SweepReport,
  Wrong,
} from "#hunt/types.ts";

// The figures of a sweep as people read them.

export interface CountText {
  /** "36,288", "about 1.4e19". */
  readonly short: string;
  /** All digits, where the short text leaves some out. */
  readonly exactly: string | null;
}

/** Up to this many digits a number is written out. */
const DIGITS_MOST = 7;

/** A number of any size, given in decimal digits. */
export function countText({
  count,
  exact,
}: {
  readonly count: string;
  readonly exact: boolean;
}): CountText {
  const bound = exact ? "" : "at least ";
  if (count.length <= DIGITS_MOST) return { short: `${bound}${grouped(count)}`, exactly: null };
  const short = `${exact ? "about " : bound}${powerOfTen(count)}`;
  return { short, exactly: exact ? grouped(count) : null };
}

/** "12,345" */
export function grouped(count: string | number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** "1 outcome", "12 outcomes", "2 recoveries". */
export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : nouns}`;
}

const POLICY_WORDS: Readonly<Record<MachineSweep["policy"], string>> = {
  strict: "strict: in program order",
  "per-file": "per-file: in order within a file",
  "data-first": "data-first: data before names and sizes",
  "ordered-journal": "ordered-journal (ext4-like)",
  "metadata-first": "metadata-first: names before data",
  adversarial: "adversarial: any order",
};

export function policyText(policy: MachineSweep["policy"]): string {
  return POLICY_WORDS[policy];
}

/** How much of a machine's crash states was tried, in a sentence. */
export function coverText({ cap, recoveries, trusts = "" }: MachineSweep): string {
  if (cap === null) {
    const runs = counted(recoveries, "recovery", "recoveries");
    return `Every state has been tried: ${runs} ${recoveries === 1 ? "tells" : "tell"} all of them apart. ${trusts}`.trimEnd();
  }
  const drawn = cap.samples.map(({ sampler, drawn: many }) => `${sampler} ${grouped(many)}`);
  return (
    `Not every state: after ${counted(cap.most, "recovery", "recoveries")} the rest was sampled (${drawn.join(", ")}). ` +
    `An outcome that no sample met is missing here. ${trusts}`.trimEnd()
  );
}

/** What a sweep came to, in a sentence: for those who listen, and as its heading. */
export function verdictText(report: SweepReport): string {
  if (report.cluster !== null) {
    const machines = report.machines.map(({ machine }) => machine).join(", ");
    return `${machines} together: ${clusterVerdict(report.cluster)}.`;
  }
  const [sweep] = report.machines;
  if (sweep === undefined) return "Nothing was tried.";
  return machineVerdict(sweep);
}

function clusterVerdict({ combinations, bad, excused }: ClusterSweep): string {
  const [of, many, others] = [combinations, bad, excused].map((count) => {
    return countText({ count, exact: true }).short;
  });
  const noun = combinations === "1" ? "combination" : "combinations";
  const rest = excused === "0" ? "" : `; ${others} not good because of a disk`;
  if (bad === "0")
    return `none of ${of} ${noun} is bad${rest && `, as far as the design goes${rest}`}`;
  return `${many} of ${of} ${noun} ${bad === "1" ? "is" : "are"} bad${rest}`;
}

export function machineVerdict({ machine, outcomes, cap }: MachineSweep): string {
  const { bad: own, excused, refused, good } = byVerdict(outcomes);
  const bad = own.length;
  const found = counted(outcomes.length, "outcome");
  if (excused.length + refused.length > 0) {
    const parts = [
      bad === 0 ? "none bad by the design" : `${bad} bad by the design`,
      ...(excused.length === 0 ? [] : [`${excused.length} bad by the disk`]),
      ...(refused.length === 0 ? [] : [`${refused.length} where a damaged disk is refused`]),
      `${good.length} good`,
    ];
    return `${machine}: ${found}, ${parts.join(", ")}.`;
  }
  if (bad === 0) {
    const sure = cap === null ? "every one is good" : "none that was met is bad";
    return `${machine}: ${found}, ${sure}.`;
  }
  return `${machine}: ${found}, ${bad} of them bad.`;
}

const CHECKS: Readonly<Record<Wrong["check"], string>> = {
  C4: "garbled entries",
  C8: "forgotten promise",
  C12: "indexes out of order",
  C15: "state is not the log's",
  C16: "recovery fails",
  C17: "recovery is not repeatable",
};

export function checkText(check: Wrong["check"]): string {
  return CHECKS[check];
}

const FAMILIES: Readonly<Record<Family, string>> = {
  violation: "bad",
  "assumption-broken": "bad by the disk",
  "unavailable-by-design": "refuses a damaged disk",
};

/** A verdict in a word or a few. */
export function familyText(family: Family | null): string {
  return family === null ? "good" : FAMILIES[family];
}

/** What is wrong with an outcome, in a few words; entries with other bytes are no mere forgetting. */
export function wrongText({ wrongs, servers }: Outcome): string {
  const isGarbled = servers.some(({ garbled }) => garbled.length > 0);
  const named = wrongs.map(({ check }) => checkText(isGarbled && check === "C8" ? "C4" : check));
  return [...new Set(named)].join(", ");
}

/** Outcomes apart by their verdict, in the order in which they were given. */
export function byVerdict(outcomes: readonly Outcome[]): {
  /** By the design; by a disk that broke an assumption; where a damaged disk is refused. */
  readonly bad: readonly Outcome[];
  readonly excused: readonly Outcome[];
  readonly refused: readonly Outcome[];
  readonly good: readonly Outcome[];
} {
  const of = (wanted: Family | null) => outcomes.filter(({ family }) => family === wanted);
  return {
    bad: of("violation"),
    excused: of("assumption-broken"),
    refused: of("unavailable-by-design"),
    good: of(null),
  };
}

/** "1.4e19", from decimal digits. */
function powerOfTen(count: string): string {
  const [one = "0", two = "0", three = "0"] = count;
  const rounded = (Number(`${one}${two}${three}`) / 100).toFixed(1);
  return rounded === "10.0" ? `1.0e${count.length}` : `${rounded}e${count.length - 1}`;
}
