import type { Scenario } from "#scenario/types.ts";
import type { FeedLine, Outline } from "#sim/frame.ts";
import { actionText } from "./words.ts";

// What the page tells at a step: the author's story where it can be true, and for a moment what was done by hand.

type Script = Scenario["script"];

/** Something that the user did, and the step of one side at which it was done. */
export interface HandMade {
  readonly step: number;
  readonly text: string;
}

interface Told {
  readonly text: string;
  readonly by: "author" | "you" | "nobody";
}

/** Scripts as their runs began, for scenarios that are not of the library. */
const begun = new Map<string, Script>();
/** Scripts of the library, by title. */
const inLibrary = new Map<string, Script | null>();
let consult: (title: string) => Script | null = () => null;

/** The library is here: from now on whoever asks for an author's script gets it from there. */
export function consultLibrary(scriptOf: (title: string) => Script | null): void {
  if (consult === scriptOf) return;
  consult = scriptOf;
  inLibrary.clear();
}

/** This scenario is of the library, though the library itself may not be here yet. */
export function knowFromLibrary({ title, script }: Pick<Scenario, "title" | "script">): void {
  inLibrary.set(title, script);
}

/** The script as its author wrote it: of the library, else as it was when the run was first seen here. */
export function authorsScript(run: string | null, { title, script }: Scenario): Script {
  const known = scriptFromLibrary(title) ?? (run === null ? script : begun.get(run));
  if (known !== undefined) return known;
  if (run !== null) begun.set(run, script);
  return script;
}

function scriptFromLibrary(title: string): Script | null {
  const known = inLibrary.get(title);
  if (known !== undefined) return known;
  const found = consult(title);
  inLibrary.set(title, found);
  return found;
}

/** What the script holds beyond its author's, by the steps of a side, in order. */
export function handMade(script: Script, author: Script, { marks, times }: Outline): HandMade[] {
  const written = new Map<string, number>();
  for (const each of author) {
    const key = JSON.stringify(each);
    written.set(key, (written.get(key) ?? 0) + 1);
  }
  const made = script.flatMap((each) => {
    const key = JSON.stringify(each);
    const left = written.get(key) ?? 0;
    written.set(key, left - 1);
    const { anchor, action } = each;
    if (left > 0 || anchor.type !== "at") return [];
    const { time } = anchor;
    const mark = marks.findLast((other) => other.kind === "action" && other.time === time);
    const step = mark?.step ?? times.findIndex((other) => other >= time);
    return step < 0 ? [] : [{ step, text: actionText(action) }];
  });
  return made.sort((one, other) => one.step - other.step);
}

/** What was done by hand, and which of the author's sentences come whether or not what they tell of has happened. */
export interface Telling {
  readonly made: readonly HandMade[];
  readonly timed: ReadonlySet<string>;
}

/** The sentences that the author's script has at fixed times; all others wait for what they tell of. */
export function timedSentences(author: Script): ReadonlySet<string> {
  return new Set(
    author.flatMap(({ anchor, action }) =>
      anchor.type === "at" && action.type === "narrate" ? [action.text] : [],
    ),
  );
}

/** May a sentence of the author's still be true? After a hand's work those at fixed times may not. */
export function isTold(
  { made, timed }: Telling,
  { step, text }: { readonly step: number; readonly text: string },
): boolean {
  const first = made[0];
  return first === undefined || step < first.step || !timed.has(text);
}

/** So long after something was done by hand the caption speaks of it. Microseconds of virtual time. */
const MOMENT = 1_000_000;

/** The caption of a step: of the author's story and of what was done by hand, whichever is newer. */
export function storyAt(
  { marks, times }: Outline,
  telling: Telling,
  step: number,
  about: string,
): Told {
  const mine = telling.made.findLast((each) => each.step <= step);
  const story = marks.findLast(
    (mark) => mark.kind === "story" && mark.step <= step && isTold(telling, mark),
  );
  if (mine === undefined || (story !== undefined && story.step > mine.step)) {
    return story === undefined ? { text: about, by: "nobody" } : { text: story.text, by: "author" };
  }
  const passed = (times[step] ?? 0) - (times[mine.step] ?? 0);
  return passed > MOMENT
    ? { text: "", by: "nobody" }
    : { text: `You: ${mine.text}, at step ${mine.step}.`, by: "you" };
}

const TONES: Readonly<Record<FeedLine["tone"], number>> = {
  bad: 0,
  warning: 1,
  good: 2,
  plain: 3,
  story: 9,
};
/** What a system writes to its own log, and what happens all the time. */
const BACKGROUND = /^\S+ logs: |heartbeat/;
/** How something is brought to disk: told after what is brought there. */
const DISK_WORK = /^\S+ (wrote|synced|created|renamed|removed|set the size) /;

/** The line that says most about its step: what went wrong first, the background last. */
export function weightiest(feed: readonly FeedLine[]): FeedLine | null {
  let best: FeedLine | null = null;
  for (const line of feed) {
    if (line.tone !== "story" && (best === null || rank(line) < rank(best))) best = line;
  }
  return best;
}

function rank({ tone, text }: FeedLine): number {
  if (BACKGROUND.test(text)) return 8;
  return tone === "plain" && DISK_WORK.test(text) ? 5 : TONES[tone];
}
