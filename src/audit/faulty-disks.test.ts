import { describe, expect, it } from "vitest";
import { draw, scale } from "#base/rng.ts";
import type { DiskFault } from "#disk/types.ts";
import type { Action, Plan, ScriptAction } from "#sim/faults.ts";
import type { Verdict } from "#sim/frame.ts";
import { judgedServers } from "#sim/looks.ts";
import type { Observation } from "#sim/observation.ts";
import { at, plan, write } from "#sim/run.testkit.ts";
import { advance } from "#sim/scheduler.ts";
import { createWorld } from "#sim/world.ts";
import { reference } from "#system/reference/index.ts";
import { createAuditor, listener, verdicts } from "./auditor.ts";

// A correct server on disks that are not. Whatever breaks, it is not the server's fault.

type Trouble = "lies" | "swaps" | "lost writes" | "rot" | "unreadable sectors";

const RUNS = 12;

describe.each<[Trouble, Verdict["family"]]>([
  ["lies", "assumption-broken"],
  ["swaps", "assumption-broken"],
  ["lost writes", "assumption-broken"],
  ["rot", "unavailable-by-design"],
  ["unreadable sectors", "unavailable-by-design"],
])("correct servers on disks with %s", (trouble, family) => {
  const found = Array.from({ length: RUNS }, (_, seed) =>
    broken(troubledPlan(seed, trouble)),
  ).flat();

  it("are not blamed", () => {
    const blamed = found.filter((each) => ["violation", "broken-promise"].includes(each.family));
    expect(blamed.map(({ id, text }) => `${id}: ${text}`)).toEqual([]);
  });

  it(`do break what they promise (${family})`, () => {
    expect(found.map((each) => each.family)).toContain(family);
  });

  it("have it explained in at most twelve sentences", () => {
    for (const { explanation } of found) expect(explanation.length).toBeLessThanOrEqual(12);
  });
});

it("a lost write is found as a message leaves on the word of its sync, as a lie is", () => {
  for (const trouble of ["lies", "lost writes"] as const) {
    const checks = Array.from({ length: RUNS }, (_, seed) => broken(troubledPlan(seed, trouble)))
      .flat()
      .map(({ id }) => id);
    expect(checks).toEqual(expect.arrayContaining(["C9", "C10", "C20"]));
  }
});

function broken(given: Plan): Verdict[] {
  const auditor = createAuditor({ servers: judgedServers(given) });
  const { look, sink } = listener(auditor);
  const seen: Observation[] = [];
  const keep = (each: Observation) => {
    seen.push(each);
    sink(each);
  };
  const world = createWorld(given, reference, keep, look);
  while (advance(world));
  return verdicts(auditor, seen).filter(({ holds }) => !holds);
}

/** Five seconds of writes, restarts of every kind, elections and this kind of trouble, on three machines. */
function troubledPlan(seed: number, trouble: Trouble): Plan {
  let drawn = 0;
  const below = (count: number): number => {
    drawn += 1;
    return scale(draw(seed, `troubled/${drawn}`), 0, count - 1);
  };
  const names = ["A", "B", "C"];
  const someone = () => names[below(3)] as string;
  const script: ScriptAction[] = [];
  for (let time = 300_000; time < 5_000_000; time += 10_000 + below(40_000)) {
    const what = below(100);
    if (what < 60) script.push(write(time, `k${below(3)}`, `v${drawn}`));
    else if (what < 72)
      script.push(at(time, restart([someone(), ...(below(2) === 0 ? names : [])], below)));
    else if (what < 76) script.push(at(time, { type: "timeout", server: someone() }));
    else if (what < 90) script.push(at(time, mishap(trouble, someone(), below)));
  }
  return plan(3, script, {
    seed,
    network: { delayMin: 200, delayMax: 9_000, lossPerMille: 20, duplicatePerMille: 20 },
  });
}

function restart(machines: readonly string[], below: (count: number) => number): Action {
  const kind = (["process", "os", "power", null] as const)[below(4)] ?? null;
  const survivors = { type: "seeded", draw: below(99_999) } as const;
  return {
    ...{ type: "restart", machines: [...new Set(machines)], kind, survivors },
    ...{ down: below(200_000), stagger: below(50_000) },
  };
}

function mishap(trouble: Trouble, machine: string, below: (count: number) => number): Action {
  const file = `${machine}/wal`;
  const offset = below(2_000);
  const fault = (given: DiskFault): Action => ({ type: "disk-fault", machine, fault: given });
  switch (trouble) {
    case "lies": {
      const flushing = (["honest", "device", "total"] as const)[below(3)] ?? "total";
      return fault({ type: "flushing", flushing });
    }
    case "swaps":
      return { type: "swap-disk", machine };
    case "lost writes":
      return fault({ type: "lost-write", file });
    case "rot":
      return fault({ type: "rot", file, offset, bit: below(8) });
    case "unreadable sectors":
      return fault({ type: "unreadable", file, offset });
  }
}
