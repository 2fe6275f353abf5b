import type { Scenario } from "#scenario/types.ts";
import type { Action } from "#ui/contract.ts";
import { useRun } from "#ui/run-store.ts";
import type { Session } from "#ui/session.ts";
import { listed } from "#ui/words.ts";
import type { SweepAsk } from "#worker/protocol.ts";
import { showWhatWasDone, standAt } from "./stand-at.ts";
import { type Policy, type StatesFound, useTrials } from "./trials.ts";

/** Microseconds without power. */
const DOWN = 1_000_000;

/** Which of these machines have disks of another policy than the one under which the states were tried. */
export function onOtherDisks(
  { policy }: SweepAsk,
  machines: readonly string[],
  scenario: Scenario | null,
): readonly string[] {
  if (policy === null || scenario === null) return [];
  return machines.filter((machine) => ownPolicy(scenario, machine) !== policy);
}

function ownPolicy({ cluster, disk }: Scenario, machine: string): Policy {
  return cluster.machines.find(({ id }) => id === machine)?.disk?.policy ?? disk.policy;
}

/**
 * Goes to the step in question, cuts the power of these machines there so that exactly these effects survive, and boots them
 * again. Where the states were tried under another policy, the disks get that one first.
 */
export async function makeTheRun(
  session: Session,
  { side, step, report }: StatesFound,
  witness: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  const machines = Object.keys(witness);
  const { policy } = report.ask;
  if (policy !== null) {
    await session.seek(step);
    const others = onOtherDisks(report.ask, machines, useRun.getState().scenario);
    for (const machine of others) await session.setDisk(machine, { policy });
  }
  await standAt(session, { side, step });
  const { past } = useRun.getState();
  await session.act(restartWith(report.ask.kind, witness));
  if (useRun.getState().past === past) return; // Refused, and told.
  await showWhatWasDone(session, { side, step: step + 1 });
  const what = report.ask.kind === "power" ? "the power of" : "the system of";
  useTrials.setState({
    made: `Done: ${what} ${listed(machines)} failed after step ${step}, and these writes survived. Step on to see the boot; Undo takes it back.`,
    said: "This is now the run.",
  });
}

function restartWith(
  kind: "os" | "power",
  witness: Readonly<Record<string, readonly number[]>>,
): Action {
  const of = Object.fromEntries(
    Object.entries(witness).map(([machine, effects]) => [
      machine,
      { type: "chosen", effects } as const,
    ]),
  );
  const machines = Object.keys(witness);
  const [only] = Object.values(of);
  const survivors =
    machines.length === 1 && only !== undefined ? only : ({ type: "by-machine", of } as const);
  return { type: "restart", machines, kind, survivors, down: DOWN, stagger: 0 };
}
