import type { Action, Anchor } from "#sim/faults.ts";
import { optionsOfPreset, type SystemEntry, systemEntry } from "#system/catalogue.ts";
import { decodeBase64 } from "./base64.ts";
import {
  checkDisks,
  checkFault,
  checkNotch,
  checkSurvivors,
  pathProblem,
  type Report,
} from "./disk-rules.ts";
import { LIMITS } from "./fields.ts";
import { HAPPENINGS } from "./happenings.ts";
import { type PathPart, type Problem, pathText } from "./problem.ts";
import type { Scenario, ScenarioMachine } from "./types.ts";

/** What a schema cannot say: names that refer to something, things that must fit together, sums that must stay small. */
export function problemsOf(scenario: Scenario): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, reason) => problems.push({ path: pathText(path), reason });
  checkSystem(scenario, report);
  checkCluster(scenario, report);
  checkNetwork(scenario, report);
  checkDisks(scenario, report);
  checkScript(scenario, report);
  checkExpectations(scenario, report);
  checkRecording(scenario, report);
  return problems;
}

function checkRecording({ recording, system, script, narration }: Scenario, report: Report): void {
  if (recording === undefined) return;
  if ((recording.name === undefined) === (recording.text === undefined)) {
    report(["recording"], "must have either a name or a text");
  }
  if (system !== "pysyncobj") report(["recording"], "is of PySyncObj, and the system is another");
  if (script.length + narration.length > 0) {
    report(["recording"], "is all that happens: there must be neither script nor narration");
  }
}

function checkSystem({ system, preset, bugs, twin, options }: Scenario, report: Report): void {
  const entry = systemEntry(system);
  if (entry === null) {
    report(["system"], `is ${JSON.stringify(system)}, which is not known here`);
    return;
  }
  const known = new Set(entry.bugs.map(({ id }) => id));
  const checkChoice = (at: readonly PathPart[], choice: Pick<Scenario, "preset" | "bugs">) => {
    if (!entry.presets.some(({ id }) => id === choice.preset)) {
      const all = entry.presets.map(({ id }) => JSON.stringify(id)).join(", ");
      const unknown = JSON.stringify(choice.preset);
      report([...at, "preset"], `is ${unknown}, but ${entry.title} has only ${all}`);
    }
    for (const [i, bug] of (choice.bugs ?? []).entries()) {
      if (known.has(bug)) continue;
      const all = known.size === 0 ? "none" : [...known].join(", ");
      report([...at, "bugs", i], `is ${JSON.stringify(bug)}, but ${entry.title} has ${all}`);
    }
    checkDistinct(choice.bugs ?? [], (i) => [...at, "bugs", i], report);
  };
  const checkOptions = (at: readonly PathPart[], given: Scenario["options"]) => {
    for (const option of Object.keys(given)) {
      if (entry.options.includes(option)) continue;
      const all = entry.options.join(", ");
      report([...at, "options", option], `is not known; ${entry.title} has ${all}`);
    }
  };
  const own = (choice: Pick<Scenario, "preset" | "bugs">) =>
    choice.bugs === null ? optionsOfPreset(system, choice.preset) : {};
  checkOptions([], options);
  checkLimits(entry, [], options, { ...own({ preset, bugs }), ...options }, report);
  checkChoice([], { preset, bugs });
  if (twin === null) return;
  const { options: others = {} } = twin;
  checkOptions(["twin"], others);
  checkLimits(entry, ["twin"], others, { ...own(twin), ...options, ...others }, report);
  checkChoice(["twin"], twin);
}

/** Of one side, with the preset's own settings under what the document gives. */
function checkLimits(
  { limits, orders }: SystemEntry,
  at: readonly PathPart[],
  given: Scenario["options"],
  all: Scenario["options"],
  report: Report,
): void {
  let isInRange = true;
  for (const [option, value] of Object.entries(given)) {
    const { least = value, most = value } = limits[option] ?? {};
    if (value >= least && value <= most) continue;
    isInRange = false;
    const range = limits[option]?.most === undefined ? `at least ${least}` : `${least} to ${most}`;
    report([...at, "options", option], `is ${value}; it may be ${range}`);
  }
  if (!isInRange) return;
  for (const { option, usually, above, aboveUsually, times } of orders) {
    const [value, bound] = [all[option] ?? usually, (all[above] ?? aboveUsually) * times];
    if (value > bound || !(option in given || above in given)) continue;
    const [raised, lowered] = [`raise ${option}`, `lower ${above}`];
    const reason = times === 1 ? above : `${times} times ${above}`;
    report(
      [...at, "options", option in given ? option : above],
      `makes ${option} ${value}, which must be more than ${reason} (${bound}); ${raised} or ${lowered}`,
    );
  }
}

function checkCluster({ cluster: { machines, members } }: Scenario, report: Report): void {
  const at = ["cluster", "machines"];
  const servers = machines.flatMap((machine, i) =>
    machine.servers.map((server, k) => ({ ...server, path: [...at, i, "servers", k] })),
  );
  const serverPath = (field: string) => (i: number) => [...(servers[i]?.path ?? []), field];
  checkDistinct(
    machines.map(({ id }) => id),
    (i) => [...at, i, "id"],
    report,
  );
  checkDistinct(
    servers.map(({ id }) => id),
    serverPath("id"),
    report,
  );
  checkDistinct(
    servers.map(({ address }) => address),
    serverPath("address"),
    report,
  );
  for (const [i, member] of (members ?? []).entries()) {
    if (servers.some(({ id }) => id === member)) continue;
    report(["cluster", "members", i], `is ${JSON.stringify(member)}, which is no server here`);
  }
  checkDistinct(members ?? [], (i) => ["cluster", "members", i], report);
  if (servers.length > LIMITS.servers) {
    report(["cluster"], `has ${servers.length} servers; at most ${LIMITS.servers} can be run`);
  }
  let total = 0;
  for (const [i, machine] of machines.entries()) {
    total += checkFiles(machine, [...at, i, "files"], report);
  }
  if (total > LIMITS.fileBytes) {
    report(["cluster"], `holds ${total} bytes of files; at most ${LIMITS.fileBytes} can be taken`);
  }
}

/** Returns how many bytes the files have. */
function checkFiles(machine: ScenarioMachine, at: readonly PathPart[], report: Report): number {
  let total = 0;
  for (const [i, { path, base64 }] of machine.files.entries()) {
    const bytes = decodeBase64(base64);
    if (bytes === null) report([...at, i, "base64"], "is not base64");
    else total += bytes.length;
    const problem = pathProblem(path, machine);
    if (problem !== null) report([...at, i, "path"], problem);
  }
  checkDistinct(
    machine.files.map(({ path }) => path),
    (i) => [...at, i, "path"],
    report,
  );
  return total;
}

function checkNetwork({ network }: Scenario, report: Report): void {
  const [least, most] = network.delay;
  if (least > most) report(["network", "delay"], `begins at ${least}, above its end ${most}`);
}

function checkScript(scenario: Scenario, report: Report): void {
  const { cluster, script, narration } = scenario;
  const machines = new Set(cluster.machines.map(({ id }) => id));
  const servers = new Set(
    cluster.machines.flatMap((machine) => machine.servers.map(({ id }) => id)),
  );
  for (const [i, { anchor, action }] of script.entries()) {
    checkAnchor(anchor, ["script", i, "anchor"], report);
    const at = ["script", i, "action"];
    for (const { field, names, kind } of namesIn(action)) {
      const known = kind === "machine" ? machines : servers;
      for (const name of names) {
        if (!known.has(name)) {
          report(
            [...at, field],
            `names ${JSON.stringify(name)}, which is no ${kind} of the cluster`,
          );
        }
      }
      checkDistinct(names, () => [...at, field], report);
    }
    checkNotch(anchor, action, ["script", i, "anchor"], report);
    if (action.type === "disk-fault") checkFault(scenario, action, at, report);
    if (action.type === "crash" || action.type === "restart") checkSurvivors(action, at, report);
  }
  for (const [i, { anchor }] of narration.entries()) {
    checkAnchor(anchor, ["narration", i, "anchor"], report);
    checkNotch(anchor, null, ["narration", i, "anchor"], report);
  }
}

function checkAnchor(anchor: Anchor, at: readonly PathPart[], report: Report): void {
  if (anchor.type !== "when") return;
  const { type } = anchor.match;
  if (type === undefined) {
    report([...at, "match"], "must say the type of what it waits for");
  } else if (!HAPPENINGS.some((each) => each === type)) {
    const all = HAPPENINGS.join(", ");
    report(
      [...at, "match", "type"],
      `is ${JSON.stringify(type)}, which never happens; there are ${all}`,
    );
  }
}

interface Names {
  readonly field: string;
  readonly names: readonly string[];
  readonly kind: "machine" | "server";
}

/** The names that an action refers to something by. */
function namesIn(action: Action): readonly Names[] {
  switch (action.type) {
    case "boot":
    case "stop":
    case "crash":
    case "restart":
      return [{ field: "machines", names: action.machines, kind: "machine" }];
    case "swap-disk":
    case "disk-fault":
    case "clock":
    case "write-back":
      return [{ field: "machine", names: [action.machine], kind: "machine" }];
    case "partition":
      return [
        { field: "from", names: action.from, kind: "server" },
        { field: "to", names: action.to, kind: "server" },
      ];
    case "hold":
    case "slow":
      return [
        { field: "from", names: [action.from], kind: "server" },
        { field: "to", names: [action.to], kind: "server" },
      ];
    case "connect":
      return [
        { field: "a", names: [action.a], kind: "server" },
        { field: "b", names: [action.b], kind: "server" },
      ];
    case "client":
      return [
        { field: "server", names: action.server === null ? [] : [action.server], kind: "server" },
      ];
    case "timeout":
      return [{ field: "server", names: [action.server], kind: "server" }];
    case "heal":
    case "drop":
    case "deliver":
    case "narrate":
      return [];
  }
}

function checkExpectations({ system, expect }: Scenario, report: Report): void {
  const presets = systemEntry(system)?.presets;
  for (const [i, { preset }] of expect.entries()) {
    if (preset !== null && presets?.some(({ id }) => id === preset) === false) {
      report(
        ["expect", i, "preset"],
        `is ${JSON.stringify(preset)}, which the system does not have`,
      );
    }
  }
  checkDistinct(
    expect.map(({ check, preset }) => JSON.stringify([check, preset])),
    (i) => ["expect", i],
    report,
  );
}

function checkDistinct(
  values: readonly string[],
  pathAt: (i: number) => readonly PathPart[],
  report: Report,
): void {
  const seen = new Set<string>();
  for (const [i, value] of values.entries()) {
    if (seen.has(value)) report(pathAt(i), `is there twice: ${value}`);
    seen.add(value);
  }
}
