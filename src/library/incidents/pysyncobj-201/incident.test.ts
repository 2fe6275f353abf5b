import { beforeAll, describe, expect, it } from "vitest";
import { runScenario } from "#cli/engine.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Frame } from "#sim/frame.ts";
import type { Observation, Observed } from "#sim/observation.ts";
import { frameAt } from "#sim/timeline.ts";
import { SIMULTANEOUS_REBOOT } from "./scenario.ts";

/** What the real 0.3.14 was measured to do from the same files, and what its pull request makes of it. */
describe.each(["main", "twin"] as const)("the simultaneous reboot (%s)", (side) => {
  let seen: readonly Observation[] = [];
  let end: Frame;

  beforeAll(() => {
    const parsed = parseScenario(SIMULTANEOUS_REBOOT);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
    const run = runScenario(parsed.value, side);
    if (!run.ok) throw new Error(run.problem);
    seen = run.value.timeline.observations;
    end = frameAt(run.value.timeline, run.value.timeline.steps);
  });

  it("answers OK to the first two writes", () => {
    expect(returns("app-A").map(({ operation: { key }, result: { code } }) => [key, code])).toEqual(
      [
        ["leader", "SUCCESS"],
        ["members/A", "SUCCESS"],
      ],
    );
  });

  it("connects C to both others at once, and B to A only five seconds after B's first try", () => {
    const links = seen.filter((each) => each.type === "link" && each.up);
    const pairs = links.map((each) => (each.type === "link" ? each.a + each.b : ""));
    expect(pairs.toSorted()).toEqual(["BA", "CA", "CB"]);
    const [BA] = links.filter((each) => each.type === "link" && each.a === "B");
    expect(BA?.time).toBeGreaterThan(5_000_000);
    expect(BA?.time).toBeLessThan(5_300_000);
  });

  it("ends with the same log, commit index and last applied everywhere", () => {
    const logs = end.servers.map(({ log }) =>
      log.map(({ index, term, text }) => [index, term, text]),
    );
    expect(logs[1]).toEqual(logs[0]);
    expect(logs[2]).toEqual(logs[0]);
    const indexes = end.servers.map((each) => [each.lastIndex, each.commitIndex, each.lastApplied]);
    const last = side === "main" ? 46 : 49;
    expect(indexes).toEqual(Array(3).fill([last, last, last]));
  });

  if (side === "main") {
    it("elects A in term 1, and at least a second later B in term 2", () => {
      expect(leaders()).toEqual([
        ["A", 1],
        ["B", 2],
      ]);
      const [first, second] = seen.filter((each) => each.type === "role" && each.to === "leader");
      expect((second?.time ?? 0) - (first?.time ?? 0)).toBeGreaterThan(1_000_000);
    });

    it("cuts the acknowledged entries 43 to 45 off the logs of C and A", () => {
      expect(truncations()).toEqual([
        ["C", [43, 44, 45]],
        ["A", [43, 44, 45]],
      ]);
    });

    it("never answers the client that writes through C: the handler dies", () => {
      expect(returns("app-C")).toEqual([]);
      const errors = seen.filter((each) => each.type === "handler-error");
      expect(errors).toMatchObject([{ server: "C", name: "AssertionError" }]);
    });

    it("answers OK to B's writes", () => {
      expect(returns("app-B").map(({ result }) => result.code)).toEqual(["SUCCESS", "SUCCESS"]);
    });

    it("ends with three state machines that disagree", () => {
      expect(values("leader")).toEqual({ A: "A", B: "B", C: "A" });
      expect(values("members/A")).toEqual({ A: "conn_url=A", B: null, C: "conn_url=A" });
      expect(values("members/B")).toEqual({ A: null, B: "conn_url=B", C: null });
      expect(values("post")).toEqual({ A: "yes", B: "yes", C: "yes" });
    });
  } else {
    it("elects A in term 6, and then never a server that lacks what was acknowledged", () => {
      expect(leaders()).toEqual([
        ["A", 6],
        ["C", 8],
      ]);
      expect(truncations()).toEqual([]);
    });

    it("answers OK to every write", () => {
      const codes = seen.flatMap((each) => (each.type === "return" ? [each.result.code] : []));
      expect(codes).toEqual(Array(5).fill("SUCCESS"));
    });

    it("ends with three state machines that agree", () => {
      expect(values("leader")).toEqual({ A: "B", B: "B", C: "B" });
      expect(new Set(end.servers.map(({ stateDigest }) => stateDigest)).size).toBe(1);
    });
  }

  function leaders() {
    const terms = new Map<string, number>();
    return seen.flatMap((each) => {
      if (each.type === "term") terms.set(each.server, each.to);
      if (each.type === "recovered") terms.set(each.server, each.currentTerm);
      return each.type === "role" && each.to === "leader"
        ? [[each.server, terms.get(each.server)]]
        : [];
    });
  }

  function truncations() {
    return seen.flatMap((each) =>
      each.type === "truncate" ? [[each.server, each.removed.map(({ index }) => index)]] : [],
    );
  }

  function returns(client: string): readonly Observed<"return">[] {
    return seen.flatMap((each) =>
      each.type === "return" && each.operation.client === client ? [each] : [],
    );
  }

  function values(key: string) {
    const rows = end.servers.map(({ id, state }) => {
      return [id, state.find((each) => each.key === key)?.value ?? null];
    });
    return Object.fromEntries(rows);
  }
});
