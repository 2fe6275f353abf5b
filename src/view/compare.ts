import type { Frame, Mark, Outline, ServerFrame } from "#sim/frame.ts";

/** Where two runs of one script differ, in words for each side. */
export interface Difference {
  /** The server it is about. */
  readonly server: string;
  readonly what: "process" | "role" | "term" | "vote" | "log" | "commit" | "state";
  readonly left: string;
  readonly right: string;
}

/** Where two frames differ, server by server; the most basic difference first. */
export function compareFrames(left: Frame, right: Frame): readonly Difference[] {
  const others = new Map(right.servers.map((server) => [server.id, server]));
  return left.servers.flatMap((server) => {
    const other = others.get(server.id);
    return other === undefined ? [] : compareServers(server, other);
  });
}

/** The first step at which two runs part, as far as times, terms and marks tell; null: they never do. */
export function firstDifferingStep(left: Outline, right: Outline): number | null {
  const byTime = firstDifferingTime(left.times, right.times);
  const byMark = firstDifferingMark(left.marks, right.marks);
  const byBand = firstDifferingBand(left.bands, right.bands);
  const first = Math.min(byTime, byMark, byBand);
  return Number.isFinite(first) ? first : null;
}

function compareServers(left: ServerFrame, right: ServerFrame): Difference[] {
  const found: Difference[] = [];
  const tell = (what: Difference["what"], inWords: (server: ServerFrame) => string) => {
    const [one, other] = [inWords(left), inWords(right)];
    if (one !== other) found.push({ server: left.id, what, left: one, right: other });
  };
  tell("process", ({ process, failure }) =>
    failure === null ? process : `${process}: ${failure}`,
  );
  if (left.process === "up" && right.process === "up") {
    tell("role", ({ role, leader }) =>
      role === "leader" || leader === null ? role : `${role} of ${leader}`,
    );
    tell("term", ({ memory }) => `term ${memory.currentTerm ?? "unknown"}`);
    tell("vote", ({ memory }) =>
      memory.votedFor === null ? "voted for nobody" : `voted for ${memory.votedFor}`,
    );
  }
  tell("log", logInWords);
  if (left.process === "up" && right.process === "up") {
    tell("commit", ({ commitIndex }) => `committed up to ${commitIndex}`);
    const keys = differingKeys(left, right);
    if (keys.length > 0) tell("state", (server) => stateInWords(server, keys));
  }
  return found;
}

/** The log's end, and where it differs inside, the terms there. */
function logInWords({ log, lastIndex }: ServerFrame): string {
  if (lastIndex === 0) return "an empty log";
  const stretches: { from: number; to: number; term: number }[] = [];
  for (const { index, term } of log) {
    const last = stretches.at(-1);
    if (last !== undefined && last.term === term) last.to = index;
    else stretches.push({ from: index, to: index, term });
  }
  const shown = stretches.slice(-3).map(({ from, to, term }) => {
    return `${from === to ? from : `${from}..${to}`} of term ${term}`;
  });
  return `log up to ${lastIndex}: ${shown.join(", ")}`;
}

function differingKeys(left: ServerFrame, right: ServerFrame): string[] {
  const [one, other] = [valuesOf(left), valuesOf(right)];
  const keys = new Set([...one.keys(), ...other.keys()]);
  return [...keys].sort().filter((key) => one.get(key) !== other.get(key));
}

function stateInWords(server: ServerFrame, keys: readonly string[]): string {
  const values = valuesOf(server);
  const shown = keys.slice(0, 3).map((key) => {
    const value = values.get(key);
    return value === undefined ? `no ${key}` : `${key} = ${value}`;
  });
  const more = keys.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function valuesOf({ state }: ServerFrame): Map<string, string> {
  return new Map(state.map(({ key, value }) => [key, value]));
}

function firstDifferingTime(left: Outline["times"], right: Outline["times"]): number {
  const shared = Math.min(left.length, right.length);
  for (let step = 0; step < shared; step++) if (left[step] !== right[step]) return step;
  return left.length === right.length ? Number.POSITIVE_INFINITY : shared;
}

function firstDifferingMark(left: readonly Mark[], right: readonly Mark[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at], right[at]];
    const same =
      one?.step === other?.step && one?.kind === other?.kind && one?.text === other?.text;
    if (!same) return earlier(one, other);
  }
  return Number.POSITIVE_INFINITY;
}

function firstDifferingBand(left: Outline["bands"], right: Outline["bands"]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at], right[at]];
    if (one?.step !== other?.step || one?.term !== other?.term) return earlier(one, other);
  }
  return Number.POSITIVE_INFINITY;
}

function earlier(
  one: { readonly step: number } | undefined,
  other: { readonly step: number } | undefined,
): number {
  return Math.min(one?.step ?? Number.POSITIVE_INFINITY, other?.step ?? Number.POSITIVE_INFINITY);
}
