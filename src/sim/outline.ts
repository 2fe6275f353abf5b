import type { ServerId } from "#raft/types.ts";
import type { Mark, Outline } from "./frame.ts";
import type { Observation, Observed } from "./observation.ts";
import { type Note, sentence } from "./sentences.ts";

/** What the scrubber needs, gathered while a run goes on. */
export interface OutlineBuilder {
  /** Virtual time of each step; grows by doubling. */
  times: Float64Array;
  steps: number;
  /** In order of steps. */
  readonly marks: Mark[];
  readonly bands: { step: number; term: number }[];
  readonly servers: Map<ServerId, ServerOutline>;
  /** Where entries were first claimed to be committed, until an apply tells whether they are a client's. */
  readonly commits: Map<number, Commit>;
}

interface ServerOutline {
  term: number;
  role: Observed<"role">["to"];
  isUp: boolean;
  applied: number;
  committed: number;
}

/** One advance of a leader's commit index. */
interface Commit {
  readonly step: number;
  readonly time: number;
  readonly server: ServerId;
  /** The first entry of a client in it, and the mark made for it. */
  told: { readonly first: number; readonly mark: Mark } | null;
}

export function createOutline(): OutlineBuilder {
  return {
    times: new Float64Array(256),
    steps: 1, // Step 0 is the moment before anything happened.
    marks: [],
    bands: [{ step: 0, term: 0 }],
    servers: new Map(),
    commits: new Map(),
  };
}

export function observeOutline(builder: OutlineBuilder, seen: Observation): void {
  if (seen.step >= builder.steps) reachStep(builder, seen.step, seen.time);
  switch (seen.type) {
    case "boot":
      mark(builder, "boot", seen, seen.machine);
      break;
    case "crash":
      mark(builder, "crash", seen, seen.machine);
      for (const server of seen.servers) end(builder, server);
      break;
    case "forsworn":
      mark(builder, "crash", seen, seen.machine);
      break;
    case "disk-swap":
      mark(builder, "action", seen, seen.machine);
      break;
    case "stop":
      end(builder, seen.server);
      break;
    case "failed":
      mark(builder, "crash", seen, seen.server);
      end(builder, seen.server);
      break;
    case "recovered":
      recover(builder, seen);
      break;
    case "role":
      serverOf(builder, seen.server).role = seen.to;
      if (seen.to === "leader") mark(builder, "election", seen, seen.server);
      break;
    case "term":
      changeTerm(builder, seen);
      break;
    case "commit":
      commit(builder, seen);
      break;
    case "applied-index":
      serverOf(builder, seen.server).applied = seen.to;
      break;
    case "apply":
      apply(builder, seen);
      break;
    case "truncate":
      if (seen.removed.length > 0) mark(builder, "truncate", seen, seen.server);
      break;
    case "return":
      mark(builder, "client", seen, seen.server);
      break;
    case "action":
      mark(builder, "action", seen, null);
      break;
    case "narration":
      mark(builder, "story", seen, null);
      break;
    default:
  }
}

/** Adds a mark that no observation makes (a violation), or one that was known late; marks stay in order of steps. */
export function addMark(builder: OutlineBuilder, added: Mark): void {
  const { marks } = builder;
  const last = marks.at(-1);
  if (last === undefined || last.step <= added.step) {
    marks.push(added);
    return;
  }
  const at = marks.findLastIndex(({ step }) => step <= added.step);
  marks.splice(at + 1, 0, added);
}

/** The outline so far; what is observed later does not change it. */
export function outlineOf(builder: OutlineBuilder): Outline {
  return {
    steps: builder.steps,
    times: builder.times.slice(0, builder.steps),
    marks: builder.marks.slice(),
    bands: builder.bands.map((band) => ({ ...band })),
  };
}

/** Steps in which nothing was observed are as late as the one before. */
function reachStep(builder: OutlineBuilder, step: number, time: number): void {
  if (step >= builder.times.length) {
    const longer = new Float64Array(Math.max(step + 1, 2 * builder.times.length));
    longer.set(builder.times);
    builder.times = longer;
  }
  builder.times.fill(builder.times[builder.steps - 1] ?? 0, builder.steps, step);
  builder.times[step] = time;
  builder.steps = step + 1;
}

function mark(
  builder: OutlineBuilder,
  kind: Mark["kind"],
  seen: Observation,
  server: string | null,
): void {
  const told = sentence(seen, {
    describe: () => "",
    recall: () => null,
    note: () => ("server" in seen ? noteOf(serverOf(builder, seen.server)) : null),
  });
  if (told === null) return;
  addMark(builder, { step: seen.step, time: seen.time, kind, server, text: told.text });
}

/** Who voted is not followed here: the election's mark goes without. */
function noteOf({ term, role, applied, committed }: ServerOutline): Note {
  return { term, role, applied, committed, votes: [] };
}

function recover(builder: OutlineBuilder, seen: Observed<"recovered">): void {
  const server = serverOf(builder, seen.server);
  server.isUp = true;
  server.role = "follower";
  server.term = seen.currentTerm;
  server.applied = seen.lastApplied;
  server.committed = seen.commitIndex;
  addBand(builder, seen.step);
}

function changeTerm(builder: OutlineBuilder, { server, to, step }: Observed<"term">): void {
  const changed = serverOf(builder, server);
  changed.term = to;
  changed.isUp = true;
  addBand(builder, step);
}

function end(builder: OutlineBuilder, id: ServerId): void {
  const server = serverOf(builder, id);
  server.isUp = false;
  server.role = "follower";
}

/** A crash alone makes no band: the next one begins when somebody is up again. */
function addBand({ servers, bands }: OutlineBuilder, step: number): void {
  let term = 0;
  for (const server of servers.values()) if (server.isUp) term = Math.max(term, server.term);
  if (bands.at(-1)?.step === step) bands.pop();
  if (bands.at(-1)?.term !== term) bands.push({ step, term });
}

function commit(builder: OutlineBuilder, seen: Observed<"commit">): void {
  const server = serverOf(builder, seen.server);
  server.committed = seen.to;
  if (server.role !== "leader") return;
  const { step, time } = seen;
  const made: Commit = { step, time, server: seen.server, told: null };
  for (let index = seen.from + 1; index <= seen.to; index++) builder.commits.set(index, made);
}

/** The leader's own apply tells what it committed; entries of one commit share a mark. */
function apply(builder: OutlineBuilder, { server, entry, key, text }: Observed<"apply">): void {
  const { commits, marks } = builder;
  const committed = commits.get(entry.index);
  if (committed === undefined || committed.server !== server) return;
  commits.delete(entry.index);
  if (key === null) return;
  const { step, time, told } = committed;
  const first = told?.first ?? entry.index;
  const words = told === null ? `${first}: ${text}` : `${first}..${entry.index}`;
  const made: Mark = { step, time, kind: "commit", server, text: `${server} committed ${words}` };
  if (told === null) addMark(builder, made);
  else marks[marks.lastIndexOf(told.mark)] = made;
  committed.told = { first, mark: made };
}

function serverOf({ servers }: OutlineBuilder, id: ServerId): ServerOutline {
  let server = servers.get(id);
  if (server === undefined) {
    server = { term: 0, role: "follower", isUp: false, applied: 0, committed: 0 };
    servers.set(id, server);
  }
  return server;
}
