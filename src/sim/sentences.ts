import { unreachable } from "#base/assert.ts";
import { brief, briefly, legible } from "#base/brief.ts";
import type { DiskOp, Path } from "#disk/types.ts";
import type { ClientOperation, Entry, Index, Message, Role, ServerId, Term } from "#raft/types.ts";
import type { FeedLine } from "./frame.ts";
import type { Observation, Observed } from "./observation.ts";

export interface Sentence {
  readonly text: string;
  readonly tone: FeedLine["tone"];
}

/** What the observations of a moment do not tell themselves. */
export interface SentenceContext {
  /** An entry in words: `set leader = A`. */
  describe(entry: Entry): string;
  /** What is known of its server; null: nothing is. */
  note(observation: Observation): Note | null;
  /** The observation of this sequence; null: it is not known any more. */
  recall(sequence: number): Observation | null;
}

/** A server at the end of the step; for `truncate` and `recovered`, as it was before. */
export interface Note {
  readonly term: Term;
  readonly role: Role;
  readonly applied: Index;
  readonly committed: Index;
  /** Who had voted for it in this term, itself included. */
  readonly votes: readonly ServerId[];
}

/** One observation in words: cause, effect, durability. Null: nothing that a reader wants told. */
export function sentence(seen: Observation, context: SentenceContext): Sentence | null {
  const told = toldOf(seen, context);
  return told === null ? null : { ...told, text: legible(told.text) };
}

function toldOf(seen: Observation, context: SentenceContext): Sentence | null {
  switch (seen.type) {
    case "boot":
      return plain(`${seen.machine} is switched on`);
    case "crash":
      return crash(seen);
    case "forsworn":
      return bad(
        `The disk of ${seen.machine} had lied: of what a sync called durable, ${effects(seen.effects)} ${seen.effects === 1 ? "is" : "are"} gone`,
      );
    case "disk-fault":
      return seen.refused === null
        ? warning(seen.text)
        : warning(`${seen.text}: that cannot be, ${seen.refused}`);
    case "disk-swap":
      return bad(`The disk of ${seen.machine} was swapped for an empty one`);
    case "stop":
      return plain(`${seen.server} was stopped gracefully`);
    case "recovered":
      return recovered(seen, context);
    case "failed":
      return bad(`${seen.server} ended itself: ${errorWords(seen)}`);
    case "role":
      return role(seen, context.note(seen));
    case "term":
      return seen.to < seen.from
        ? bad(`${seen.server} went back from term ${seen.from} to term ${seen.to}`)
        : plain(`${seen.server} moved on to term ${seen.to}`);
    case "vote":
      return vote(seen, context.note(seen));
    case "leader":
      return leader(seen);
    case "commit":
      return commit(seen, context.note(seen));
    case "applied-index":
      return seen.to < seen.from
        ? bad(`${seen.server} went back from lastApplied ${seen.from} to ${seen.to}`)
        : null;
    case "timer":
      return null;
    case "append":
      return seen.entries.length === 0
        ? null
        : plain(`${seen.server} appended ${entriesWords(seen.entries, context)}`);
    case "truncate":
      return truncate(seen, context.note(seen));
    case "rebase":
      return plain(rebaseWords(seen));
    case "members":
      return plain(
        `${seen.server} now takes ${listed([seen.server, ...seen.peers])} for the members`,
      );
    case "restored":
      return plain(
        `${seen.server} took over a state machine that was kept, with all entries up to ${seen.lastApplied} applied`,
      );
    case "apply":
      return plain(`${seen.server} applied ${seen.entry.index}: ${briefly(seen.text)}`);
    case "held":
      return plain(`${seen.server} holds back ${messageName(seen.message)} until it is released`);
    case "send":
      return {
        text: messageSentence(seen.message, seen.promise),
        tone: seen.promise === "not-durable" ? "warning" : "plain",
      };
    case "receive":
      return plain(received(seen.message));
    case "drop":
      return drop(seen);
    case "link":
      return seen.up
        ? plain(`${seen.a} and ${seen.b} are connected${because(seen.reason)}`)
        : warning(`${seen.a} and ${seen.b} lost their connection${because(seen.reason)}`);
    case "partition":
      return seen.cut
        ? warning(`A wall stops messages from ${seen.from} to ${seen.to}`)
        : good(`Messages from ${seen.from} reach ${seen.to} again`);
    case "disk":
      return disk(seen);
    case "read-error":
      return bad(
        `${seen.server} could not read ${fileName(seen.path, seen.server)} from byte ${seen.offset} on: ${seen.errno}`,
      );
    case "write-back":
      return plain(
        seen.by === "kernel"
          ? `The kernel of ${seen.machine} brought ${effects(seen.effects)} to the platter`
          : `${effects(seen.effects)} of ${seen.machine} ${seen.effects === 1 ? "was" : "were"} brought to the platter by hand`,
      );
    case "release":
      return seen.messages === 0
        ? null
        : plain(`${seen.server} lets ${counted(seen.messages, "held message")} go`);
    case "memory":
      return plain(`${seen.server}: ${seen.text}`);
    case "store":
      return plain(`${seen.server} hands ${seen.what} to its storage${valuesWords(seen.values)}`);
    case "invoke":
      return plain(
        `${seen.operation.client} asks ${seen.server}: ${operationWords(seen.operation)}`,
      );
    case "return":
      return returned(seen);
    case "notice":
      return {
        text: `${seen.server} logs: ${seen.text}`,
        tone: seen.severity === "critical" ? "bad" : "plain",
      };
    case "handler-error":
      return bad(`${seen.server} aborted its handler: ${errorWords(seen)}`);
    case "action":
      return plain(briefly(seen.text));
    case "narration":
      return { text: seen.text, tone: "story" };
    default:
      return unreachable(seen);
  }
}

/** A message as its sender would tell it, with whether the bytes behind its promise were durable as it left. */
export function messageSentence(message: Message, promise: Observed<"send">["promise"]): string {
  const { from, to, kind, success, entries } = message;
  switch (kind) {
    case "vote-request":
      return `${from} asks ${to} for its vote${inTerm(message)}${backing(message, promise)}`;
    case "vote-reply":
      if (success === false) return `${from} refused ${to} its vote${inTerm(message)}`;
      return from === to
        ? `${from} counts its own vote${inTerm(message)}${onDisk(promise)}`
        : `${from} granted ${to} its vote${inTerm(message)}${onDisk(promise)}`;
    case "append":
      return entries.length === 0
        ? `${from} sent ${to} a heartbeat`
        : `${from} sent ${to} ${rangeWords(entries)}${backing(message, promise)}`;
    case "append-reply":
      if (success === false) return `${from} told ${to} that its log does not reach that far`;
      return from === to
        ? `${from} counts its own log${upTo(message)}${onDisk(promise)}`
        : `${from} told ${to} that it holds the log${upTo(message)}${onDisk(promise)}`;
    case "snapshot":
      return `${from} sent ${to} a piece of its snapshot${backing(message, promise)}`;
    case "snapshot-reply":
      return success === false
        ? `${from} told ${to} that it could not use the snapshot`
        : `${from} told ${to} that it has the snapshot${onDisk(promise)}`;
    case "forward":
      return `${from} passed a client's request on to ${to}`;
    case "forward-reply":
      return `${from} answered ${to} about a client's request`;
    default:
      return unreachable(kind);
  }
}

/** A message as a thing of its sender: "its vote for B". */
export function messageName(message: Message): string {
  const { from, to, kind, success, entries } = message;
  if (from === to) return kind === "vote-reply" ? "its own vote" : "its own acknowledgement";
  switch (kind) {
    case "vote-request":
      return `its request for ${to}'s vote`;
    case "vote-reply":
      return success === false ? `its refusal to ${to}` : `its vote for ${to}`;
    case "append":
      return entries.length === 0 ? `its heartbeat to ${to}` : `its entries for ${to}`;
    case "append-reply":
      return success === false ? `its refusal to ${to}` : `its acknowledgement to ${to}`;
    case "snapshot":
      return `a piece of its snapshot for ${to}`;
    case "snapshot-reply":
      return `its answer about the snapshot to ${to}`;
    case "forward":
      return `a client's request for ${to}`;
    case "forward-reply":
      return `its answer to ${to}`;
    default:
      return unreachable(kind);
  }
}

/** What a client asks for: `set leader = A`. */
export function operationWords({ type, key, value, expected }: ClientOperation): string {
  switch (type) {
    case "write":
      return `set ${key} = ${valueWords(value)}`;
    case "read":
      return `read ${key}`;
    case "compare-and-set":
      return `set ${key} = ${valueWords(value)} if it ${expected === null ? "is absent" : `is ${brief(expected)}`}`;
    case "increment":
      return `add ${valueWords(value)} to ${key}`;
    case "add-server":
      return `add server ${key}`;
    case "remove-server":
      return `remove server ${key}`;
    default:
      return unreachable(type);
  }
}

/** "entry 44 of term 1", "entries 43..45 of terms 1 and 2". */
export function rangeWords(entries: readonly Entry[]): string {
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return "no entries";
  const terms = [...new Set(entries.map(({ term }) => String(term)))];
  const named = terms.length > 3 ? `${first.term} to ${last.term}` : listed(terms);
  return `${numbered(first.index, last.index)} of ${terms.length > 1 ? "terms" : "term"} ${named}`;
}

/** "A", "A and B", "A, B and C". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "nobody";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** Why messages to these servers did not arrive. */
export function whyLost(reason: Observed<"drop">["reason"], to: readonly ServerId[]): string {
  return {
    partition: "a wall is in between",
    loss: "the network dropped it",
    closed: "there is no connection",
    down: `${listed(to)} ${to.length === 1 ? "is" : "are"} down`,
    script: "dropped on purpose",
  }[reason];
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What a file is called inside its server's directory. */
export function fileName(file: Path, server: ServerId): string {
  return file.startsWith(`${server}/`) ? file.slice(server.length + 1) : file;
}

function crash({ machine, kind, servers, kept, lost }: Observed<"crash">): Sentence {
  const who = servers.length > 0 ? listed(servers) : machine;
  const what = {
    process: `The process of ${who} was killed`,
    os: `The operating system of ${machine} crashed`,
    power: `Power lost on ${machine}`,
  }[kind];
  if (kind === "process") return warning(`${what}: what it wrote is still in the page cache`);
  const survived = kept > 0 ? `, ${kept} had reached the platter` : "";
  if (lost > 0) return bad(`${what}: ${effects(lost)} gone${survived}`);
  return warning(kept > 0 ? `${what}: ${effects(kept)} survived` : `${what}: nothing was unsynced`);
}

function recovered(seen: Observed<"recovered">, context: SentenceContext): Sentence {
  const before = context.note(seen)?.term ?? 0;
  const last = seen.entries.at(-1);
  const lastIndex = last?.index ?? seen.baseIndex;
  const lastTerm = last?.term ?? seen.baseTerm;
  const forgot = before > seen.currentTerm;
  const parts = [
    `term ${seen.currentTerm}${forgot ? ` (it had been in term ${before})` : ""}`,
    seen.votedFor === null ? "no vote" : `its vote for ${seen.votedFor}`,
    lastIndex === 0 ? "an empty log" : `a log up to ${lastIndex} (term ${lastTerm})`,
    `commit index ${seen.commitIndex}`,
  ];
  const text = `${seen.server} came back from its disk with ${parts.join(", ")}`;
  return forgot ? bad(text) : plain(text);
}

function role({ server, from, to }: Observed<"role">, note: Note | null): Sentence {
  const term = note === null ? "" : ` in term ${note.term}`;
  switch (to) {
    case "leader": {
      const votes =
        note === null || note.votes.length === 0 ? "" : ` with the votes of ${listed(note.votes)}`;
      return good(`${server} became leader${note === null ? "" : ` of term ${note.term}`}${votes}`);
    }
    case "candidate":
      return plain(`${server} stands for election${term}`);
    case "pre-candidate":
      return plain(`${server} asks whether it could win an election`);
    case "follower":
      if (from === "leader") return warning(`${server} stepped down: it is a follower${term}`);
      return plain(`${server} is a follower${term}`);
    case "learner":
      return plain(`${server} is a learner`);
    default:
      return unreachable(to);
  }
}

function vote({ server, from, to }: Observed<"vote">, note: Note | null): Sentence | null {
  if (to === null) return null;
  const term = note === null ? "" : ` in term ${note.term}`;
  const text = `${server} voted for ${to === server ? "itself" : to}${term}`;
  return from === null ? plain(text) : warning(`${text}, after it had voted for ${from}`);
}

function leader({ server, from, to }: Observed<"leader">): Sentence | null {
  if (to === server) return null;
  if (to === null) return plain(`${server} knows no leader any more`);
  return plain(`${server} takes ${to} for the leader${from === null ? "" : ` instead of ${from}`}`);
}

function commit({ server, from, to }: Observed<"commit">, note: Note | null): Sentence {
  if (to < from) return bad(`${server} went back from commit index ${from} to ${to}`);
  const range = numbered(from + 1, to);
  return note?.role === "leader"
    ? good(`${server} committed ${range}`)
    : plain(`${server} learned that ${range} ${to > from + 1 ? "are" : "is"} committed`);
}

function truncate({ server, removed }: Observed<"truncate">, note: Note | null): Sentence | null {
  const first = removed[0];
  const last = removed.at(-1);
  if (first === undefined || last === undefined) return null;
  const text = `${server} cut ${rangeWords(removed)}`;
  const applied = note?.applied ?? 0;
  if (applied >= last.index) return bad(`${text}, already applied`);
  if (applied >= first.index) {
    return bad(`${text}, of which ${numbered(first.index, applied)} had been applied`);
  }
  if ((note?.committed ?? 0) >= first.index) return bad(`${text}, known to be committed`);
  return warning(text);
}

function rebaseWords({ server, reason, baseIndex, entries }: Observed<"rebase">): string {
  const kept = entries.length === 0 ? "no entries" : rangeWords(entries);
  return reason === "compaction"
    ? `${server} dropped its log up to ${baseIndex}, which its snapshot covers, and keeps ${kept}`
    : `${server} replaced its whole log by what a snapshot says: ${kept}`;
}

function received(message: Message): string {
  const { from, to, kind, success, entries } = message;
  switch (kind) {
    case "vote-request":
      return `${to} is asked by ${from} for its vote${inTerm(message)}`;
    case "vote-reply":
      return `${to} got ${success === false ? `a refusal from ${from}` : `the vote of ${from}`}${inTerm(message)}`;
    case "append":
      return entries.length === 0
        ? `${to} heard ${from}'s heartbeat`
        : `${to} got ${rangeWords(entries)} from ${from}`;
    case "append-reply":
      return success === false
        ? `${to} hears that ${from}'s log does not reach that far`
        : `${to} hears that ${from} holds the log${upTo(message)}`;
    case "snapshot":
      return `${to} got a piece of ${from}'s snapshot`;
    case "snapshot-reply":
      return success === false
        ? `${to} hears that ${from} could not use the snapshot`
        : `${to} hears that ${from} has the snapshot`;
    case "forward":
      return `${to} got a client's request from ${from}`;
    case "forward-reply":
      return `${to} got ${from}'s answer to a client's request`;
    default:
      return unreachable(kind);
  }
}

function drop({ message, reason }: Observed<"drop">): Sentence {
  const name = messageName(message).replace(/^(its|a client's)/, `${message.from}'s`);
  return warning(`${name} is lost: ${whyLost(reason, [message.to])}`);
}

function disk({ server, op, path, errno }: Observed<"disk">): Sentence | null {
  const file = fileName(path, server);
  if (errno !== null) return bad(`${server} could not ${intention(op, file, server)}: ${errno}`);
  switch (op.type) {
    case "open":
      return op.create || op.truncate ? plain(`${server} created ${file}`) : null;
    case "close":
      return null;
    case "write":
    case "store":
      return plain(
        `${server} wrote ${counted(op.bytes.length, "byte")} at ${op.offset} of ${file}, not synced`,
      );
    case "truncate":
      return plain(`${server} set the size of ${file} to ${op.size}, not synced`);
    case "rename":
      return plain(`${server} renamed ${file} to ${fileName(op.to, server)}, not synced`);
    case "unlink":
      return plain(`${server} removed ${file}, not synced`);
    case "sync":
    case "data-sync":
      return plain(`${server} synced ${file}: what it wrote there is on disk`);
    case "sync-directory":
      return plain(`${server} synced its directory: the names in it are on disk`);
    default:
      return unreachable(op);
  }
}

function intention(op: DiskOp, file: string, server: ServerId): string {
  switch (op.type) {
    case "open":
      return `open ${file}`;
    case "close":
      return `close ${file}`;
    case "write":
    case "store":
      return `write ${counted(op.bytes.length, "byte")} at ${op.offset} of ${file}`;
    case "truncate":
      return `set the size of ${file} to ${op.size}`;
    case "rename":
      return `rename ${file} to ${fileName(op.to, server)}`;
    case "unlink":
      return `remove ${file}`;
    case "sync":
    case "data-sync":
      return `sync ${file}`;
    case "sync-directory":
      return "sync its directory";
    default:
      return unreachable(op);
  }
}

function returned({ server, operation, result, entry }: Observed<"return">): Sentence {
  const asked = operationWords(operation);
  const { client } = operation;
  switch (result.outcome) {
    case "ok": {
      if (operation.type === "read") {
        return good(`${server} told ${client}: ${operation.key} = ${valueWords(result.value)}`);
      }
      const where = entry === null ? "" : `, entry ${entry.index} of term ${entry.term}`;
      return good(`${server} told ${client} OK: ${asked}${where}`);
    }
    case "failed":
      return warning(`${server} refused ${client}: ${asked} (${result.code})`);
    case "unknown":
      return warning(`${server} left ${client} in doubt: ${asked} (${result.code})`);
    default:
      return unreachable(result.outcome);
  }
}

function entriesWords(entries: readonly Entry[], context: SentenceContext): string {
  const shown = entries.slice(0, 2).map((entry) => briefly(context.describe(entry)));
  const more = entries.length - shown.length;
  const texts = `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
  return `${rangeWords(entries)}: ${texts}`;
}

function valueWords(value: string | null): string {
  return value === null ? "nothing" : brief(value);
}

function onDisk(promise: Observed<"send">["promise"]): string {
  return { nothing: "", durable: ", on disk", "not-durable": ", not on disk yet" }[promise];
}

/** For messages that say something else than what they promise. */
function backing({ obligation }: Message, promise: Observed<"send">["promise"]): string {
  if (promise === "nothing") return "";
  const owed = [
    ...(obligation.hardState === null ? [] : ["term and vote"]),
    ...(obligation.log === null ? [] : ["log"]),
  ];
  return `, its own ${owed.length === 0 ? "state" : listed(owed)} ${promise === "durable" ? "on disk" : "not on disk yet"}`;
}

function inTerm({ term }: Message): string {
  return term === null ? "" : ` in term ${term}`;
}

function upTo({ obligation }: Message): string {
  return obligation.log === null ? "" : ` up to ${obligation.log.index}`;
}

function numbered(first: Index, last: Index): string {
  return first >= last ? `entry ${last}` : `entries ${first}..${last}`;
}

function effects(count: number): string {
  return counted(count, "unsynced write");
}

function errorWords({ name, text }: { readonly name: string; readonly text: string }): string {
  return text === "" ? name : `${name}: ${text}`;
}

function because(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}

function valuesWords(values: Readonly<Record<string, number | string | null>>): string {
  const parts = Object.entries(values).map(([name, value]) => `${name} = ${value ?? "nothing"}`);
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

function plain(text: string): Sentence {
  return { text, tone: "plain" };
}

function good(text: string): Sentence {
  return { text, tone: "good" };
}

function warning(text: string): Sentence {
  return { text, tone: "warning" };
}

function bad(text: string): Sentence {
  return { text, tone: "bad" };
}
