import type { FeedLine, Mark } from "#sim/frame.ts";

/** A line of the feed: of a step that was shown, or a mark of one that was not. */
export interface FeedItem {
  readonly key: string;
  readonly step: number;
  readonly time: number;
  readonly server: string | null;
  readonly tone: FeedLine["tone"] | "violation";
  readonly text: string;
}

const TONES: Readonly<Record<Mark["kind"], FeedItem["tone"]>> = {
  boot: "plain",
  crash: "warning",
  election: "plain",
  commit: "good",
  truncate: "warning",
  violation: "violation",
  caution: "warning",
  client: "plain",
  action: "plain",
  story: "story",
};

/** No line of a step tells these. */
const BY_AUDITOR: readonly Mark["kind"][] = ["violation", "caution"];

/** Every line that is known, in order: of steps that were shown all, of others their marks. */
export function feedItems(
  lines: ReadonlyMap<number, readonly FeedLine[]>,
  marks: readonly Mark[],
): readonly FeedItem[] {
  const items: FeedItem[] = [];
  const crashes = new Set(marks.filter(({ kind }) => kind === "crash").map(({ step }) => step));
  for (const [at, mark] of marks.entries()) {
    if (lines.has(mark.step) && !BY_AUDITOR.includes(mark.kind)) continue;
    // The crash tells what was done, and what it did.
    if (mark.kind === "action" && crashes.has(mark.step) && !mark.text.includes("restart"))
      continue;
    const { step, time, server, text, kind } = mark;
    items.push({ key: `m${at}`, step, time, server, tone: TONES[kind], text });
  }
  for (const [step, feed] of lines) {
    for (const { sequence, time, server, tone, text } of feed) {
      items.push({ key: `l${sequence}`, step, time, server, tone, text });
    }
  }
  return items.sort((one, other) => one.step - other.step);
}

/** The place of the last item that is not later than a step; -1: none. */
export function lastItemAt(items: readonly FeedItem[], step: number): number {
  return items.findLastIndex((item) => item.step <= step);
}
