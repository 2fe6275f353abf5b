import type {
  Family,
  MachineSweep,
  MeterRow,
  NotchReport,
  Outcome,
  RecoveredServer,
} from "#hunt/types.ts";

/** "B t6 vote=A log=1-42@5,43@6 garbled=43", or "B fails: a record of size 0". */
export function recovered(text: string): RecoveredServer {
  const [server = ""] = text.split(" ");
  const log = (/ log=(\S+)/.exec(text)?.[1]?.split(",") ?? []).map((each) => {
    const [, from = "0", to, term = "0"] = /^(\d+)(?:-(\d+))?@(\d+)$/.exec(each) ?? [];
    return { term: Number(term), from: Number(from), to: Number(to ?? from) };
  });
  return {
    server,
    failure: / fails: (.*)$/.exec(text)?.[1] ?? null,
    currentTerm: Number(/ t(\d+)/.exec(text)?.[1] ?? 0),
    votedFor: / vote=(\w+)/.exec(text)?.[1] ?? null,
    log,
    garbled: (/ garbled=(\S+)/.exec(text)?.[1]?.split(",") ?? []).map(Number),
  };
}

/** `wrong`: what is wrong with it; left out: it is good. */
export function outcome(
  text: string,
  wrong?: string,
  family: Family | null = wrong === undefined ? null : "violation",
): Outcome {
  const servers = text.split("; ").map(recovered);
  const [first] = servers;
  return {
    id: text,
    text,
    servers,
    good: family === null,
    family,
    fate: wrong === undefined ? "boots" : "boots-having-forgotten",
    because: wrong ?? null,
    wrongs:
      wrong === undefined || family === null
        ? []
        : [{ check: "C8", family, server: first?.server ?? "", text: wrong }],
    recoveries: 1,
    witness: [],
    difference: null,
  };
}

export function machineSweep(more: Partial<MachineSweep> = {}): MachineSweep {
  return {
    machine: "A",
    servers: ["A"],
    policy: "adversarial",
    pieces: 3,
    states: { count: "8", exact: true },
    recoveries: 8,
    cap: null,
    outcomes: [],
    fates: [],
    ...more,
  };
}

/** "write raft.wal", "sync raft.wal !forgets its vote": the step that comes next; `!` says what is wrong right before it. */
export function notches(...texts: readonly string[]): NotchReport[] {
  return texts.map((each, notch) => {
    const [text = "", wrong] = each.split(" !");
    const [kind = "other"] = text.split(" ");
    const known = ["read", "mutate", "write", "sync", "release", "send"].includes(kind);
    return {
      server: "B",
      machine: "B",
      notch,
      kind: known ? (kind as NotchReport["kind"]) : "other",
      text,
      time: 1000,
      order: 0,
      verdict: wrong === undefined ? "safe" : "unsafe",
      outcomes: 2,
      bad: wrong === undefined ? 0 : 1,
      wrongs:
        wrong === undefined ? [] : [{ check: "C8", family: "violation", server: "B", text: wrong }],
      witness: [],
    };
  });
}

/** "strict os 3/8", with a "+" where it was capped. */
export function meterRow(text: string, ...reasons: readonly string[]): MeterRow {
  const [, policy, kind, bad, outcomes, capped] =
    /^(\S+) (os|power) (\d+)\/(\d+)(\+?)$/.exec(text) ?? [];
  return {
    machine: "A",
    policy: policy as MeterRow["policy"],
    kind: kind as MeterRow["kind"],
    pieces: 4,
    states: { count: "16", exact: true },
    recoveries: 16,
    capped: capped === "+",
    outcomes: Number(outcomes),
    bad: Number(bad),
    ...{ excused: 0, refused: 0 },
    reasons: reasons.map((reason) => ({ text: reason, family: "violation", outcomes: 1 })),
  };
}
