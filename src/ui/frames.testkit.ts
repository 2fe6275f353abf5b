import type { Frame, LayerFrame, ServerFrame, Verdict } from "#sim/frame.ts";

/** A layer: "t2 vB 44/2 c43", a part left out is not kept ("-" for a vote: nobody). */
export function layer(text: string): LayerFrame {
  const part = (pattern: RegExp) => pattern.exec(text)?.[1] ?? null;
  const vote = part(/\bv(\S+)/);
  const [lastIndex = "0", lastTerm = "0"] = (part(/\b(\d+\/\d+)/) ?? "0/0").split("/");
  const term = part(/\bt(\d+)/);
  const commit = part(/\bc(\d+)/);
  return {
    currentTerm: term === null ? null : Number(term),
    votedFor: vote === null || vote === "-" ? null : vote,
    votedForKept: vote !== null,
    commitIndex: commit === null ? null : Number(commit),
    lastIndex: Number(lastIndex),
    lastTerm: Number(lastTerm),
    refused: null,
  };
}

export function server(id: string, changes: Partial<ServerFrame> = {}): ServerFrame {
  const memory = layer("t1 v- 1/1 c1");
  return {
    id,
    machine: id,
    incarnation: 1,
    process: "up",
    failure: null,
    role: "follower",
    leader: null,
    memory,
    written: memory,
    durable: memory,
    commitIndex: 1,
    lastApplied: 1,
    timer: null,
    firstIndex: 1,
    lastIndex: 1,
    log: [
      {
        index: 1,
        term: 1,
        text: "no-op",
        durability: "durable",
        committed: true,
        applied: true,
      },
    ],
    state: [],
    stateDigest: "0",
    held: 0,
    ...changes,
  };
}

export function frame(servers: readonly ServerFrame[], changes: Partial<Frame> = {}): Frame {
  return {
    step: 0,
    lastStep: 10,
    time: 0,
    machines: servers.map(({ id, machine }) => ({
      id: machine,
      power: "on",
      offBy: null,
      servers: [id],
      pending: 0,
    })),
    servers,
    messages: [],
    links: [],
    clients: [],
    feed: [],
    tombstones: [],
    ...changes,
  };
}

/** A verdict: broken first at a step; null: it holds. */
export function verdict(id: string, firstStep: number | null, text = ""): Verdict {
  return {
    id,
    title: id,
    family: "violation",
    holds: firstStep === null,
    firstStep,
    text,
    explanation: [],
    source: "",
  };
}
