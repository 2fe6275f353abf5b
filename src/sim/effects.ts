import type { Effect } from "#raft/protocol.ts";
import type { ClientOperation, ClientResult, Entry } from "#raft/types.ts";
import { actorIndex, noteTo, restoreState } from "./actors.ts";
import { applicationDigest, applyEntry } from "./application.ts";
import { virtualTime } from "./clock.ts";
import { forgetAll, forgetFrom, lookAtHolders, promiseOf } from "./looks.ts";
import { sendMessage } from "./network.ts";
import { push } from "./queue.ts";
import { machineOf, observe, type Process, type World } from "./world.ts";

/** One effect of a protocol takes place, as far as storage lets it. */
export function play(
  world: World,
  process: Process,
  effect: Effect,
  removed: readonly Entry[],
): void {
  const { id: server } = process;
  switch (effect.type) {
    case "append":
      observe(world, { type: "append", server, entries: effect.entries });
      break;
    case "truncate":
      forgetFrom(process, effect.from);
      observe(world, { type: "truncate", server, from: effect.from, removed });
      break;
    case "rebase": {
      forgetAll(process);
      const { reason, baseIndex, baseTerm, entries } = effect;
      observe(world, { type: "rebase", server, reason, baseIndex, baseTerm, entries });
      break;
    }
    case "restore":
      restoreState(world, process, effect.state);
      break;
    case "store":
      observe(world, { type: "store", server, what: effect.what, values: effect.values });
      break;
    case "send":
      handOut(world, process, effect);
      return;
    case "apply":
      apply(world, process, effect.entry);
      break;
    case "reply":
      reply(world, process, effect);
      return;
    case "alarm":
      setAlarm(world, process, effect.alarm, effect.at);
      return;
    case "notice":
      observe(world, { type: "notice", server, severity: effect.severity, text: effect.text });
      return;
    case "error":
      observe(world, { type: "handler-error", server, name: effect.name, text: effect.text });
      return;
    case "hard-state":
      break;
  }
  const route = world.system.route(effect);
  if (route === null) return;
  const actor = actorIndex(world, route.actor);
  if (route.wait) process.waiting = actor;
  noteTo(world, process, actor, { type: "effect", effect });
}

function handOut(world: World, process: Process, effect: Extract<Effect, { type: "send" }>): void {
  const { message } = effect;
  if (world.system.holds(message)) {
    process.tickets += 1;
    process.held.push({ ticket: process.tickets, message, cause: world.cause });
    observe(world, { type: "held", server: process.id, message, ticket: process.tickets });
    return;
  }
  sendMessage(world, message, promiseOf(world, process, message, false));
}

function apply(world: World, process: Process, entry: Entry): void {
  const { application } = process;
  const { text, key, value } = applyEntry(application, entry, world.decoder.decode(entry));
  observe(world, {
    type: "apply",
    server: process.id,
    entry,
    text,
    key,
    value,
    state: applicationDigest(application),
  });
}

function reply(world: World, process: Process, effect: Extract<Effect, { type: "reply" }>): void {
  const asked = world.operations.get(effect.operation);
  if (asked === undefined) return; // Nobody waits any more.
  world.operations.delete(effect.operation);
  const { entry } = effect;
  const result = resultOf(process, asked.operation, effect);
  if (result.outcome === "ok" && entry !== null) lookAtHolders(world, process, entry);
  observe(world, { type: "return", server: process.id, operation: asked.operation, result, entry });
}

/** What the state machine adds to a protocol's answer: the value read, and whether a compare-and-set found what it expected. */
function resultOf(
  { application }: Process,
  { type }: ClientOperation,
  { result, readKey, entry }: Extract<Effect, { type: "reply" }>,
): ClientResult {
  const value = readKey === null ? null : (application.values.get(readKey)?.value ?? null);
  if (
    type === "compare-and-set" &&
    result.outcome === "ok" &&
    application.missed === entry?.index
  ) {
    return { outcome: "failed", code: "NOT_AS_EXPECTED", value };
  }
  return readKey === null ? result : { ...result, value };
}

function setAlarm(world: World, process: Process, alarm: string, at: number | null): void {
  if (at === null) {
    delete process.alarms[alarm];
    return;
  }
  process.settings += 1;
  process.alarms[alarm] = { setting: process.settings, cause: world.cause };
  const { clock } = machineOf(world, process.machine);
  push(world.queue, virtualTime(clock, at, world.now), world.cause, {
    type: "alarm",
    server: process.id,
    alarm,
    setting: process.settings,
  });
}
