import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CrashKind, Policy } from "#disk/types.ts";
import type { Plan, ScriptAction } from "./faults.ts";
import type { Observation } from "./observation.ts";
import { at, crashAll, only, plan, play, write } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { traceHash } from "./trace-hash.ts";
import { cloneWorld, type World } from "./world.ts";

const ALL = ["A", "B", "C"];

describe("a cluster", () => {
  it("elects one leader and commits what a client writes", () => {
    const { world, seen } = play(plan(3, [write(1_000_000, "x", "1")]));
    expect(only(seen, "role").filter(({ to }) => to === "leader")).toHaveLength(1);
    expect(only(seen, "return")).toMatchObject([{ result: { outcome: "ok" } }]);
    expect(statesOf(world)).toEqual([{ x: "1" }, { x: "1" }, { x: "1" }]);
  });

  it("of one server commits by itself", () => {
    const { seen } = play(plan(1, [write(1_000_000, "x", "1")]));
    expect(only(seen, "return")).toMatchObject([{ result: { outcome: "ok" } }]);
  });

  it("elects another leader when the first is cut off, and takes it back when the wall falls", () => {
    const cut = (time: number, isCut: boolean, from: string): ScriptAction =>
      at(time, {
        type: "partition",
        from: [from],
        to: ALL.filter((each) => each !== from),
        bothWays: true,
        cut: isCut,
      });
    const first = leaderOf(play(plan(3, [])).seen);
    const { world, seen } = play(
      plan(3, [
        cut(1_000_000, true, first),
        write(2_500_000, "x", "1"),
        cut(3_000_000, false, first),
      ]),
    );
    expect(only(seen, "drop").some(({ reason }) => reason === "partition")).toBe(true);
    expect(leaderOf(seen)).not.toBe(first);
    expect(statesOf(world)).toEqual([{ x: "1" }, { x: "1" }, { x: "1" }]);
  });

  it("answers a client that asks a server that is down: failed, not unknown", () => {
    const { seen } = play(
      plan(3, [at(900_000, { type: "stop", machines: ["B"] }), write(1_000_000, "x", "1", "B")]),
    );
    expect(only(seen, "return")).toMatchObject([
      { result: { outcome: "failed", code: "UNREACHABLE" } },
    ]);
  });

  it("tells a client whose server dies before it answers: unknown", () => {
    const leader = leaderOf(play(plan(3, [])).seen);
    const { seen } = play(
      plan(3, [
        write(1_000_000, "x", "1", leader),
        at(1_000_100, {
          type: "crash",
          machines: [leader],
          kind: "process",
          survivors: { type: "none" },
        }),
      ]),
    );
    expect(only(seen, "return")).toMatchObject([{ result: { outcome: "unknown" } }]);
  });

  it("tells a client whose compare-and-set found something else: failed, and what is there", () => {
    const set = (time: number, expected: string | null, value: string): ScriptAction =>
      at(time, {
        type: "client",
        client: "c",
        server: null,
        operation: "compare-and-set",
        key: "x",
        value,
        expected,
      });
    const { seen } = play(plan(3, [set(1_000_000, null, "1"), set(1_100_000, "7", "2")]));
    expect(only(seen, "return")).toMatchObject([
      { result: { outcome: "ok" } },
      { result: { outcome: "failed", code: "NOT_AS_EXPECTED", value: "1" } },
    ]);
  });

  it("goes on with clocks that are wrong and run at different rates", () => {
    const base = plan(3, [write(2_000_000, "x", "1")]);
    const skewed: Plan = {
      ...base,
      machines: base.machines.map((machine, i) => ({
        ...machine,
        clockOffset: i * 7_000_000,
        clockDrift: (i - 1) * 50_000,
      })),
    };
    expect(only(play(skewed).seen, "return")).toMatchObject([{ result: { outcome: "ok" } }]);
  });
});

describe("what was acknowledged", () => {
  it("is there after every kind of crash of all machines, under every policy, whatever survives", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<CrashKind>("process", "os", "power"),
        fc.constantFrom<Policy>("strict", "per-file", "ordered-journal", "adversarial"),
        fc.integer({ min: 900_000, max: 1_200_000 }),
        fc.nat(1_000),
        (kind, policy, time, seed) => {
          const writes = Array.from({ length: 40 }, (_, i) =>
            write(1_000_000 + i * 5_000, `k${i}`, `v${i}`),
          );
          const base = plan(3, [
            ...writes,
            at(time, {
              type: "restart",
              machines: ALL,
              kind,
              survivors: { type: "seeded", draw: seed },
              down: 50_000,
              stagger: 20_000,
            }),
          ]);
          const { world, seen } = play({
            ...base,
            seed,
            disk: { ...base.disk, policy },
            until: 3_000_000,
          });
          const told = only(seen, "return").filter(({ result }) => result.outcome === "ok");
          const states = statesOf(world);
          for (const { operation } of told) {
            for (const state of states) expect(state[operation.key]).toBe(operation.value);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("machines", () => {
  it("a process crash keeps the page cache, a power loss drops what no sync covered", () => {
    const count = (kind: CrashKind): number[] =>
      only(play(plan(3, [crashAll(1_000_000, ALL, kind)])).seen, "crash").map(({ lost }) => lost);
    expect(count("process")).toEqual([0, 0, 0]);
  });

  it("a machine that lost power sends and hears nothing until it boots", () => {
    const { seen } = play(
      plan(3, [
        at(1_000_000, {
          type: "crash",
          machines: ["B"],
          kind: "power",
          survivors: { type: "none" },
        }),
        at(2_000_000, { type: "boot", machines: ["B"], stagger: 0 }),
      ]),
    );
    const dark = seen.filter(({ time }) => time > 1_000_000 && time < 2_000_000);
    expect(only(dark, "send").filter(({ server }) => server === "B")).toEqual([]);
    expect(only(dark, "receive").filter(({ server }) => server === "B")).toEqual([]);
    expect(only(seen, "recovered").filter(({ server }) => server === "B")).toMatchObject([
      { incarnation: 1 },
      { incarnation: 2 },
    ]);
  });

  it("crash and boot for what is done to all of them, not for each other", () => {
    const { seen } = play(plan(3, [crashAll(1_000_000, ALL, "power")]));
    const of = [...only(seen, "crash"), ...only(seen, "boot")];
    expect(of).toHaveLength(9);
    for (const { cause } of of) expect(seen[cause ?? -1]?.type).toBe("action");
  });

  it("booting what is up changes nothing", () => {
    const { seen } = play(plan(3, [at(1_000_000, { type: "boot", machines: ALL, stagger: 0 })]));
    expect(only(seen, "boot")).toHaveLength(3);
  });
});

describe("messages", () => {
  it("wait on a held lane, and come in their order when it is let go", () => {
    const first = leaderOf(play(plan(3, [])).seen);
    const other = ALL.find((each) => each !== first) ?? "";
    const hold = (time: number, on: boolean) =>
      at(time, { type: "hold", from: first, to: other, on });
    const { seen } = play(plan(3, [hold(1_000_000, true), hold(1_100_000, false)]));
    const received = only(seen, "receive").filter(
      ({ server, message, time }) =>
        server === other && message.from === first && time >= 1_000_000,
    );
    const early = received.filter(({ time }) => time > 1_003_000 && time < 1_100_000);
    expect(early).toEqual([]);
    const late = received.filter(({ time }) => time === 1_100_000).map(({ id }) => id);
    expect(late.length).toBeGreaterThan(1);
    expect(late).toEqual([...late].sort((a, b) => a - b));
  });

  it("every message ends once: received or dropped, or still on its way", () => {
    const { seen, world } = play(
      plan(5, [write(1_000_000, "x", "1"), crashAll(1_200_000, ["A", "B"], "os")], {
        network: { delayMin: 100, delayMax: 9_000, lossPerMille: 50, duplicatePerMille: 50 },
      }),
    );
    const ends = new Map<number, number>();
    for (const each of seen) {
      if (each.type === "receive" || each.type === "drop") {
        ends.set(each.id, (ends.get(each.id) ?? 0) + 1);
      }
    }
    for (const { id, message } of only(seen, "send")) {
      const open = world.network.flights.has(id) ? 1 : 0;
      if (message.from === message.to) continue;
      expect((ends.get(id) ?? 0) + open).toBe(1);
    }
    expect(only(seen, "drop").some(({ reason }) => reason === "loss")).toBe(true);
  });
});

describe("the script", () => {
  it("an anchor waits for the n-th observation of its kind, and its delay", () => {
    const { seen } = play(
      plan(3, [
        {
          anchor: {
            type: "when",
            match: { type: "send", "message.kind": "append" },
            count: 3,
            delay: 250,
          },
          action: { type: "narrate", text: "now" },
        },
      ]),
    );
    const third = only(seen, "send").filter(({ message }) => message.kind === "append")[2];
    expect(only(seen, "narration")).toMatchObject([
      { text: "now", time: (third?.time ?? 0) + 250, cause: third?.sequence },
    ]);
  });

  it("an action at a time comes after as many events of that time as it says", () => {
    const { seen } = play(plan(3, [at(0, { type: "narrate", text: "late" }, 2)]));
    const first = only(seen, "narration")[0];
    expect(first?.time).toBe(0);
  });
});

describe("determinism", () => {
  const busy = (seed: number): Plan =>
    plan(
      3,
      [
        ...Array.from({ length: 20 }, (_, i) => write(1_000_000 + i * 40_000, `k${i}`, `${i}`)),
        crashAll(1_300_000, ALL, "power"),
      ],
      {
        seed,
        network: { delayMin: 300, delayMax: 20_000, lossPerMille: 30, duplicatePerMille: 20 },
      },
    );

  it("one plan has one trace", () => {
    expect(traceHash(play(busy(7)).seen)).toBe(traceHash(play(busy(7)).seen));
  });

  it("another seed has another trace", () => {
    expect(traceHash(play(busy(7)).seen)).not.toBe(traceHash(play(busy(8)).seen));
  });

  it("a copy made anywhere goes on as the original does", () => {
    fc.assert(
      fc.property(fc.nat(3_000), fc.nat(20), (events, seed) => {
        const { seen } = play(busy(seed));
        const tail: Observation[] = [];
        const world = fresh(busy(seed));
        for (let i = 0; i < events; i++) advance(world);
        const from = world.observations;
        const copy = cloneWorld(world, (observation) => tail.push(observation));
        while (advance(world)); // The original goes on first: the copy must not notice.
        while (advance(copy));
        expect(traceHash(tail)).toBe(traceHash(seen.slice(from)));
      }),
      { numRuns: 25 },
    );
  });

  it("no two messages share what chance does to them, though heartbeats come between repetitions", () => {
    const asked: string[] = [];
    const choices = new Proxy<Record<string, number>>(
      {},
      { get: (_, name) => void asked.push(String(name)) },
    );
    const writes = Array.from({ length: 40 }, (_, i) => write(1_000_000 + i * 60_000, "x", `${i}`));
    const network = { delayMin: 300, delayMax: 20_000, lossPerMille: 100, duplicatePerMille: 20 };
    play(plan(3, writes, { choices, network }));
    expect(asked.length).toBeGreaterThan(500);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it("what a crash saves does not hang on what was told before", () => {
    const crashed = plan(3, [
      ...Array.from({ length: 30 }, (_, i) => write(1_000_000 + i * 700, `k${i}`, `${i}`)),
      at(1_012_345, {
        type: "crash",
        machines: ALL,
        kind: "power",
        survivors: { type: "seeded", draw: 4 },
      }),
    ]);
    const narrated: Plan = {
      ...crashed,
      script: [at(900_000, { type: "narrate", text: "now" }), ...crashed.script],
    };
    const tolls = (given: Plan) => only(play(given).seen, "crash").map(({ kept }) => kept);
    for (let seed = 1; seed <= 5; seed++) {
      expect(tolls({ ...narrated, seed })).toEqual(tolls({ ...crashed, seed }));
    }
  });

  it("two runs of one script are the same up to what differs", () => {
    const changed: Plan = {
      ...busy(7),
      script: [...busy(7).script, write(1_500_000, "late", "1")],
    };
    const [one, other] = [play(busy(7)).seen, play(changed).seen];
    const until = (seen: readonly Observation[]) => seen.filter(({ time }) => time < 1_500_000);
    expect(traceHash(until(one))).toBe(traceHash(until(other)));
  });
});

function fresh(given: Plan): World {
  const { world } = playNothing(given);
  return world;
}

function playNothing(given: Plan): { world: World } {
  const { world } = play({ ...given, until: -1 });
  return { world: cloneWorld(world, () => undefined, given) };
}

function leaderOf(seen: readonly Observation[]): string {
  return (
    only(seen, "role")
      .filter(({ to }) => to === "leader")
      .at(-1)?.server ?? ""
  );
}

function statesOf(world: World): Record<string, string>[] {
  return [...world.servers.values()].map(({ application }) =>
    Object.fromEntries([...application.values].map(([key, { value }]) => [key, value])),
  );
}
