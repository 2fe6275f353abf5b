import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import {
  type ClientOperation,
  type Entry,
  type Message,
  type MessageKind,
  NOTHING_OWED,
  type Obligation,
} from "#raft/types.ts";
import type { DiskContents } from "#system/contract.ts";
import type { Plan } from "./faults.ts";
import type { Look, Moment } from "./fold.ts";
import type { Happening, Observation } from "./observation.ts";

/** "44@1:x=5" is entry 44 of term 1, which sets x to 5; "44@1" is a no-op. */
export function entry(text: string): Entry {
  const [, index, term, command] = /^(\d+)@(\d+)(?::(.*))?$/.exec(text) ?? [];
  if (index === undefined) throw new Error(`not an entry: ${text}`);
  return { index: Number(index), term: Number(term), command: encodeUtf8(command ?? "") };
}

/** "43@1:x=1 44@1". */
export function entries(text: string): Entry[] {
  return text === "" ? [] : text.split(" ").map(entry);
}

export function describe({ command }: Entry): string {
  const text = decodeUtf8(command) ?? "";
  return text === "" ? "no-op" : `set ${text.replace("=", " = ")}`;
}

/** Observations out of happenings: a list for each step, the first of which is step 1; a millisecond for each step. */
export function trace(...steps: readonly (readonly Happening[])[]): Observation[] {
  let sequence = 0;
  return steps.flatMap((step, at) =>
    step.map((happening) => ({
      ...happening,
      sequence: sequence++,
      step: at + 1,
      time: 1000 * (at + 1),
      cause: null,
    })),
  );
}

export function plan(servers = "A B C"): Plan {
  return {
    system: "reference",
    bugs: [],
    options: {},
    machines: servers.split(" ").map((id) => ({
      id,
      clockOffset: 0,
      clockDrift: 0,
      servers: [{ id, address: `${id}:1` }],
      files: [],
    })),
    network: { delayMin: 0, delayMax: 0, lossPerMille: 0, duplicatePerMille: 0 },
    disk: {
      policy: "strict",
      sectorSize: 512,
      writeBack: null,
      writeTime: 0,
      syncTime: 0,
      admits: ["power"],
    },
    seed: 1,
    choices: {},
    script: [],
    until: 1_000_000,
  };
}

export function boots(machine: string): Happening {
  return { type: "boot", machine };
}

/** What a server comes back with: "t2 vote=B log=1@1,2@1:x=1 commit=2 life=2". */
export function recovers(server: string, text = ""): Happening {
  const log = (/log=(\S+)/.exec(text)?.[1] ?? "").replaceAll(",", " ");
  return {
    type: "recovered",
    server,
    incarnation: Number(/life=(\d+)/.exec(text)?.[1] ?? 1),
    currentTerm: Number(/t(\d+)/.exec(text)?.[1] ?? 0),
    votedFor: /vote=(\S+)/.exec(text)?.[1] ?? null,
    commitIndex: Number(/commit=(\d+)/.exec(text)?.[1] ?? 0),
    lastApplied: 0,
    baseIndex: 0,
    baseTerm: 0,
    entries: entries(log),
  };
}

export function becomes(
  server: string,
  to: "follower" | "candidate" | "leader",
  from: "follower" | "candidate" | "leader" = "follower",
): Happening {
  return { type: "role", server, from, to };
}

export function enters(server: string, to: number, from = to - 1): Happening {
  return { type: "term", server, from, to };
}

export function votes(server: string, to: string, from: string | null = null): Happening {
  return { type: "vote", server, from, to };
}

export function follows(server: string, to: string): Happening {
  return { type: "leader", server, from: null, to };
}

export function appends(server: string, text: string): Happening {
  return { type: "append", server, entries: entries(text) };
}

export function cuts(server: string, text: string): Happening {
  const removed = entries(text);
  return { type: "truncate", server, from: removed[0]?.index ?? 0, removed };
}

export function commits(server: string, from: number, to: number): Happening {
  return { type: "commit", server, from, to };
}

/** The server applies these entries, and its lastApplied moves along. */
export function applies(server: string, text: string): Happening[] {
  return entries(text).flatMap((each): Happening[] => {
    const [key, value] = (decodeUtf8(each.command) ?? "").split("=");
    return [
      {
        type: "apply",
        server,
        entry: each,
        text: describe(each),
        key: value === undefined ? null : (key ?? null),
        value: value === undefined || value === "" ? null : value,
        state: `after ${each.index}`,
      },
      { type: "applied-index", server, from: each.index - 1, to: each.index },
    ];
  });
}

export function loses(
  machine: string,
  lost = 0,
  kept = 0,
  kind: "power" | "os" | "process" = "power",
): Happening {
  return { type: "crash", machine, kind, servers: [machine], kept, lost };
}

export interface MessageNotes {
  readonly term?: number;
  readonly success?: boolean;
  readonly entries?: string;
  readonly owes?: Partial<Obligation>;
}

/** "A>B append". */
export function message(text: string, notes: MessageNotes = {}): Message {
  const [way, kind] = text.split(" ");
  const [from, to] = (way ?? "").split(">");
  return {
    from: from ?? "",
    to: to ?? "",
    kind: kind as MessageKind,
    name: kind ?? "",
    term: notes.term ?? 1,
    success: notes.success ?? (kind?.endsWith("reply") ? true : null),
    entries: entries(notes.entries ?? ""),
    fields: {},
    obligation: { ...NOTHING_OWED, ...notes.owes },
  };
}

export function sends(
  id: number,
  sent: Message,
  promise: "nothing" | "durable" | "not-durable" = "nothing",
  arrives = 0,
): Happening {
  return { type: "send", server: sent.from, id, message: sent, arrives, promise };
}

export function receives(id: number, received: Message): Happening {
  return { type: "receive", server: received.to, id, message: received };
}

export function operation(id: string, text: string): ClientOperation {
  const [key, value] = text.split("=");
  return {
    id,
    client: "ann",
    type: value === undefined ? "read" : "write",
    key: key ?? "",
    value: value ?? "",
    expected: null,
  };
}

export function asks(id: string, server: string, text: string): Happening {
  return { type: "invoke", server, operation: operation(id, text) };
}

/** The server tells the client; `about`: "44@1". */
export function answers(
  id: string,
  server: string,
  text: string,
  about: string | null,
  outcome: "ok" | "failed" | "unknown" = "ok",
  code = "SUCCESS",
): Happening {
  const found = about === null ? null : entry(about);
  return {
    type: "return",
    server,
    operation: operation(id, text),
    result: { outcome, code, value: null },
    entry: found && { index: found.index, term: found.term },
  };
}

/** What lies in a server's files: "t2 vote=B log=1@1,2@1:x=1 commit=2"; without "t" no term is kept. */
export function contents(text: string): DiskContents {
  const term = /t(\d+)/.exec(text)?.[1];
  const commit = /commit=(\d+)/.exec(text)?.[1];
  const list = entries((/log=(\S+)/.exec(text)?.[1] ?? "").replaceAll(",", " "));
  return {
    currentTerm: term === undefined ? null : Number(term),
    votedFor: /vote=(\S+)/.exec(text)?.[1] ?? null,
    commitIndex: commit === undefined ? null : Number(commit),
    baseIndex: (list[0]?.index ?? 1) - 1,
    entries: list,
    problems: [],
  };
}

/** Disks by server: what is written, and after "|" what is durable. */
export function look(disks: Readonly<Record<string, string>> = {}): Look {
  return {
    inspect: (server) => {
      const found = disks[server];
      if (found === undefined) return null;
      const [written = "", durable = written] = found.split("|");
      return { written: contents(written), durable: contents(durable) };
    },
    power: () => "on",
    pending: () => 0,
  };
}

export function moment(step: number, localTime = 1000 * step): Moment {
  return {
    step,
    lastStep: step,
    time: 1000 * step,
    localTime: () => localTime,
    describe,
    recall: () => null,
  };
}
