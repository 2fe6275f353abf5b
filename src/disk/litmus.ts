import { crashImage } from "./crash.ts";
import { createDisk, installFile } from "./disk.ts";
import { ascii, LITMUS_ROWS, type LitmusCase, VOTE_ROWS } from "./litmus-rows.ts";
import { callText } from "./litmus-words.ts";
import { perform } from "./perform.ts";
import type { Implications } from "./pieces.ts";
import { implicationsOf } from "./rules.ts";
import { POLICIES, type Policy } from "./types.ts";

/** A table of what each policy may leave of short sequences of calls. Plain data. */
export interface LitmusTable {
  readonly id: "litmus" | "vote";
  readonly title: string;
  readonly policies: readonly Policy[];
  readonly rows: readonly LitmusRow[];
}

export interface LitmusRow {
  readonly id: string;
  readonly title: string;
  /** The calls, one each, in words. */
  readonly steps: readonly string[];
  /** What it teaches, in one sentence. */
  readonly lesson: string;
  /** By policy, in the table's order: all that a crash may leave, in words. */
  readonly outcomes: readonly (readonly LitmusOutcome[])[];
}

export interface LitmusOutcome {
  readonly text: string;
  /** No author of a journal wants it. */
  readonly harmful: boolean;
}

/**
 * One row a hazard that the author of a journal must know, with all that a crash of the operating system may leave, found by
 * trying every closed set. In the manner of Bornholt et al., "Specifying and Checking File System Crash-Consistency Models"
 * (ASPLOS 2016).
 */
export function litmusMatrix(): LitmusTable {
  const title = "What a crash of the operating system may leave of short sequences of calls";
  return tableOf("litmus", title, LITMUS_ROWS);
}

/** The same for the ways in which servers save their term and vote. */
export function voteMatrix(): LitmusTable {
  const title = "What it may leave of a vote: term 6, vote 2 in place of term 5, vote 1";
  return tableOf("vote", title, VOTE_ROWS);
}

function tableOf(id: LitmusTable["id"], title: string, cases: readonly LitmusCase[]): LitmusTable {
  return { id, title, policies: POLICIES, rows: cases.map(rowOf) };
}

function rowOf(litmus: LitmusCase): LitmusRow {
  const { id, title, ops, after, lesson } = litmus;
  const steps = [...ops.map(callText), ...(after === undefined ? [] : [after])];
  return {
    id,
    title,
    steps,
    lesson,
    outcomes: POLICIES.map((policy) => outcomesOf(policy, litmus)),
  };
}

/** In the order in which the row lists its words, so that what is harmless comes first. */
function outcomesOf(policy: Policy, { files, ops, shows, words }: LitmusCase): LitmusOutcome[] {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null });
  for (const [path, content] of Object.entries(files)) installFile(disk, path, ascii(content));
  for (const [i, op] of ops.entries()) perform(disk, op, i);
  const found = new Set(
    closedSets(implicationsOf(disk, "os")).map((kept) => shows(crashImage(disk, kept, "os"))),
  );
  const known = Object.keys(words);
  return [...found]
    .sort((a, b) => known.indexOf(a) - known.indexOf(b))
    .map((text) => ({ text, harmful: words[text] !== "fine" }));
}

/** All that may survive, by numbers of pieces. For a handful of pieces: they are all tried. */
function closedSets({ pieces, starts, needs }: Implications): readonly (readonly number[])[] {
  let sets: readonly (readonly number[])[] = [[]];
  for (let i = 0; i < pieces.length; i++) {
    const own = needs.slice(starts[i], starts[i + 1]);
    const grown = sets
      .filter((kept) => own.every((needed) => kept.includes(needed)))
      .map((kept) => [...kept, i]);
    sets = [...sets, ...grown];
  }
  return sets.map((kept) => kept.map((i) => pieces[i]?.sequence ?? 0));
}
