import { distinct, groupBy, list, place } from "#audit/words.ts";
import type { ServerId } from "#raft/types.ts";
import { type Ending, endingFrom, type Life } from "./chronicle.ts";
import { say, type Tale } from "./tale.ts";

/** A server at a moment: whose life then, and the end of the one before, may matter. */
export interface Witness {
  readonly server: ServerId;
  readonly sequence: number;
}

/** The restart by which a server forgot what it had promised before. */
export function tellReturnBetween(
  tale: Tale,
  server: ServerId,
  from: number,
  to = tale.until,
): void {
  const life = tale.chronicle.lives.find(
    (each) => each.server === server && each.sequence > from && each.sequence < to,
  );
  if (life === undefined) return;
  const vote = life.votedFor === null ? "no vote" : `a vote for ${life.votedFor}`;
  const text = `${server} restarted at term ${life.currentTerm} and with ${vote}.`;
  say(tale, life.sequence, 90, text);
  tellEndingsOf(tale, [life]);
}

/** Votes that one life of a server gave and a later one gave again. */
export function tellLostVotes(
  tale: Tale,
  before: readonly Witness[],
  after: readonly Witness[],
): void {
  for (const early of before) {
    const late = after.find((each) => each.server === early.server);
    if (late !== undefined) tellReturnBetween(tale, early.server, early.sequence, late.sequence);
  }
}

/** Those among them that came back in a lower term than they had known, or with less, and what had stopped them. */
export function tellReturns(tale: Tale, witnesses: readonly Witness[]): void {
  const lives = new Set<Life>();
  for (const witness of witnesses) {
    const life = lifeOf(tale, witness);
    if (life !== null && (lostTerm(life) || lostEntries(life))) lives.add(life);
  }
  const inOrder = [...lives].sort((a, b) => a.sequence - b.sequence);
  for (const group of groupBy(inOrder, (life) => inReturn(life, false)).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const names = distinct(group.map(({ server }) => server));
    const text = `${list(names)} ${inReturn(first, names.length > 1)}`;
    say(tale, first.sequence, 85, text);
  }
  tellEndingsOf(tale, inOrder);
}

/** How the lives before the present ones ended. */
export function tellEndings(tale: Tale, servers: readonly ServerId[]): void {
  const lives = servers.map((server) => lifeOf(tale, { server, sequence: tale.until }));
  tellEndingsOf(
    tale,
    lives.filter((life) => life !== null),
  );
}

/** What ended the life before, of a server that did not come back from it. Returns when; null: not seen. */
export function tellLastEnding(tale: Tale, server: ServerId): number | null {
  const { history } = tale.chronicle;
  for (let at = tale.until - 1; at >= 0; at--) {
    const each = history[at];
    if (each?.type !== "crash" && each?.type !== "disk-swap" && each?.type !== "stop") continue;
    if (each.type === "stop" ? each.server !== server : !each.servers.includes(server)) continue;
    say(tale, at, 65, inEnding([{ server, ending: endingFrom(each) }]));
    return at;
  }
  return null;
}

/** What this server's recovery found, when commitIndex or the log's end had been further before. */
export function tellRecoveredIndexes(tale: Tale, server: ServerId): void {
  const life = lifeOf(tale, { server, sequence: tale.until });
  if (life === null || life.commitIndex <= life.logEnd.index) return;
  const text = `${server} restarted with commitIndex ${life.commitIndex} and a log that ends at ${place(life.logEnd)}.`;
  say(tale, life.sequence, 85, text);
  const commit = tale.chronicle.commits.findLast(
    (each) =>
      each.server === server && each.sequence < life.sequence && each.to >= life.commitIndex,
  );
  if (commit !== undefined) {
    say(tale, commit.sequence, 70, `${server} had reached commitIndex ${commit.to}.`);
  }
  tellEndingsOf(tale, [life]);
}

/** The life a server was in at a moment; null: its beginning was not seen. */
export function lifeOf(tale: Tale, { sequence, server }: Witness): Life | null {
  const isIt = (life: Life) => life.server === server && life.sequence <= sequence;
  return tale.chronicle.lives.findLast(isIt) ?? null;
}

function lostTerm({ currentTerm, logTerm, spokenTerm }: Life): boolean {
  return currentTerm < Math.max(logTerm, spokenTerm);
}

function lostEntries({ logEnd, logEndBefore }: Life): boolean {
  return logEndBefore !== null && logEnd.index < logEndBefore.index;
}

function inReturn(life: Life, isPlural: boolean): string {
  const { currentTerm, logEnd, logEndBefore, logTerm, spokenTerm } = life;
  const log = isPlural ? "each of their logs" : "its log";
  const less =
    lostEntries(life) && logEndBefore !== null
      ? `ends at ${place(logEnd)} and no more at ${place(logEndBefore)}`
      : null;
  if (!lostTerm(life)) return `restarted, and ${log} ${less}.`;
  let why = `${isPlural ? "they" : "it"} had spoken in term ${spokenTerm}`;
  if (spokenTerm <= logTerm) {
    const isLast = logEnd.term === logTerm;
    why = isLast
      ? `the last entry of ${log} is of term ${logTerm}`
      : `${log} holds an entry of term ${logTerm}`;
  }
  return `restarted at term ${currentTerm}, although ${why}${less === null ? "" : `; ${log} ${less}`}.`;
}

function tellEndingsOf(tale: Tale, lives: readonly Life[]): void {
  const ended: { readonly server: ServerId; readonly ending: Ending }[] = [];
  for (const { ending, server } of lives) if (ending !== null) ended.push({ server, ending });
  // What happened to several machines at one time is one thing.
  const events = groupBy(ended, ({ ending }) => `${ending.kind} ${ending.time}`);
  for (const group of events.values()) {
    const [first] = group;
    if (first !== undefined) say(tale, first.ending.sequence, 65, inEnding(group));
  }
}

function inEnding(group: readonly { server: ServerId; ending: Ending }[]): string {
  const servers = list(distinct(group.map(({ server }) => server)));
  const machines = distinct(group.map(({ ending, server }) => ending.machine ?? server));
  const lost = new Map(group.map(({ ending }) => [ending.sequence, ending.lost]));
  const effects = [...lost.values()].reduce((sum, each) => sum + each, 0);
  const where = `on ${machines.length > 1 ? "machines" : "machine"} ${list(machines)}`;
  const gone = effects === 0 ? "" : `: ${effects} unsynced write${effects > 1 ? "s" : ""} lost`;
  switch (group[0]?.ending.kind) {
    case "power loss":
      return `Power loss ${where}${gone}.`;
    case "OS crash":
      return `OS crash ${where}${gone}.`;
    case "process crash":
      return `Process crash ${where}.`;
    case "disk swap":
      return `Disk swap ${where}: all that was on ${machines.length > 1 ? "them" : "it"} is gone.`;
    case "failure":
      return `${servers} ended with an error of its own.`;
    default:
      return `${servers} ${group.length > 1 ? "were" : "was"} stopped.`;
  }
}
