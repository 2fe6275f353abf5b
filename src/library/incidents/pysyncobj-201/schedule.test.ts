import { expect, it } from "vitest";
import { runScenario } from "#cli/engine.ts";
import { parseScenario } from "#scenario/schema.ts";
import { filesOf } from "./files.ts";
import { SIMULTANEOUS_REBOOT } from "./scenario.ts";
import { simultaneousReboot } from "./schedule.ts";

it("makes the same divergence on machines of other names", () => {
  const machines = ["10.0.0.1:2380", "10.0.0.2:2380", "10.0.0.3:2380"].map((id) => ({
    id,
    servers: [{ id, address: id }],
    files: filesOf(id),
  }));
  expect(broken(machines)).toContain("C15");
});

it("boots any other number of machines and does no more", () => {
  const machines = [{ id: "A", files: filesOf("A") }, { id: "B" }];
  expect(simultaneousReboot(["A", "B"]).script).toHaveLength(1);
  // Two servers elect and commit, on what they never sync (C9, C10); C7 is the lost term, and nothing comes of it.
  expect(broken(machines)).toEqual(["C7", "C9", "C10"]);
});

/** The checks that break under 0.3.14. */
function broken(machines: readonly { readonly id: string }[]) {
  const parsed = parseScenario({
    ...SIMULTANEOUS_REBOOT,
    ...simultaneousReboot(machines.map(({ id }) => id)),
    cluster: { machines },
    narration: [],
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  const run = runScenario(parsed.value);
  if (!run.ok) throw new Error(run.problem);
  return run.value.verdicts.filter(({ holds }) => !holds).map(({ id }) => id);
}
