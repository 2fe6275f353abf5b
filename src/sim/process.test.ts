import { expect, it } from "vitest";
import { bugsOfPreset } from "#system/catalogue.ts";
import type { Actor, System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { Observation } from "./observation.ts";
import { at, only, plan, write } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { createWorld } from "./world.ts";

it("a call that fails ends its handler: what came before stays, what would have come after does not", () => {
  // The record does not fit into the journal after one doubling: the store through the mapping fails.
  const { seen, world } = single([write(2_000_000, "big", "x".repeat(3_000))]);
  const [error] = only(seen, "handler-error");
  expect(error).toMatchObject({ name: "EINVAL", text: "store failed" });
  const handler = seen.filter(({ step }) => step === error?.step);
  expect(only(handler, "append")).toHaveLength(1);
  expect(only(handler, "send")).toEqual([]);
  expect(world.servers.get("A")?.server?.log.length).toBe(3); // In memory it is there, as in the real library's list.
});

it("a server whose handler was ended goes on with the next input", () => {
  const { seen } = single([
    write(2_000_000, "big", "x".repeat(3_000)),
    { ...write(3_000_000, "small", "1") },
  ]);
  expect(only(seen, "handler-error").length).toBeGreaterThan(0);
  expect(only(seen, "invoke")).toHaveLength(2);
  expect(seen.at(-1)?.time).toBeGreaterThan(3_000_000);
});

it("an election by the clock is due to the timer as it was last drawn", () => {
  const { seen } = single([]);
  const stands = only(seen, "role").find(({ to }) => to !== "follower");
  const cause = seen[stands?.cause ?? -1];
  expect(cause).toMatchObject({ type: "timer", server: "A" });
  const later = only(seen, "timer").filter(({ sequence }) => sequence > (cause?.sequence ?? 0));
  expect(later.every(({ sequence }) => sequence > (stands?.sequence ?? 0))).toBe(true);
});

it("a process holds no descriptor that it closed, and a dead one none at all", () => {
  const { world } = single([at(4_000_000, { type: "stop", machines: ["A"] })]);
  expect(world.servers.get("A")?.opened).toEqual({});
  expect(world.machines.get("A")?.disk.descriptors.size).toBe(0);
  const alive = single([]).world;
  const open = Object.keys(alive.servers.get("A")?.opened ?? {}).length;
  expect(open).toBe(alive.machines.get("A")?.disk.descriptors.size);
  expect(open).toBeLessThan(3);
});

function single(script: Parameters<typeof plan>[1]) {
  const seen: Observation[] = [];
  const given = { ...plan(1, script), system: "pysyncobj", bugs: ["journal-grows-once"] };
  const world = createWorld(given, pysyncobj, (observation) => seen.push(observation));
  while (advance(world));
  return { seen, world };
}

it("a call that takes its time and fails ends its handler just so: nothing behind it is done", () => {
  const { seen } = onBadDescriptor([]);
  const [error] = only(seen, "handler-error");
  expect(error).toMatchObject({ name: "EBADF", text: "write failed" });
  const { step = 0, server = "" } = error ?? {};
  const after = seen.filter((each) => each.step === step);
  expect(only(after, "send").filter((sent) => sent.server === server)).toEqual([]);
});

it("a call that fails as the last of its handler ends nothing of the next one", () => {
  // The one-second timer writes `.meta` last; the heartbeat of the same tick goes to both followers all the same.
  const writes = Array.from({ length: 40 }, (_, i) => write(1_500_000 + i * 100_000, "x", `${i}`));
  const bugs = bugsOfPreset("pysyncobj", "0.3.14") ?? [];
  const { seen } = onBadDescriptor(writes, bugs);
  expect(only(seen, "handler-error").length).toBeGreaterThan(3);
  const leader = only(seen, "role").find(({ to }) => to === "leader")?.server;
  const [one, other] = ["A", "B", "C"]
    .filter((each) => each !== leader)
    .map((to) => only(seen, "send").filter(({ message }) => message.to === to));
  expect(one?.length).toBe(other?.length);
});

/** On a disk whose writes take time, with a storage that writes `.meta` to a descriptor it never opened. */
function onBadDescriptor(script: Parameters<typeof plan>[1], bugs: readonly string[] = []) {
  const seen: Observation[] = [];
  const [recovery, journal] = pysyncobj.actors;
  if (recovery === undefined || journal === undefined) throw new Error("there are two actors");
  const broken: Actor = {
    ...journal,
    next(state, context) {
      const step = journal.next(state, context);
      if (step?.type !== "disk" || step.op.type !== "write") return step;
      return { ...step, op: { ...step.op, file: 999 } };
    },
  };
  const system: System = { ...pysyncobj, actors: [recovery, broken] };
  const world = createWorld(
    { ...plan(3, script), system: "pysyncobj", bugs },
    system,
    (observation) => seen.push(observation),
  );
  while (advance(world));
  return { seen };
}

it.each([0, 20])(
  "a handler that a failed call has ended leaves no trace of what comes after it, also in memory (a write takes %i us)",
  (writeTime) => {
    // B moves to the candidate's term, and cannot write that down: it never comes to the vote.
    const base = plan(3, [
      at(0, {
        type: "disk-fault",
        machine: "B",
        fault: { type: "write-fails", file: "B/raft.journal.meta.tmp", errno: "EIO", count: 1 },
      }),
    ]);
    const seen: Observation[] = [];
    const world = createWorld(
      { ...base, system: "pysyncobj", disk: { ...base.disk, writeTime } },
      pysyncobj,
      (observation) => seen.push(observation),
    );
    while (only(seen, "handler-error").length === 0 && advance(world));
    const [error] = only(seen, "handler-error");
    expect(error).toMatchObject({ server: "B", name: "EIO", text: "write failed" });
    const memory = world.servers.get("B")?.server;
    const terms = only(seen, "term").filter(({ server }) => server === "B");
    expect(memory?.currentTerm).toBe(terms.at(-1)?.to);
    expect(memory?.votedFor).toBeNull();
    while (advance(world));
    const told = only(seen, "vote").filter(({ server }) => server === "B");
    const later = told.find(({ sequence }) => sequence > (error?.sequence ?? 0));
    expect(later?.from ?? null).toBeNull();
    expect(only(seen, "handler-error")).toHaveLength(1);
  },
);

it.each([1_200_000, 2_100_000, 3_300_000, 9_700_000])(
  "remembers what was seen of it, after a handler that was ended late in its life (%i us)",
  (time) => {
    const writes = Array.from({ length: 90 }, (_, i) =>
      write(1_000_000 + i * 100_000, "x", `${i}`),
    );
    const given = plan(
      3,
      [
        ...writes,
        at(time, {
          type: "disk-fault",
          machine: "B",
          fault: { type: "write-fails", file: null, errno: "EIO", count: 2 },
        }),
      ],
      { until: 12_000_000 },
    );
    const seen: Observation[] = [];
    const world = createWorld({ ...given, system: "pysyncobj" }, pysyncobj, (observation) =>
      seen.push(observation),
    );
    const check = () => {
      const { server } = world.servers.get("B") ?? {};
      const { currentTerm, votedFor, role, commitIndex, log } = server ?? {};
      expect({ currentTerm, votedFor, role, commitIndex, length: log?.length }).toEqual(
        seenOf(seen, "B"),
      );
    };
    while (only(seen, "handler-error").length < 2 && advance(world));
    expect(only(seen, "handler-error")).toMatchObject([{ server: "B" }, { server: "B" }]);
    check();
    while (advance(world));
    check();
  },
);

/** What observations tell of a server's memory. */
function seenOf(seen: readonly Observation[], server: string) {
  const mine = seen.filter((each) => "server" in each && each.server === server);
  const [recovered] = only(mine, "recovered");
  let length = recovered?.entries.length ?? 0;
  for (const each of mine) {
    if (each.type === "append") length += each.entries.length;
    if (each.type === "truncate") length -= each.removed.length;
  }
  return {
    currentTerm: only(mine, "term").at(-1)?.to ?? recovered?.currentTerm,
    votedFor: lastVote(mine),
    role: only(mine, "role").at(-1)?.to ?? "follower",
    commitIndex: only(mine, "commit").at(-1)?.to ?? recovered?.commitIndex,
    length,
  };
}

function lastVote(seen: readonly Observation[]): string | null {
  const last = only(seen, "vote").at(-1);
  return last === undefined ? null : last.to;
}
