/** Words for scripts, shorter than the document's own. */

type Match = Readonly<Record<string, string | number | boolean | null>>;

export const THREE = { machines: [{ id: "A" }, { id: "B" }, { id: "C" }] };

/** Elections come when the script rings a timer, and heartbeats are few: what happens is what is told. */
export const QUIET = {
  electionTimeoutMin: 60_000_000,
  electionTimeoutMax: 60_000_000,
  heartbeatEvery: 400_000,
};

export function at(time: number) {
  return { type: "at" as const, time };
}

/** The `count`-th time that such a thing is observed, and `delay` later. */
export function when(match: Match, { count = 1, delay = 0 } = {}) {
  return { type: "when" as const, match: { ...match }, count, delay };
}

export function boot(...machines: string[]) {
  return { type: "boot" as const, machines };
}

/** The election timer of this server rings. */
export function ring(server: string) {
  return { type: "timeout" as const, server };
}

export function write(key: string, value: string, server: string | null = null) {
  return { type: "client" as const, key, value, server };
}

/** An increment. */
export function add(key: string, by: string, server: string | null = null) {
  return { type: "client" as const, operation: "increment" as const, key, value: by, server };
}

export function read(key: string, server: string | null = null) {
  return { type: "client" as const, operation: "read" as const, key, server };
}

export function part(from: string, ...to: string[]) {
  return { type: "partition" as const, from: [from], to };
}

export function join(from: string, ...to: string[]) {
  return { type: "partition" as const, from: [from], to, cut: false };
}
