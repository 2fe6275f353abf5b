import { systemEntry } from "#system/catalogue.ts";
import { sameBugs } from "./bugs.ts";
import type { Action, Anchor } from "./contract.ts";

// Actions, anchors and times as people read them.

/** "2.250 s" */
export function seconds(micros: number, digits = 3): string {
  return `${(micros / 1_000_000).toFixed(digits)} s`;
}

/** "A, B and C" */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export function anchorText(anchor: Anchor): string {
  if (anchor.type === "at") return `at ${seconds(anchor.time)}`;
  const fields = Object.entries(anchor.match)
    .filter(([name]) => name !== "type")
    .map(([name, value]) => `${name} ${value === null ? "none" : value}`);
  const what = [String(anchor.match.type ?? "anything"), ...fields].join(", ");
  const nth = anchor.count === 1 ? "the first" : `no. ${anchor.count} of`;
  const later = anchor.delay > 0 ? `${seconds(anchor.delay)} after ` : "at ";
  return `${later}${nth} “${what}”`;
}

const KINDS = {
  process: "kill the process of",
  os: "crash the system of",
  power: "cut the power of",
};

export function actionText(action: Action): string {
  switch (action.type) {
    case "boot":
      return `boot ${listed(action.machines)}${staggered(action.stagger)}`;
    case "stop":
      return `stop ${listed(action.machines)}`;
    case "crash":
      return `${KINDS[action.kind]} ${listed(action.machines)}, ${survivorsText(action.survivors)}`;
    case "restart": {
      const how = action.kind === null ? "stop" : KINDS[action.kind];
      const down = `${seconds(action.down)} later boot again${staggered(action.stagger)}`;
      return `${how} ${listed(action.machines)}, ${down}`;
    }
    case "swap-disk":
      return `put an empty disk into ${action.machine}`;
    case "partition": {
      const verb = action.cut ? "cut" : "heal";
      const arrow = action.bothWays ? "and" : "to";
      return `${verb} ${listed(action.from)} ${arrow} ${listed(action.to)}`;
    }
    case "heal":
      return "heal every partition";
    case "hold":
      return `${action.on ? "hold" : "release"} messages from ${action.from} to ${action.to}`;
    case "slow":
      return `slow ${action.from} to ${action.to} by ${seconds(action.by)}`;
    case "drop":
      return `lose message ${action.message}`;
    case "deliver":
      return `deliver message ${action.message} next`;
    case "connect":
      return `${action.up ? "connect" : "disconnect"} ${action.a} and ${action.b}`;
    case "client":
      return clientText(action);
    case "timeout":
      return `let the election timer of ${action.server} ring`;
    case "clock":
      return `set the clock of ${action.machine} by ${seconds(action.offset)}`;
    case "write-back":
      return `flush ${action.effects === null ? "everything" : `${action.effects.length} writes`} of ${action.machine}`;
    case "narrate":
      return `say: ${action.text}`;
  }
}

/** The name of a version of a system, and how many of its bugs are on. */
export function versionText(
  system: string,
  choice: { readonly preset: string; readonly bugs: readonly string[] | null },
): string {
  const entry = systemEntry(system);
  const preset = entry?.presets.find(({ id }) => id === choice.preset);
  const title = preset?.title ?? choice.preset;
  if (choice.bugs === null) return title;
  const named = entry?.presets.find(({ bugs }) => sameBugs(bugs, choice.bugs ?? []));
  return named?.title ?? `own choice of bugs (${choice.bugs.length} on)`;
}

function clientText(action: Extract<Action, { type: "client" }>): string {
  const where = action.server === null ? "the leader" : action.server;
  if (action.operation === "read") return `client reads ${action.key} at ${where}`;
  const set = `${action.key} = ${action.value}`;
  if (action.operation === "write") return `client writes ${set} at ${where}`;
  return `client sets ${set} at ${where} if it is ${action.expected ?? "absent"}`;
}

function survivorsText(survivors: Extract<Action, { type: "crash" }>["survivors"]): string {
  switch (survivors.type) {
    case "none":
      return "nothing unflushed survives";
    case "all":
      return "everything written survives";
    case "seeded":
      return "some writes survive";
    case "chosen":
      return `${survivors.effects.length} chosen writes survive`;
  }
}

function staggered(stagger: number): string {
  return stagger > 0 ? ` ${seconds(stagger)} apart` : "";
}
