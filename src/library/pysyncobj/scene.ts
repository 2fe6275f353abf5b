/** What every scenario of PySyncObj here begins with, and words for its scripts. */

/** The smaller address never dials: C dials both others, and B dials A. */
const ADDRESSES = { A: "127.0.0.1:7001", B: "127.0.0.1:7002", C: "127.0.0.1:7003" };

export const ALL = ["A", "B", "C"];

/** Under this preset these checks hold, or break. */
export function checks(preset: string, holds: boolean, ...ids: string[]) {
  return ids.map((check) => ({ check, holds, preset }));
}

export const THREADS = {
  issue201: { title: "PySyncObj issue #201", url: "https://github.com/bakwc/PySyncObj/issues/201" },
  pr202: { title: "PySyncObj PR #202", url: "https://github.com/bakwc/PySyncObj/pull/202" },
  pr197: { title: "PySyncObj PR #197", url: "https://github.com/bakwc/PySyncObj/pull/197" },
  pr98: { title: "PySyncObj PR #98", url: "https://github.com/bakwc/PySyncObj/pull/98" },
};

/** A document's first fields; batches are off, as Patroni has them. */
export function versions(preset: string, twin: string) {
  return {
    format: "blackstart-scenario" as const,
    version: 2 as const,
    system: "pysyncobj",
    preset,
    twin: { preset: twin },
  };
}

/** Three machines with a server each. Left out: their disks are empty. */
export function three(files: (server: string) => { path: string; base64: string }[] = () => []) {
  return {
    machines: Object.entries(ADDRESSES).map(([id, address]) => {
      return { id, servers: [{ id, address }], files: files(id) };
    }),
  };
}

/** Who campaigns first in this life: this server, 0.4 s after it was started; the others wait a second longer. */
export function first(server: string, life = 1) {
  const others = ALL.filter((each) => each !== server);
  return Object.fromEntries([
    [`${server}/${life}/electionTimeout/1`, 400_000],
    ...others.map((other) => [`${other}/${life}/electionTimeout/1`, 1_400_000]),
  ]) as Record<string, number>;
}

type Match = Readonly<Record<string, string | number | boolean | null>>;

/** At this virtual time, in milliseconds. */
export function at<Actions extends unknown[]>(milliseconds: number, ...actions: Actions) {
  const anchor = { type: "at" as const, time: milliseconds * 1000 };
  return actions.map((action: Actions[number]) => ({ anchor, action }));
}

/** The `count`-th time that such a thing is observed, and `delay` milliseconds later. */
export function once<Action>(match: Match, action: Action, { count = 1, delay = 0 } = {}) {
  const anchor = { type: "when" as const, match: { ...match }, count, delay: delay * 1000 };
  return [{ anchor, action }];
}

export function set(server: string, key: string, value: string) {
  return { type: "client" as const, client: `app-${server}`, server, key, value };
}

export function power(...machines: string[]) {
  return { type: "boot" as const, machines };
}

/** The processes die; what they wrote stays in the page cache. */
export function kill(...machines: string[]) {
  return { type: "crash" as const, machines, kind: "process" as const };
}

/** The power fails, and nothing survives that was not on the platter. */
export function cutPower(...machines: string[]) {
  return { type: "crash" as const, machines, kind: "power" as const };
}

/** These cannot be reached by the others any more. */
export function isolate(server: string, ...from: string[]) {
  return { type: "partition" as const, from: [server], to: from };
}

export function reunite(server: string, ...with_: string[]) {
  return { type: "partition" as const, from: [server], to: with_, cut: false };
}

export function connect(a: string, b: string, up = true) {
  return { type: "connect" as const, a, b, up };
}

export const HEAL = { type: "heal" as const };

/** Told at this time, in milliseconds. */
export function tell(milliseconds: number, text: string) {
  return { anchor: { type: "at" as const, time: milliseconds * 1000 }, text };
}

/** Told when such a thing is first seen, or `delay` milliseconds later. */
export function tellWhen(match: Match, text: string, { count = 1, delay = 0 } = {}) {
  const anchor = { type: "when" as const, match: { ...match }, count, delay: delay * 1000 };
  return { anchor, text };
}
