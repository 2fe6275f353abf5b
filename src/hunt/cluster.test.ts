import { describe, expect, it } from "vitest";
import type { ServerMemory } from "#raft/types.ts";
import { clusterOf } from "./cluster.ts";
import { advanceMachine, createMachineJob, type MachineJob } from "./machine-sweep.ts";
import { ended } from "./scene.testkit.ts";
import { type Scene, sceneAt } from "./scene.ts";

const KINDS = ["os", "power"] as const;

describe.each(["reference", "pysyncobj"])("the static verdict over machines of %s", (system) => {
  const run = ended(system);
  const steps = [0, 1, 2, 3].map((i) => run.steps - 7 * i);

  it.each(KINDS)("is that of every combination by itself: %s", (kind) => {
    for (const step of steps) {
      for (const machines of [
        ["A", "B", "C"],
        ["A", "B"],
        ["B", "C"],
      ]) {
        const scene = sceneAt(run, step);
        const jobs = machines.map((machine) => triedOut(scene, machine, kind));
        const cluster = clusterOf(scene, jobs);
        const expected = verdictsOf(scene, jobs);
        expect(cluster.combinations).toBe(`${expected.length}`);
        expect(cluster.bad).toBe(`${expected.filter((isGood) => !isGood).length}`);
        const rows = cluster.rows.reduce((sum, row) => sum + BigInt(row.combinations), 0n);
        expect(`${rows}`).toBe(cluster.combinations);
      }
    }
  });
});

describe("rows", () => {
  const run = ended("pysyncobj");
  const scene = sceneAt(run, run.steps);
  const jobs = ["A", "B", "C"].map((machine) => triedOut(scene, machine, "power"));
  const { rows, bad } = clusterOf(scene, jobs);

  it("come bad ones first, each text once", () => {
    const goods = rows.map(({ good }) => good);
    expect(goods).toEqual([...goods].sort((a, b) => Number(a) - Number(b)));
    expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length);
    expect(bad).not.toBe("0");
  });

  it("have a witness for every machine", () => {
    for (const { witness } of rows) expect(Object.keys(witness)).toEqual(["A", "B", "C"]);
  });

  it("tell of entries that are on too few servers", () => {
    expect(rows[0]?.text).toMatch(
      /^entr(y|ies).*, acknowledged to a client, (is|are) left on (no|one) server/,
    );
  });
});

it("followers that stand for each other are counted once", () => {
  const run = ended("pysyncobj");
  const scene = sceneAt(run, run.steps);
  const jobs = ["A", "B", "C"].map((machine) => triedOut(scene, machine, "power"));
  const leader = scene.servers.find(({ memory }) => memory?.role === "leader")?.machine;
  const followers = jobs.filter(({ machine }) => machine !== leader);
  const [one, other] = followers.map(({ classes }) => [...classes.keys()].sort());
  const leading = jobs.find(({ machine }) => machine === leader)?.classes.size ?? 0;
  const k = one?.length ?? 0;
  const alike = JSON.stringify(one) === JSON.stringify(other);
  const pairs = alike ? (k * (k + 1)) / 2 : k * (other?.length ?? 0);
  expect(clusterOf(scene, jobs).distinct).toBe(`${leading * pairs}`);
});

function triedOut(scene: Scene, machine: string, kind: "os" | "power"): MachineJob {
  const job = createMachineJob(scene, machine, kind, 10_000);
  while (!advanceMachine(job, 1000));
  return job;
}

/** Is it good? By combination, and said as plainly as can be. */
function verdictsOf(scene: Scene, jobs: readonly MachineJob[]): readonly boolean[] {
  let combinations: Map<string, ServerMemory | null>[] = [new Map()];
  const forgets: Map<ServerMemory | null, boolean> = new Map();
  for (const { classes } of jobs) {
    combinations = combinations.flatMap((before) =>
      [...classes.values()].map(({ judgement }) => {
        for (const [server, memory] of judgement.memories) {
          const lost = judgement.forgotten.get(server) ?? [];
          forgets.set(
            memory,
            lost.some(({ what }) => what !== "log"),
          );
        }
        return new Map([...before, ...judgement.memories]);
      }),
    );
  }
  return combinations.map((after) => {
    const memories = scene.servers.map(({ patient, memory }) =>
      after.has(patient.server) ? (after.get(patient.server) ?? null) : memory,
    );
    if (memories.includes(null)) return false;
    if (memories.some((memory) => forgets.get(memory) === true)) return false;
    return scene.settled.every(({ index, term }) => {
      const holders = memories.filter((memory) => memory?.log.entries[index - 1]?.term === term);
      return holders.filter((memory) => (memory?.log.length ?? 0) >= index).length >= 2;
    });
  });
}
