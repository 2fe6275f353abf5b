import type { Action, Anchor } from "#sim/faults.ts";
import { decodeBase64 } from "./base64.ts";
import type { PathPart } from "./problem.ts";
import type { Scenario, ScenarioDisk, ScenarioMachine } from "./types.ts";

/** Says what is wrong at a place of the document, and what to do about it. */
export type Report = (path: readonly PathPart[], reason: string) => void;

/** The disk that this machine has: the scenario's, with the machine's own settings in their place. */
export function diskOf(scenario: Scenario, machine: ScenarioMachine): ScenarioDisk {
  return { ...scenario.disk, ...machine.disk };
}

/** Settings of a disk that contradict each other or mean nothing, on each machine. */
export function checkDisks(scenario: Scenario, report: Report): void {
  const said = new Set<string>();
  checkTwice(scenario.disk.admits, ["disk", "admits"], report);
  for (const [i, machine] of scenario.cluster.machines.entries()) {
    const at = ["cluster", "machines", i, "disk"];
    checkTwice(machine.disk?.admits ?? [], [...at, "admits"], report);
    for (const { fields, reason } of clashesOf(scenario, machine)) {
      // What the machine says itself is wrong there; what it has from the scenario is wrong once, for all.
      const own = fields.find((field) => machine.disk?.[field] !== undefined);
      const path = own === undefined ? ["disk", ...fields.slice(0, 1)] : [...at, own];
      const key = JSON.stringify([path, reason]);
      if (!said.has(key)) report(path, reason);
      said.add(key);
    }
  }
}

interface Clash {
  /** The first is the one to blame when nobody else is. */
  readonly fields: readonly (keyof ScenarioDisk)[];
  readonly reason: string;
}

function clashesOf(scenario: Scenario, machine: ScenarioMachine): readonly Clash[] {
  const disk = diskOf(scenario, machine);
  const clashes: Clash[] = [];
  const clash = (fields: readonly (keyof ScenarioDisk)[], reason: string) => {
    clashes.push({ fields, reason });
  };
  if (!disk.powersafeOverwrite && disk.tear === "none") {
    clash(
      ["powersafeOverwrite", "tear"],
      'does not fit: powersafeOverwrite is false, but with tear "none" no write is ever left half done; set tear to "page", "sector" or "byte-prefix", or powersafeOverwrite to true',
    );
  }
  if (disk.exposure === "garbage" && !exposes(scenario, machine, disk)) {
    clash(
      ["exposure", "policy"],
      `does not fit: exposure is "garbage", but under the policy "${disk.policy}" no size survives without its data; use "metadata-first" or "adversarial", or exposure "zeros"`,
    );
  }
  if (disk.storeGrain !== null && 4096 % disk.storeGrain !== 0) {
    clash(
      ["storeGrain"],
      `is ${disk.storeGrain}, which does not divide a page of 4096 bytes: use a power of two, like 8, or null`,
    );
  }
  if (disk.allocation === "at-sync" && disk.capacity === null && !isEverFull(scenario, machine)) {
    clash(
      ["allocation", "capacity"],
      'does not fit: allocation is "at-sync", but without a capacity the disk is never full; set capacity, add a disk-fault "capacity", or use "at-write"',
    );
  }
  const held = bytesOf(machine);
  if (disk.capacity !== null && disk.capacity < held) {
    clash(
      ["capacity"],
      `is ${disk.capacity}, but the files of machine ${machine.id} have ${held} bytes already: give it at least that many`,
    );
  }
  return clashes;
}

/** May a crash leave a size whose data never reached the platter? By the policy, or since somebody lost the data behind its back. */
function exposes(scenario: Scenario, { id }: ScenarioMachine, disk: ScenarioDisk): boolean {
  if (disk.policy === "metadata-first" || disk.policy === "adversarial") return true;
  if (disk.flushing !== "honest") return true;
  return scenario.script.some(
    ({ action }) =>
      action.type === "disk-fault" &&
      action.machine === id &&
      ["lost-write", "sync-fails", "flushing"].includes(action.fault.type),
  );
}

function isEverFull({ script }: Scenario, { id }: ScenarioMachine): boolean {
  return script.some(
    ({ action }) =>
      action.type === "disk-fault" &&
      action.machine === id &&
      action.fault.type === "capacity" &&
      action.fault.bytes !== null,
  );
}

function bytesOf({ files }: ScenarioMachine): number {
  return files.reduce((sum, { base64 }) => sum + (decodeBase64(base64)?.length ?? 0), 0);
}

function checkTwice(kinds: readonly string[], at: readonly PathPart[], report: Report): void {
  for (const [i, kind] of kinds.entries()) {
    if (kinds.indexOf(kind) < i) report([...at, i], `is there twice: ${kind}`);
  }
}

/** A path below a machine's root, in a folder of one of its servers; else what is wrong with it. */
export function pathProblem(path: string, { servers }: ScenarioMachine): string | null {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return `is ${JSON.stringify(path)}, not a path below the machine's root`;
  }
  if (parts.length >= 2 && servers.some(({ id }) => id === parts[0])) return null;
  const all = servers.map(({ id }) => `${id}/`).join(" or ");
  return `is ${JSON.stringify(path)}, but must begin with ${all}`;
}

/** What a fault is put on must be a file of that machine; whether it is there then, the run will say. */
export function checkFault(
  { cluster }: Scenario,
  { machine: id, fault }: Extract<Action, { type: "disk-fault" }>,
  at: readonly PathPart[],
  report: Report,
): void {
  const machine = cluster.machines.find((each) => each.id === id);
  if (machine === undefined || !("file" in fault) || fault.file === null) return;
  const problem = pathProblem(fault.file, machine);
  if (problem !== null) report([...at, "fault", "file"], problem);
}

/** Survivors are chosen where something can be lost, and for each machine its own. */
export function checkSurvivors(
  { kind, survivors, machines }: Extract<Action, { type: "crash" | "restart" }>,
  at: readonly PathPart[],
  report: Report,
): void {
  const { type } = survivors;
  const choosesNothing = type === "none" || type === "all";
  if (!choosesNothing && (kind === "process" || kind === null)) {
    const what = kind === null ? "a stop in an orderly way" : "a process crash";
    const reason = `are "${type}", but ${what} loses nothing that was written: leave them out, or crash with kind "os" or "power"`;
    report([...at, "survivors"], reason);
  }
  if (type === "chosen" && machines.length > 1) {
    report(
      [...at, "survivors"],
      `are "chosen" for ${machines.length} machines, but effects are numbered on each machine anew: use "by-machine"`,
    );
  }
  if (type !== "by-machine") return;
  for (const id of Object.keys(survivors.of)) {
    if (machines.includes(id)) continue;
    report(
      [...at, "survivors", "of", id],
      `is no machine of this action, which has ${machines.join(", ")}: leave it out, or name it in machines`,
    );
  }
}

/** A notch stands in the middle of what one machine does, so only a crash of that machine can come there. */
export function checkNotch(
  anchor: Anchor,
  action: Action | null,
  at: readonly PathPart[],
  report: Report,
): void {
  if (anchor.type !== "at" || anchor.notch === undefined) return;
  const crashes = action?.type === "crash" || (action?.type === "restart" && action.kind !== null);
  if (!crashes) {
    report(
      [...at, "notch"],
      "is for a crash alone, or a restart that begins with one: leave it out",
    );
  } else if (action.machines.length !== 1) {
    const names = action.machines.join(", ");
    report(
      [...at, "notch"],
      `stands in what one machine does, but this crashes ${names}: name one`,
    );
  }
}

/**
 * What can be run, yet may not be what its author means: crashes that the scenario does not admit. Some mean it, to show
 * that a promise was never made for them.
 */
export function doubtsOf(scenario: Scenario): readonly string[] {
  const doubts = new Set<string>();
  for (const { action } of scenario.script) {
    if (action.type !== "crash" && action.type !== "restart") continue;
    if (action.kind === null) continue;
    for (const machine of scenario.cluster.machines) {
      if (!action.machines.includes(machine.id)) continue;
      const { admits } = diskOf(scenario, machine);
      if (admits.includes(action.kind)) continue;
      const all = admits.length === 0 ? "no crash at all" : admits.join(", ");
      doubts.add(
        `The script has a crash of kind ${action.kind}, but disk.admits of ${machine.id} has ${all}: durability is not judged under it.`,
      );
    }
  }
  return [...doubts];
}
