import { expect, it } from "vitest";
import { readFile } from "#disk/disk.ts";
import type { CrashKind } from "#disk/types.ts";
import type { Actor, Note, Step, System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import type { Plan } from "./faults.ts";
import type { Observation } from "./observation.ts";
import { at, only, plan, write } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { cloneWorld, createWorld, type World } from "./world.ts";

// A child is forked at the first entry applied, works for a second, and writes what the map was when it was forked.
const WORK = 1_000_000;

it("a child that is done tells its parent", () => {
  const { world, seen } = play([]);
  expect(dumpOf(world)).toBe("k=1 at 2");
  expect(only(seen, "memory").map(({ text }) => text)).toContain("the child is done");
});

it("what it writes is the state as it was at the fork, whatever was applied since", () => {
  const { world } = play([write(2_300_000, "k", "2")]);
  expect(dumpOf(world)).toBe("k=1 at 2");
  expect(world.servers.get("A")?.application.values.get("k")?.value).toBe("2");
});

it("goes on when its parent is killed, and is heard by nobody", () => {
  const { world } = play([crash("process")]);
  expect(world.servers.get("A")).toMatchObject({ status: "down", orphans: [] });
  expect(dumpOf(world)).toBe("k=1 at 2");
  expect(world.machines.get("A")?.disk.descriptors.size).toBe(0);
});

it("what it had open when its parent was killed stays open to it, and then is closed", () => {
  const given = plan(1, [write(2_000_000, "k", "1"), crash("process")], {
    system: "pysyncobj",
    options: { logCompactionMinEntries: 2, dumpTime: 1_000_000 },
  });
  const world = createWorld(given, pysyncobj, () => {});
  while (advance(world));
  const disk = world.machines.get("A")?.disk;
  expect(disk === undefined ? null : readFile(disk, "A/raft.dump")).not.toBeNull();
  expect(disk?.descriptors.size).toBe(0);
});

it("goes on beside its parent's next life", () => {
  const { world } = play([crash("process"), boot]);
  expect(world.servers.get("A")).toMatchObject({ status: "up", orphans: [] });
  expect(dumpOf(world)).toBe("k=1 at 2");
});

it.each(["os", "power"] as const)("ends with its operating system (%s crash)", (kind) => {
  const { world } = play([crash(kind)]);
  expect(dumpOf(world)).toBeNull();
  expect(world.servers.get("A")?.orphans).toEqual([]);
});

it("an orphan ends with its operating system too", () => {
  const { world } = play([crash("process"), crash("power", 2_600_000)]);
  expect(dumpOf(world)).toBeNull();
});

it("a copy of the world has its own orphan", () => {
  const { world: first } = play([crash("process")], 2_600_000);
  const copy = cloneWorld(first, () => {}, { ...first.plan, until: 5_000_000 });
  while (advance(copy));
  expect(dumpOf(copy)).toBe("k=1 at 2");
  expect(dumpOf(first)).toBeNull();
  expect(first.servers.get("A")?.orphans).toHaveLength(1);
});

const boot = at(2_700_000, { type: "boot", machines: ["A"], stagger: 0 });

function crash(kind: CrashKind, time = 2_500_000) {
  return at(time, { type: "crash", machines: ["A"], kind, survivors: { type: "none" } });
}

function play(script: Parameters<typeof plan>[1], until = 5_000_000) {
  const seen: Observation[] = [];
  const given: Plan = plan(1, [write(2_000_000, "k", "1"), ...script], { until });
  const world = createWorld(given, FORKING, (observation) => seen.push(observation));
  while (advance(world));
  return { seen, world };
}

function dumpOf(world: World): string | null {
  const disk = world.machines.get("A")?.disk;
  const bytes = disk === undefined ? null : readFile(disk, "A/dump");
  return bytes === null ? null : String.fromCharCode(...bytes);
}

interface Child {
  stage: "idle" | "fork" | "open" | "write" | "close" | "told" | "done";
  image: string;
}

const child: Actor<Child> = {
  id: "child",
  process: "child",
  outlives: true,
  start: () => ({ stage: "idle", image: "" }),
  clone: (state) => ({ ...state }),
  receive(state, note: Note) {
    const isFork = note.type === "effect" && note.effect.type === "apply";
    if (isFork && note.effect.entry.command.length > 1 && state.stage === "idle") {
      state.stage = "fork";
    }
  },
  next(state, { application, directory, last }): Step | null {
    const descriptor = last.type === "disk" && last.result.ok ? last.result.descriptor : -1;
    switch (state.stage) {
      case "fork": {
        const image = application?.();
        const values = image?.values.map(({ key, value }) => `${key}=${value}`) ?? [];
        state.image = `${values.join(" ")} at ${image?.lastApplied}`;
        state.stage = "open";
        return { type: "work", micros: WORK, text: "pickle the state" };
      }
      case "open":
        state.stage = "write";
        return {
          type: "disk",
          op: { type: "open", file: `${directory}dump`, create: true, truncate: true },
          onError: "ignore",
        };
      case "write": {
        state.stage = "close";
        const bytes = Uint8Array.from(state.image, (each) => each.charCodeAt(0));
        const op = { type: "write", file: descriptor, offset: 0, bytes } as const;
        return { type: "disk", op, onError: "ignore" };
      }
      case "close":
        state.stage = "told";
        return { type: "memory", text: "the child closes nothing: its exit does" };
      case "told":
        state.stage = "done";
        return { type: "memory", text: "the child is done" };
      default:
        return null;
    }
  },
};

const FORKING: System = {
  ...reference,
  actors: [...reference.actors, child as Actor],
  route: (effect) =>
    effect.type === "apply" ? { actor: "child", wait: false } : reference.route(effect),
};
