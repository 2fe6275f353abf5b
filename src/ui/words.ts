import type { Scenario } from "#scenario/types.ts";
import type { Mark } from "#sim/frame.ts";
import { systemEntry } from "#system/catalogue.ts";
import type { Side } from "#worker/protocol.ts";
import { sameBugs } from "./bugs.ts";
import type { Action, Anchor, DiskFault } from "./contract.ts";

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
  const { match, count, delay } = anchor;
  const [who, did] = happeningWords(match);
  const what = count === 1 ? `${who} first ${did}` : `${who} ${did} ${count} times`;
  return `${delay > 0 ? `${seconds(delay)} ` : ""}after ${what}`;
}

type Match = Extract<Anchor, { type: "when" }>["match"];

/** What an anchor waits for, as who and did. What is not common is given field by field. */
function happeningWords(match: Match): readonly [string, string] {
  const { type, ...fields } = match;
  const names = Object.keys(fields).sort().join(" ");
  const { server, "operation.client": client, "operation.key": key } = match;
  switch (`${type}: ${names}`) {
    case "role: server to":
    case "role: to":
      return [String(server ?? "a server"), `became ${match.to}`];
    case "link: a b up":
      return [`${match.a} and ${match.b}`, match.up ? "connected" : "lost their connection"];
    case "recovered: server":
      return [String(server), "came back from its disk"];
    case "truncate: server":
      return [String(server), "cut its log"];
    case "return: operation.client result.outcome":
    case "return: operation.key result.outcome":
    case "return: operation.client operation.key result.outcome": {
      const answer = match["result.outcome"] === "ok" ? "OK" : match["result.outcome"];
      return [String(client ?? "a client"), `got “${answer}”${key ? ` for ${key}` : ""}`];
    }
    case "send: message.kind message.term message.to server":
    case "send: message.kind message.to server":
    case "send: message.kind server":
      return [String(server), sentText(match)];
    case "crash: kind machine":
      return [`the machine of ${match.machine}`, CRASHED[String(match.kind)] ?? "crashed"];
    case "crash: machine":
      return [`the machine of ${match.machine}`, "crashed"];
    case "boot: machine":
      return [`the machine of ${match.machine}`, "was switched on"];
    case "failed: server":
      return [String(server), "ended itself with an error"];
    case "disk: op.type server":
    case "disk: op.truncate op.type server":
      return [String(server), diskCallText(match)];
    default: {
      const given = Object.entries(fields).map(([name, value]) => `${name} ${value ?? "none"}`);
      return [`“${[String(type ?? "anything"), ...given].join(", ")}”`, "happened"];
    }
  }
}

/** "answered B's request for a vote in term 1" */
function sentText(match: Match): string {
  const to = match["message.to"];
  const term = match["message.term"];
  const kind = String(match["message.kind"]);
  const what = MESSAGES[kind]?.(String(to ?? "somebody")) ?? `sent a message (${kind})`;
  return term === undefined ? what : `${what} in term ${term}`;
}

const MESSAGES: Readonly<Record<string, (to: string) => string>> = {
  "vote-request": (to) => `asked ${to} for its vote`,
  "vote-reply": (to) => `answered ${to} about its vote`,
  append: (to) => `sent ${to} entries or a heartbeat`,
  "append-reply": (to) => `answered ${to} about its log`,
  forward: (to) => `passed a command on to ${to}`,
  "forward-reply": (to) => `answered ${to} about a command`,
};

const CRASHED: Readonly<Record<string, string>> = {
  process: "had its process killed",
  os: "had its system crash",
  power: "lost its power",
};

function diskCallText(match: Match): string {
  const call = String(match["op.type"]);
  if (call === "open" && match["op.truncate"] === true) return "emptied a file";
  return CALLS[call] ?? `made a file system call (${call})`;
}

const CALLS: Readonly<Record<string, string>> = {
  open: "opened a file",
  write: "wrote to a file",
  rename: "renamed a file",
  sync: "synced a file",
  unlink: "deleted a file",
  truncate: "cut a file",
};

const MARKS: Readonly<Record<string, Mark["kind"]>> = {
  role: "election",
  truncate: "truncate",
  crash: "crash",
  boot: "boot",
  return: "client",
};

/** A script in the order in which it falls due. What waits for something that no mark shows stays behind the one before it. */
export function byDue<Item extends { readonly anchor: Anchor }>(
  script: readonly Item[],
  marks: readonly Mark[],
): readonly Item[] {
  let before = 0;
  const timed = script.map((item) => {
    const due = dueTime(item.anchor, marks) ?? before;
    before = due;
    return { item, due };
  });
  return timed.sort((one, other) => one.due - other.due).map(({ item }) => item);
}

/** Microseconds of virtual time; null: nothing tells. */
function dueTime(anchor: Anchor, marks: readonly Mark[]): number | null {
  if (anchor.type === "at") return anchor.time;
  const { match, count, delay } = anchor;
  if (match.type === "role" && match.to !== "leader") return null;
  const who = match.server ?? match.machine;
  const asked = [match["operation.client"], match["operation.key"]].filter((name) => name != null);
  const such = marks.filter(
    ({ kind, server, text }) =>
      kind === MARKS[String(match.type)] &&
      (who === undefined || server === who) &&
      asked.every((name) => text.includes(String(name))),
  );
  const mark = such[count - 1];
  return mark === undefined ? null : mark.time + delay;
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
      const isPlain = action.survivors.type === "none" || action.kind === null;
      const kept = isPlain ? "" : `, ${survivorsText(action.survivors)}`;
      return `${how} ${listed(action.machines)}${kept}, ${down}`;
    }
    case "disk-fault":
      return `on the disk of ${action.machine}: ${faultText(action.fault)}`;
    case "swap-disk":
      return `put an empty disk into ${action.machine}`;
    case "partition": {
      const verb = action.cut ? "cut" : "heal";
      const [from, to] = [listed(action.from), listed(action.to)];
      if (action.bothWays)
        return `${verb} the network between ${from} on one side and ${to} on the other`;
      return `${verb} the network from ${from} to ${to}`;
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
      return `flush ${action.effects === null ? "everything" : writesText(action.effects)} of ${action.machine}`;
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
  return named?.title ?? `own choice of bugs: ${choice.bugs.length} on`;
}

/** What a side shows: a version of the system, or of a recorded run what was recorded and the model beside it. */
export function sideText(scenario: Scenario, side: Side): string {
  const choice = side === "main" ? scenario : (scenario.twin ?? scenario);
  const version = versionText(scenario.system, choice);
  if (scenario.recording === undefined) return version;
  return `${side === "main" ? "recorded" : "model"}, ${version.replace(/, as released$/, "")}`;
}

function clientText(action: Extract<Action, { type: "client" }>): string {
  const where = action.server === null ? "the leader" : action.server;
  if (action.operation === "read") return `client reads ${action.key} at ${where}`;
  if (action.operation === "increment") {
    return `client adds ${action.value} to ${action.key} at ${where}`;
  }
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
      return `${writesText(survivors.effects, "chosen ")} survive${survivors.effects.length === 1 ? "s" : ""}`;
    case "by-machine": {
      const each = Object.entries(survivors.of).map(
        ([machine, its]) => `${machine}: ${survivorsText(its)}`,
      );
      return each.length === 0 ? "nothing unflushed survives" : each.join("; ");
    }
  }
}

/** "3 chosen writes" */
function writesText({ length }: readonly number[], chosen = ""): string {
  return `${length === 0 ? "no" : length} ${chosen}${length === 1 ? "write" : "writes"}`;
}

/** What goes wrong with a disk, in words. */
export function faultText(fault: DiskFault): string {
  switch (fault.type) {
    case "sync-fails":
      return nextText(fault.count, "sync", fault.file, "fail with EIO");
    case "write-fails":
      return nextText(fault.count, "write", fault.file, `fail with ${fault.errno}`);
    case "create-fails":
      return `${fault.count === 1 ? "the next file" : `the next ${fault.count} files`} cannot be created or renamed`;
    case "capacity":
      return fault.bytes === null ? "there is room again" : `room for ${fault.bytes} bytes in all`;
    case "unreadable":
      return `the sector at byte ${fault.offset} of ${fault.file} cannot be read`;
    case "rot":
      return `bit ${fault.bit} of byte ${fault.offset} of ${fault.file} flips`;
    case "lost-write":
      return `the next write to ${fault.file} never reaches the medium`;
    case "flushing":
      return FLUSHING[fault.flushing];
    case "evict":
      return `the kernel drops the clean pages of ${fault.file}`;
  }
}

const FLUSHING = {
  honest: "syncs are honest from now on",
  device: "syncs stop at the device's own cache from now on",
  total: "syncs do nothing from now on",
};

/** "the next sync of A/wal fails with EIO", "the next 3 writes of any file fail with ENOSPC" */
function nextText(count: number, call: string, file: string | null, fate: string): string {
  const of = `of ${file ?? "any file"}`;
  if (count === 1) return `the next ${call} ${of} ${fate.replace("fail", "fails")}`;
  return `the next ${count} ${call}s ${of} ${fate}`;
}

function staggered(stagger: number): string {
  return stagger > 0 ? ` ${seconds(stagger)} apart` : "";
}
