import type { Outcome, RecoveredServer } from "#hunt/types.ts";
import type { ServerFrame } from "#sim/frame.ts";

// What a boot from a crash state gives back, beside what the server held in memory as the power failed.

/** `kept`: as it was. `lost`: not there any more. `changed`: something else stands there. `risen`: it was not there before. */
export type Fate = "kept" | "lost" | "changed" | "risen";

export interface ServerPicture {
  readonly server: string;
  /** Null: it boots. */
  readonly failure: string | null;
  readonly term: { readonly value: number; readonly was: number | null; readonly fate: Fate };
  /** Null: for nobody. */
  readonly vote: {
    readonly value: string | null;
    readonly was: string | null;
    readonly fate: Fate;
  };
  /** The last indexes of the log, in order. */
  readonly cells: readonly PictureCell[];
  /** Entries before those: how many were in memory. */
  readonly earlier: number;
  /** Of all entries that the frame tells of: how many, by their fate. */
  readonly counts: Readonly<Record<Fate, number>>;
}

export interface PictureCell {
  readonly index: number;
  /** Of what is there after the boot; of what was there, where that is lost. */
  readonly term: number;
  readonly fate: Fate;
}

/** The pictures of an outcome, one a server. `servers`: as they were in the frame of that step. */
export function pictureOf(
  { servers: recovered }: Pick<Outcome, "servers">,
  servers: readonly ServerFrame[],
  width: number,
): readonly ServerPicture[] {
  return recovered.map((after) => {
    const before = servers.find(({ id }) => id === after.server) ?? null;
    return serverPicture(after, before, width);
  });
}

/** A picture in words: "term 6 kept, vote for B lost, entries 1 to 42 kept, 43 and 44 lost". */
export function pictureText({ server, failure, term, vote, counts }: ServerPicture): string {
  if (failure !== null) return `${server} does not boot: ${failure}`;
  const was = (fate: Fate, value: unknown) => (fate === "kept" ? "" : ` (was ${value ?? "none"})`);
  const entries = (["kept", "lost", "changed", "risen"] as const)
    .filter((fate) => counts[fate] > 0)
    .map((fate) => `${counts[fate]} ${FATE_WORDS[fate]}`);
  return [
    `${server} boots`,
    `term ${term.value}${was(term.fate, term.was)}`,
    `vote ${vote.value === null ? "for nobody" : `for ${vote.value}`}${was(vote.fate, vote.was)}`,
    entries.length === 0 ? "no entries" : `entries: ${entries.join(", ")}`,
  ].join(", ");
}

export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  kept: "kept",
  lost: "lost",
  changed: "changed",
  risen: "back from the dead",
};

function serverPicture(
  { server, failure, currentTerm, votedFor, log, garbled }: RecoveredServer,
  before: ServerFrame | null,
  width: number,
): ServerPicture {
  const known = before === null ? null : before.process === "up" ? before.memory : before.written;
  const cells = cellsOf(log, before).map((cell) =>
    garbled.includes(cell.index) ? { ...cell, fate: "changed" as const } : cell,
  );
  const counts = { kept: 0, lost: 0, changed: 0, risen: 0 };
  for (const { fate } of cells) counts[fate] += 1;
  const shown = cells.slice(Math.max(0, cells.length - width));
  const first = shown[0]?.index ?? 1;
  return {
    server,
    failure,
    term: fated(currentTerm, known?.currentTerm ?? null),
    vote: voteFate(votedFor, known?.votedFor ?? null),
    cells: shown,
    earlier: Math.max(0, first - (before?.firstIndex ?? first)),
    counts,
  };
}

function fated(value: number, was: number | null): ServerPicture["term"] {
  if (was === null || was === value) return { value, was, fate: "kept" };
  return { value, was, fate: value < was ? "lost" : "changed" };
}

function voteFate(value: string | null, was: string | null): ServerPicture["vote"] {
  if (value === was) return { value, was, fate: "kept" };
  if (value === null) return { value, was, fate: "lost" };
  return { value, was, fate: was === null ? "risen" : "changed" };
}

/** Every index that the frame tells of or that came back, in order. */
function cellsOf(log: RecoveredServer["log"], before: ServerFrame | null): PictureCell[] {
  const was = before?.log ?? [];
  const lowest = was[0]?.index ?? before?.firstIndex ?? log[0]?.from ?? 1;
  const highest = Math.max(was.at(-1)?.index ?? 0, log.at(-1)?.to ?? 0);
  const cells: PictureCell[] = [];
  for (let index = Math.max(lowest, highest - CELLS_MOST + 1); index <= highest; index++) {
    const old = was[index - (was[0]?.index ?? 0)]?.term ?? null;
    const now = log.find(({ from, to }) => from <= index && index <= to)?.term ?? null;
    if (now === null && old === null) continue;
    cells.push({ index, term: now ?? old ?? 0, fate: entryFate(now, old) });
  }
  return cells;
}

function entryFate(now: number | null, old: number | null): Fate {
  if (now === null) return "lost";
  if (old === null) return "risen";
  return now === old ? "kept" : "changed";
}

/** A recovery that reads garbage may speak of any index. */
const CELLS_MOST = 200;
