import { expect, it } from "vitest";
import { bugsOfPreset } from "#system/catalogue.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { Action, Plan, ScriptAction } from "./faults.ts";
import type { Observation } from "./observation.ts";
import { at, only, plan } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { createWorld } from "./world.ts";

// A, B and C are members, D is none. The larger address dials: D whom it knows, once per five seconds.

it("a server that is no member is turned away, and tries again every five seconds", () => {
  expect(linksWith("D", run([]))).toEqual([]);
});

it("a server that is added is reached by its own next attempt, and gets the log", () => {
  const seen = run([change(2_000_000, "add-server", "D")]);
  expect(membersAt(seen, "A")).toEqual(["B", "C", "D"]);
  const [first] = linksWith("D", seen);
  expect(first).toMatchObject({ up: true });
  expect(first?.time).toBeGreaterThan(5_000_000);
  expect(first?.time).toBeLessThan(5_300_000);
  expect(only(seen, "append").some(({ server }) => server === "D")).toBe(true);
});

it("a server that is removed loses its connections and gets no new ones", () => {
  const seen = run([change(2_000_000, "remove-server", "C")]);
  expect(membersAt(seen, "A")).toEqual(["B"]);
  expect(membersAt(seen, "B")).toEqual(["A"]);
  const links = linksWith("C", seen).filter(({ time }) => time > 2_000_000);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter(({ up }) => up)).toEqual([]);
});

it("a change of the members leaves the five seconds of the others as they are", () => {
  const cut: ScriptAction = at(50_000, {
    ...{ type: "partition", from: ["B"], to: ["C"], bothWays: true, cut: true },
  });
  const healed: ScriptAction = at(1_500_000, { type: "heal" });
  const between = (script: readonly ScriptAction[]) =>
    linksWith("C", run([cut, healed, ...script])).filter(({ a, b }) => `${a}${b}` === "CB");
  const [quiet, changed] = [between([]), between([change(2_000_000, "add-server", "D")])];
  expect(quiet[0]?.time).toBeGreaterThan(5_000_000);
  expect(changed[0]?.time).toBe(quiet[0]?.time);
});

/** Of the server that leads. */
function change(
  time: number,
  operation: "add-server" | "remove-server",
  key: string,
): ScriptAction {
  const action = {
    ...{ type: "client", client: "admin", server: "A", operation, key },
    ...{ value: "", expected: null },
  } satisfies Action;
  return at(time, action);
}

function run(script: readonly ScriptAction[]): readonly Observation[] {
  const given: Plan = plan(4, script, {
    system: "pysyncobj",
    bugs: bugsOfPreset("pysyncobj", "0.3.14") ?? [],
    options: { dynamicMembershipChange: 1, appendEntriesUseBatch: 0 },
    members: ["A", "B", "C"],
    network: { delayMin: 500, delayMax: 500, lossPerMille: 0, duplicatePerMille: 0 },
    choices: {
      "A/1/electionTimeout/1": 400_000,
      "B/1/electionTimeout/1": 1_400_000,
      "C/1/electionTimeout/1": 1_400_000,
      "D/1/electionTimeout/1": 1_400_000,
    },
    until: 8_000_000,
  });
  const seen: Observation[] = [];
  const world = createWorld(given, pysyncobj, (observation) => seen.push(observation));
  while (advance(world));
  return seen;
}

function linksWith(server: string, seen: readonly Observation[]) {
  return only(seen, "link").filter(({ a, b }) => a === server || b === server);
}

function membersAt(seen: readonly Observation[], server: string): readonly string[] | undefined {
  return only(seen, "members")
    .filter((each) => each.server === server)
    .at(-1)?.peers;
}
