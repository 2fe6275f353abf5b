import type { ClientOperation, ServerId } from "#raft/types.ts";
import { setClock } from "./clock.ts";
import { faultWords } from "./fault-words.ts";
import type { Action } from "./faults.ts";
import { receiveInput } from "./inbox.ts";
import { boot, breakDisk, crash, stop, swapDisk, writeBackNow } from "./machine.ts";
import { deliverNow, dropMessage, forceLink, letGo } from "./network.ts";
import { laneOf } from "./network-state.ts";
import { forceTimeout } from "./process.ts";
import { push } from "./queue.ts";
import { machineOf, observe, processOf, type World } from "./world.ts";

/** Does what the script, or the user, wants done now. */
export function act(world: World, action: Action): void {
  if (action.type !== "narrate") {
    world.cause = observe(world, { type: "action", text: inWords(action) });
  }
  const { cause } = world;
  switch (action.type) {
    case "boot":
      bootInTurn(world, action.machines, 0, action.stagger);
      return;
    case "stop":
      for (const machine of action.machines) stop(world, machine);
      return;
    case "crash":
      for (const machine of action.machines) {
        crash(world, machine, action.kind, action.survivors);
        world.cause = cause;
      }
      return;
    case "restart":
      for (const machine of action.machines) {
        if (action.kind === null) stop(world, machine);
        else crash(world, machine, action.kind, action.survivors);
        world.cause = cause;
      }
      bootInTurn(world, action.machines, action.down, action.stagger);
      return;
    case "swap-disk":
      swapDisk(world, action.machine);
      return;
    case "disk-fault":
      breakDisk(world, action.machine, action.fault);
      return;
    case "partition":
      for (const from of action.from) {
        for (const to of action.to) {
          if (from === to) continue;
          wall(world, from, to, action.cut);
          if (action.bothWays) wall(world, to, from, action.cut);
        }
      }
      return;
    case "heal":
      for (const [from] of world.servers) {
        for (const [to] of world.servers) {
          if (from === to) continue;
          wall(world, from, to, false);
          hold(world, from, to, false);
        }
      }
      return;
    case "hold":
      hold(world, action.from, action.to, action.on);
      return;
    case "slow":
      laneOf(world.network, action.from, action.to).slowBy = action.by;
      return;
    case "drop":
      dropMessage(world, action.message, "script");
      return;
    case "deliver":
      deliverNow(world, action.message);
      return;
    case "connect":
      forceLink(world, action.a, action.b, action.up);
      return;
    case "client":
      ask(world, action);
      return;
    case "timeout":
      forceTimeout(world, action.server);
      return;
    case "clock":
      setClock(machineOf(world, action.machine).clock, world.now, action.offset, action.drift);
      return;
    case "write-back":
      writeBackNow(world, action.machine, action.effects);
      return;
    case "narrate":
      observe(world, { type: "narration", text: action.text });
  }
}

/** An action in the words of the feed. */
export function inWords(action: Action): string {
  switch (action.type) {
    case "boot":
      return `power on: ${list(action.machines)}`;
    case "stop":
      return `graceful stop: ${list(action.machines)}`;
    case "crash":
      return `${crashWords[action.kind]}: ${list(action.machines)}`;
    case "restart":
      return `${action.kind === null ? "graceful stop" : crashWords[action.kind]} and restart: ${list(action.machines)}`;
    case "swap-disk":
      return `${action.machine} gets an empty disk`;
    case "disk-fault":
      return faultWords(action.machine, action.fault);
    case "partition":
      return action.cut
        ? `partition: ${list(action.from)} ${action.bothWays ? "|" : "-/->"} ${list(action.to)}`
        : `heal: ${list(action.from)} - ${list(action.to)}`;
    case "heal":
      return "heal every partition";
    case "hold":
      return `${action.on ? "hold" : "let go"} messages ${action.from} -> ${action.to}`;
    case "slow":
      return `messages ${action.from} -> ${action.to} take ${action.by / 1000} ms longer`;
    case "drop":
      return `lose message ${action.message}`;
    case "deliver":
      return `deliver message ${action.message} now`;
    case "connect":
      return `${action.up ? "connect" : "disconnect"} ${action.a} - ${action.b}`;
    case "client":
      return `client ${action.client} asks ${action.server ?? "the leader"}: ${operationWords(action)}`;
    case "timeout":
      return `${action.server}'s election timer rings`;
    case "clock":
      return `${action.machine}'s clock is set`;
    case "write-back":
      return `write back on ${action.machine}${action.effects === null ? ": everything" : ""}`;
    case "narrate":
      return action.text;
  }
}

const crashWords = {
  process: "process crash",
  os: "OS crash",
  power: "power loss",
} as const;

function operationWords(action: Extract<Action, { type: "client" }>): string {
  const { operation, key, value, expected } = action;
  switch (operation) {
    case "read":
      return `read ${key}`;
    case "write":
      return `set ${key} = ${value}`;
    case "compare-and-set":
      return `set ${key} = ${value} if it is ${expected ?? "absent"}`;
    case "increment":
      return `add ${value} to ${key}`;
    case "add-server":
      return `add server ${key}`;
    case "remove-server":
      return `remove server ${key}`;
  }
}

function list(names: readonly string[]): string {
  return names.join(", ");
}

function bootInTurn(
  world: World,
  machines: readonly string[],
  after: number,
  stagger: number,
): void {
  const { cause } = world;
  machines.forEach((machine, turn) => {
    const delay = after + turn * stagger;
    if (delay === 0) boot(world, machine);
    else push(world.queue, world.now + delay, cause, { type: "boot", machine });
    world.cause = cause;
  });
}

function wall(world: World, from: ServerId, to: ServerId, cut: boolean): void {
  const lane = laneOf(world.network, from, to);
  if (lane.cut === cut) return;
  lane.cut = cut;
  observe(world, { type: "partition", from, to, cut });
  if (!cut) letGo(world, from, to);
}

function hold(world: World, from: ServerId, to: ServerId, on: boolean): void {
  const lane = laneOf(world.network, from, to);
  if (lane.hold === on) return;
  lane.hold = on;
  if (!on) letGo(world, from, to);
}

function ask(world: World, action: Extract<Action, { type: "client" }>): void {
  const server = action.server ?? leaderForClients(world);
  world.operationsAsked += 1;
  const operation: ClientOperation = {
    id: `${action.client}-${world.operationsAsked}`,
    client: action.client,
    type: action.operation,
    key: action.key,
    value: action.value,
    expected: action.expected,
  };
  const asked = observe(world, { type: "invoke", server, operation });
  const process = processOf(world, server);
  if (process.status !== "up") {
    world.cause = asked;
    observe(world, {
      type: "return",
      server,
      operation,
      result: { outcome: "failed", code: "UNREACHABLE", value: null },
      entry: null,
    });
    return;
  }
  world.operations.set(operation.id, { operation, server });
  const command = world.system.machine.encode(operation);
  receiveInput(world, process, { type: "client", operation, command }, asked);
}

/** Whom a client without a wish asks: the leader of the highest term, else the first server that is up, else the first. */
function leaderForClients(world: World): ServerId {
  let best: ServerId | null = null;
  let bestTerm = -1;
  let firstUp: ServerId | null = null;
  for (const [id, { server }] of world.servers) {
    if (server === null) continue;
    firstUp ??= id;
    if (server.role === "leader" && server.currentTerm > bestTerm) {
      best = id;
      bestTerm = server.currentTerm;
    }
  }
  const [first] = world.servers.keys();
  return best ?? firstUp ?? first ?? "";
}
