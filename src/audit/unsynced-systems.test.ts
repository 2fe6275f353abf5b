import { expect, it } from "vitest";
import type { Plan } from "#sim/faults.ts";
import type { Verdict } from "#sim/frame.ts";
import { judgedServers } from "#sim/looks.ts";
import { at, plan } from "#sim/run.testkit.ts";
import { createTimeline, runToEnd } from "#sim/timeline.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { catchUp, createAuditor, verdicts } from "./auditor.ts";
import { explain } from "./trace.testkit.ts";

// A real system that syncs nothing, before the checks of what disks would keep.

const ASK = at(9_000_000, {
  ...{ type: "client", client: "c", server: null, operation: "write" },
  ...{ key: "x", value: "1", expected: null },
});

it("breaks its promises, at the first vote, the first commit and the first answer", () => {
  const judged = judge(pySyncObjPlan([ASK]));
  const early = ["C9", "C10", "C20"].map((id) => verdictOn(judged, id));
  expect(early.map(({ family }) => family)).toEqual(Array(3).fill("broken-promise"));
  expect(early.every(({ holds }) => !holds)).toBe(true);
  expect(explain(verdictOn(judged, "C9"))[0]).toMatch(
    /^. set its vote to ., and wrote nothing of it/,
  );
  expect(explain(verdictOn(judged, "C20"))).toContainEqual(
    expect.stringMatching(/^. wrote to .\/raft.journal .*did not sync/),
  );
});

it("is not excused by disks whose syncs lie, since it asks for none", () => {
  const lying = pySyncObjPlan([ASK]);
  const judged = judge({ ...lying, disk: { ...lying.disk, flushing: "total" } });
  for (const id of ["C9", "C10", "C20"]) {
    expect(verdictOn(judged, id), id).toMatchObject({ holds: false, family: "broken-promise" });
  }
});

it("promises nothing too early where no crash takes the page cache", () => {
  const mild = pySyncObjPlan([ASK]);
  const judged = judge({ ...mild, bugs: [], disk: { ...mild.disk, admits: ["process"] } });
  for (const id of ["C9", "C10", "C17", "C20"]) {
    expect(verdictOn(judged, id), id).toMatchObject({ holds: true, text: "" });
  }
});

it("does not start from the empty journal that a crash at its first boot leaves", () => {
  const judged = judge(
    pySyncObjPlan([
      at(1_000_000, {
        ...{ type: "restart", machines: ["A"], kind: "os", down: 100_000, stagger: 0 },
        survivors: { type: "chosen", effects: [1] },
      }),
    ]),
  );
  const verdict = verdictOn(judged, "C16");
  expect(verdict).toMatchObject({ holds: false, family: "violation" });
  expect(verdict.text).toMatch(/^A did not start again: ValueError/);
  expect(explain(verdict)).toContainEqual(
    expect.stringMatching(/^OS crash on machine A: \d+ unsynced writes lost\.$/),
  );
});

function judge(given: Plan): Verdict[] {
  const timeline = createTimeline(given, pysyncobj);
  runToEnd(timeline);
  const auditor = createAuditor({ servers: judgedServers(given) });
  catchUp(auditor, timeline);
  return verdicts(auditor, timeline.observations);
}

function verdictOn(judged: readonly Verdict[], id: string): Verdict {
  const verdict = judged.find((each) => each.id === id);
  if (verdict === undefined) throw new Error(`no check ${id}`);
  return verdict;
}

function pySyncObjPlan(script: Plan["script"]): Plan {
  const given = plan(3, script, {
    ...{ system: "pysyncobj", until: 12_000_000 },
    bugs: bugsOfPreset("pysyncobj", "0.3.14") ?? [],
  });
  const machines = given.machines.map((machine, number) => ({
    ...machine,
    servers: [{ id: machine.id, address: `127.0.0.1:700${number + 1}` }],
  }));
  return { ...given, machines };
}
