import type { NotchReport } from "#hunt/types.ts";
import { counted } from "./sweep-words.ts";

// One event taken apart into what the machine does, one step after the other, and where power may fail between them.

/** What has been done when power fails at this notch, and what has not. */
export interface Reached {
  /** The micro-step before it; null: none of this event. */
  readonly before: string | null;
  /** The one after it; null: none is left. */
  readonly after: string | null;
  /** Messages of this event that have left. */
  readonly sent: number;
  /** Messages that were held back until now may leave. */
  readonly released: boolean;
  /** Writes of this event that no sync has covered yet. */
  readonly unsynced: number;
}

export function reachedAt(notches: readonly NotchReport[], at: number): Reached {
  let sent = 0;
  let unsynced = 0;
  let released = false;
  for (const { kind } of notches.slice(0, at)) {
    if (kind === "send") sent += 1;
    if (kind === "release") released = true;
    if (kind === "write") unsynced += 1;
    if (kind === "sync") unsynced = 0;
  }
  const before = notches[at - 1]?.text ?? null;
  return { before, after: notches[at]?.text ?? null, sent, released, unsynced };
}

/** What a crash at this notch means, in sentences. */
export function notchText(
  notches: readonly NotchReport[],
  at: number,
  kind: "os" | "power",
): string {
  const notch = notches[at];
  if (notch === undefined) return "";
  const what = kind === "power" ? "Power fails here" : "The system crashes here";
  return `${what}, ${placeText(reachedAt(notches, at))}: ${fateText(notch)}`;
}

function placeText({ before, after, sent, released, unsynced }: Reached): string {
  const place =
    before === null
      ? "before anything of this event is done"
      : after === null
        ? "after all of this event is done"
        : `after “${before}” and before “${after}”`;
  const state = [
    sent > 0 ? `${counted(sent, "message")} ${sent === 1 ? "has" : "have"} left` : null,
    released ? "what was held back has left" : null,
    unsynced > 0
      ? `${counted(unsynced, "write")} ${unsynced === 1 ? "is" : "are"} not synced`
      : null,
  ].filter((each) => each !== null);
  return state.length === 0 ? place : `${place}; ${state.join(", ")}`;
}

function fateText({ verdict, wrongs, outcomes, bad, server }: NotchReport): string {
  if (verdict === "safe") {
    const all = outcomes === 1 ? "the one outcome is good" : `all ${outcomes} outcomes are good`;
    return `${server} boots and keeps what it promised; ${all}.`;
  }
  const worst = wrongs.map(({ text }) => text).join(" ");
  const share =
    outcomes === 1 ? "" : ` ${bad} of ${outcomes} outcomes ${bad === 1 ? "is" : "are"} bad.`;
  return `${worst}${share}`;
}

/** So many reads in a row are told one by one; more of them are one place, for a crash makes no difference between them. */
const READS_MOST = 3;

/** The notches with long runs of reads folded: recovery reads a journal record by record. */
export function foldReads(notches: readonly NotchReport[]): readonly NotchReport[] {
  const folded: NotchReport[] = [];
  for (let at = 0; at < notches.length; ) {
    const first = notches[at];
    if (first === undefined) break;
    const end = runEnd(notches, at);
    const many = end - at;
    if (many > READS_MOST) {
      folded.push({ ...first, text: `${first.text}, and ${many - 1} reads more` });
    } else {
      folded.push(...notches.slice(at, end));
    }
    at = end;
  }
  return folded;
}

/** Where the run of reads that come to the same ends; for anything else, right behind it. */
function runEnd(notches: readonly NotchReport[], at: number): number {
  const first = notches[at];
  let end = at + 1;
  while (first?.kind === "read" && isSame(first, notches[end])) end += 1;
  return end;
}

function isSame(one: NotchReport, other: NotchReport | undefined): boolean {
  return (
    other?.kind === one.kind &&
    other.verdict === one.verdict &&
    other.outcomes === one.outcomes &&
    other.bad === one.bad
  );
}

/** The machines that have notches in this event, in order of their first. */
export function machinesIn(notches: readonly NotchReport[]): readonly string[] {
  return [...new Set(notches.map(({ machine }) => machine))];
}

/** Where the handle stands at first: at the first notch that is unsafe, else at the start. */
export function firstNotch(notches: readonly NotchReport[]): number {
  return Math.max(
    0,
    notches.findIndex(({ verdict }) => verdict === "unsafe"),
  );
}
