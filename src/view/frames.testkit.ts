import type {
  EntryFrame,
  Frame,
  KeyFrame,
  LayerFrame,
  LinkFrame,
  Mark,
  Outline,
  ServerFrame,
  Tombstone,
} from "#sim/frame.ts";

const NOTHING: LayerFrame = {
  currentTerm: null,
  votedFor: null,
  votedForKept: false,
  commitIndex: null,
  lastIndex: 0,
  lastTerm: 0,
  refused: null,
};

/**
 * "B leader t2 vote=B of=B log=1@1:x=1,2@2~,3@2? commit=2 applied=1 state=x:1@1": entries end in `~` when they are written and
 * not durable, in `?` when they are in memory only. "down" instead of a role: its process is down.
 */
export function server(text: string): ServerFrame {
  const [id = "", role = "follower"] = text.split(" ");
  const isUp = role !== "down";
  const commitIndex = Number(field(text, "commit") ?? 0);
  const lastApplied = Number(field(text, "applied") ?? 0);
  const log = (field(text, "log")?.split(",") ?? []).map((each) =>
    entry(each, commitIndex, lastApplied),
  );
  const lastIndex = log.at(-1)?.index ?? 0;
  const firstIndex = Number(field(text, "first") ?? 1);
  const memory: LayerFrame = {
    ...NOTHING,
    currentTerm: Number(/ t(\d+)/.exec(text)?.[1] ?? 0),
    votedFor: field(text, "vote"),
    votedForKept: true,
    lastIndex,
  };
  return {
    id,
    machine: id,
    incarnation: 1,
    process: isUp ? "up" : "down",
    failure: null,
    role: isUp ? (role as ServerFrame["role"]) : "follower",
    leader: field(text, "of"),
    memory: isUp ? memory : NOTHING,
    written: NOTHING,
    durable: NOTHING,
    commitIndex,
    lastApplied,
    timer: null,
    firstIndex,
    lastIndex,
    log,
    state: (field(text, "state")?.split(",") ?? []).map(key),
    stateDigest: field(text, "state") ?? "",
    held: 0,
  };
}

export function frame(servers: readonly string[], more: Partial<Frame> = {}): Frame {
  const list = servers.map(server);
  return {
    step: 1,
    lastStep: 1,
    time: 0,
    machines: list.map(({ id }) => ({ id, power: "on", offBy: null, servers: [id], pending: 0 })),
    servers: list,
    messages: [],
    links: links(list.map(({ id }) => id)),
    clients: [],
    feed: [],
    tombstones: [],
    ...more,
  };
}

/** Every pair connected; `cuts`: "A>B" is cut one way, "A|B" both ways. */
export function links(ids: readonly string[], ...cuts: readonly string[]): LinkFrame[] {
  const is = (text: string) => cuts.includes(text);
  return ids.flatMap((a, at) =>
    ids.slice(at + 1).map((b) => ({
      a,
      b,
      connected: true,
      cutForward: is(`${a}>${b}`) || is(`${a}|${b}`),
      cutBack: is(`${b}>${a}`) || is(`${a}|${b}`),
    })),
  );
}

/** "C 44@1:x=1". */
export function tombstone(text: string): Tombstone {
  const [id = "", what = ""] = text.split(" ");
  const { index, term, text: told } = entry(what, 0, 0);
  return { server: id, index, term, text: told, step: 1, applied: true, acknowledged: true };
}

/** Step times in milliseconds; marks as "3 election"; bands as "1 t2". */
export function outline(
  times: readonly number[],
  marks: readonly string[] = [],
  bands: readonly string[] = ["0 t0"],
): Outline {
  return {
    steps: times.length,
    times: Float64Array.from(times, (time) => 1000 * time),
    marks: marks.map((text): Mark => {
      const [step = "0", kind = "", told = ""] = text.split(" ");
      const time = 1000 * (times[Number(step)] ?? 0);
      return { step: Number(step), time, kind: kind as Mark["kind"], server: null, text: told };
    }),
    bands: bands.map((text) => {
      const [step, term] = text.split(" t");
      return { step: Number(step), term: Number(term) };
    }),
  };
}

function field(text: string, name: string): string | null {
  return new RegExp(` ${name}=(\\S+)`).exec(text)?.[1] ?? null;
}

function entry(text: string, commitIndex: number, lastApplied: number): EntryFrame {
  const [, index, term, command = "no-op", mark] =
    /^(\d+)@(\d+)(?::([^~?]+))?([~?])?$/.exec(text) ?? [];
  if (index === undefined) throw new Error(`not an entry: ${text}`);
  return {
    index: Number(index),
    term: Number(term),
    text: command,
    durability: mark === "~" ? "written" : mark === "?" ? "memory" : "durable",
    committed: Number(index) <= commitIndex,
    applied: Number(index) <= lastApplied,
  };
}

/** "x:1@44". */
function key(text: string): KeyFrame {
  const [, name = "", value = "", index = "0"] = /^(\w+):(\w+)@(\d+)$/.exec(text) ?? [];
  return { key: name, value, index: Number(index) };
}
