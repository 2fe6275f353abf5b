import { describe, expect, it } from "vitest";
import { crash } from "#disk/crash.ts";
import { createDisk } from "#disk/disk.ts";
import { entriesFrom, firstIndex } from "#raft/log.ts";
import type { System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import { recoverOn, serverOf } from "./recovery.ts";
import { crashAll, only, plan, write } from "./run.testkit.ts";
import { createTimeline, diskOf, runToEnd, serversOf, type Timeline } from "./timeline.ts";

describe.each<[string, System]>([
  ["reference", reference],
  ["pysyncobj", pysyncobj],
])("%s", (name, system) => {
  const run = ended(name, system);
  const crashes = only(run.observations, "crash");

  it("recovers without a world what a boot recovers in one", () => {
    expect(crashes).toHaveLength(3);
    for (const { machine, step, sequence } of crashes) {
      const disk = diskOf(run, step - 1, machine);
      crash(disk, "power", { type: "none" });
      const { patient } = serversOf(run, step).find((each) => each.machine === machine)!;
      const outcome = recoverOn(system, disk, patient);
      if (outcome?.ok !== true) throw new Error("it does not boot");
      const server = serverOf(system, patient, outcome.recovered);
      const booted = only(run.observations, "recovered").find(
        (each) => each.server === patient.server && each.sequence > sequence,
      );
      expect(booted).toMatchObject({
        currentTerm: server.currentTerm,
        votedFor: server.votedFor,
        commitIndex: server.commitIndex,
        entries: entriesFrom(server.log, firstIndex(server.log)),
      });
    }
  });

  it("knows who is up", () => {
    const [first] = crashes;
    const isUp = (step: number) =>
      serversOf(run, step).find(({ machine }) => machine === first?.machine)?.memory !== null;
    expect([isUp((first?.step ?? 0) - 1), isUp(first?.step ?? 0)]).toEqual([true, false]);
  });

  it("can be cut off before any of its steps", () => {
    const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
    const { patient } = serversOf(run, 0)[0]!;
    expect(recoverOn(system, disk, patient, 0)).toBeNull();
    expect(disk.names.size).toBe(0);
    expect(recoverOn(system, disk, patient)?.ok).toBe(true);
  });

  it("a clone of the disk at a step is its own", () => {
    const before = diskOf(run, run.steps, "A");
    crash(diskOf(run, run.steps, "A"), "power", { type: "none" });
    expect(diskOf(run, run.steps, "A").liveVersion).toBe(before.liveVersion);
  });
});

it("a failed call that ends the process ends the recovery, by its errno", () => {
  const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
  disk.armed = [{ type: "create-fails", count: 9 }];
  const { patient } = serversOf(ended("reference", reference), 0)[0]!;
  expect(recoverOn(reference, disk, patient)).toMatchObject({ ok: false, name: "ENOSPC" });
});

function ended(name: string, system: System): Timeline {
  const script = [write(1_500_000, "k", "v"), crashAll(2_000_000, ["A", "B", "C"], "power")];
  const run = createTimeline({ ...plan(3, script, { until: 2_600_000 }), system: name }, system);
  runToEnd(run);
  return run;
}
