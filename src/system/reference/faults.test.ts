import { expect, it } from "vitest";
import { type Auditor, createAuditor, listener, verdicts } from "#audit/auditor.ts";
import { draw, scale } from "#base/rng.ts";
import type { Action, Plan, ScriptAction } from "#sim/faults.ts";
import { judgedServers } from "#sim/looks.ts";
import type { Observation } from "#sim/observation.ts";
import { advance } from "#sim/scheduler.ts";
import { createWorld } from "#sim/world.ts";
import { reference } from "./index.ts";

// The whole of it in the simulator: drawn faults of every kind, judged by the auditor.

const RUNS = Array.from({ length: 16 }, (_, seed) => observed(planOf(seed)));

it("breaks no check, whatever the faults", () => {
  const broken = RUNS.flatMap(({ auditor, seen }, seed) => {
    return verdicts(auditor, seen).flatMap(({ id, holds, text }) =>
      holds ? [] : [`seed ${seed}, ${id}: ${text}`],
    );
  });
  expect(broken).toEqual([]);
});

it("is judged by what its disks would keep, not only by what it does", () => {
  const unjudged = RUNS.flatMap(({ auditor, seen }) =>
    verdicts(auditor, seen).filter(({ holds, text }) => holds && text !== ""),
  );
  expect(unjudged.filter(({ id }) => id !== "C17")).toEqual([]);
});

it("lets no message leave before what it promises is durable", () => {
  expect(count("send", ({ promise }) => promise === "not-durable")).toBe(0);
  expect(count("send", ({ promise }) => promise === "durable")).toBeGreaterThan(1000);
});

it("never fails to start, and never gives up in the middle of a handler", () => {
  expect(count("failed") + count("handler-error")).toBe(0);
  expect(count("notice", ({ severity }) => severity === "critical")).toBe(0);
});

it("meets what it is meant to withstand, and serves its clients meanwhile", () => {
  expect(count("crash", ({ lost }) => lost > 0)).toBeGreaterThan(3);
  expect(count("truncate")).toBeGreaterThan(5);
  expect(count("role", ({ to }) => to === "leader")).toBeGreaterThan(50);
  // Clients ask any of three or five servers, leader or not, up or down: one request in eight finds a leader that can serve.
  const served = count("return", ({ result }) => result.outcome === "ok");
  expect(served).toBeGreaterThan(count("invoke") / 8);
  expect(count("return", ({ result }) => result.outcome === "unknown")).toBeGreaterThan(50);
});

function count<Type extends Observation["type"]>(
  type: Type,
  matches: (each: Extract<Observation, { type: Type }>) => boolean = () => true,
): number {
  const isIt = (each: Observation): each is Extract<Observation, { type: Type }> =>
    each.type === type;
  return RUNS.reduce((sum, { seen }) => sum + seen.filter(isIt).filter(matches).length, 0);
}

function observed(plan: Plan): {
  readonly seen: readonly Observation[];
  readonly auditor: Auditor;
} {
  const seen: Observation[] = [];
  const auditor = createAuditor({ servers: judgedServers(plan) });
  const { look, sink } = listener(auditor);
  const keep = (each: Observation) => {
    seen.push(each);
    sink(each);
  };
  const world = createWorld(plan, reference, keep, look);
  while (advance(world));
  return { seen, auditor };
}

function planOf(seed: number): Plan {
  let drawn = 0;
  const between = (low: number, high: number): number => {
    drawn += 1;
    return scale(draw(seed, `faults/${drawn}`), low, high);
  };
  const oneOf = <Value>(...values: readonly Value[]): Value =>
    values[between(0, values.length - 1)] as Value;
  const ids = ["A", "B", "C", "D", "E"].slice(0, oneOf(3, 5));
  const some = () => ids.filter(() => between(0, 2) === 0);

  const action = (): Action | null => {
    const number = between(0, 99);
    if (number < 50) {
      return {
        type: "client",
        client: "c",
        server: oneOf(null, null, null, ...ids),
        operation: oneOf("write", "read", "compare-and-set"),
        key: `k${between(0, 3)}`,
        value: `v${between(0, 999)}`,
        expected: oneOf(null, "v1"),
      };
    }
    if (number < 58) {
      return {
        type: "restart",
        machines: oneOf(ids, some(), some()),
        kind: oneOf(null, "process", "os", "power"),
        survivors: { type: "seeded", draw: between(0, 99_999) },
        down: between(0, 200_000),
        stagger: between(0, 50_000),
      };
    }
    if (number < 62) {
      const from = some();
      const to = ids.filter((id) => !from.includes(id));
      return { type: "partition", from, to, bothWays: oneOf(true, false), cut: true };
    }
    if (number < 66) return { type: "heal" };
    return number < 68 ? { type: "timeout", server: oneOf(...ids) } : null;
  };

  const until = 12_000_000;
  const script: ScriptAction[] = [];
  const at = (time: number, done: Action) =>
    script.push({ anchor: { type: "at", time, order: 0 }, action: done });
  at(0, { type: "boot", machines: ids, stagger: between(0, 100_000) });
  for (let time = 500_000; time < until; time += between(1_000, 60_000)) {
    const done = action();
    if (done !== null) at(time, done);
  }
  return {
    system: "reference",
    bugs: [],
    options: {},
    machines: ids.map((id) => ({
      id,
      clockOffset: between(0, 1_000_000),
      clockDrift: between(-200, 200),
      servers: [{ id, address: id }],
      files: [],
    })),
    network: {
      delayMin: 100,
      delayMax: oneOf(1_000, 20_000, 60_000),
      lossPerMille: between(0, 80),
      duplicatePerMille: between(0, 80),
    },
    disk: {
      policy: oneOf("strict", "per-file", "ordered-journal", "adversarial"),
      sectorSize: 512,
      writeBack: oneOf(null, { dataAge: 100_000, wakeEvery: 50_000, metadataEvery: 50_000 }),
      writeTime: between(0, 2_000),
      syncTime: between(0, 20_000),
      admits: ["process", "os", "power"],
    },
    seed,
    choices: {},
    script,
    until,
  };
}
