import type { Micros } from "#raft/types.ts";
import { boot, planWriteBack, writeBack } from "./machine.ts";
import { arrive, changeLink, dial } from "./network.ts";
import { ringAlarm, settle, stepDone, wake } from "./process.ts";
import { peek, pop, type SimEvent } from "./queue.ts";
import { act } from "./script.ts";
import { dueAction } from "./script-state.ts";
import { processOf, type World } from "./world.ts";

/**
 * Handles the next event, or the next action of the script when that comes first. False: nothing is left before the run's end.
 * Events that let nothing be seen (an idle tick) make no step.
 */
export function advance(world: World): boolean {
  const next = peek(world.queue);
  const { until } = world.plan;
  const action = dueAction(world, Math.min(next?.time ?? until, until));
  const seen = world.observations;
  world.step += 1;
  if (action !== null && action.anchor.type === "at") {
    moveTo(world, Math.max(world.now, action.anchor.time));
    world.script.done += 1;
    world.cause = null;
    act(world, action.action);
  } else {
    if (next === null || next.time > until) {
      world.step -= 1;
      return false;
    }
    pop(world.queue);
    moveTo(world, next.time);
    world.events += 1;
    world.eventsNow += 1;
    world.cause = next.cause;
    happen(world, next.event);
  }
  settle(world);
  for (const machine of world.machines.values()) {
    if (machine.disk.options.writeBack !== null) planWriteBack(world, machine);
  }
  if (world.observations === seen) world.step -= 1;
  return true;
}

function moveTo(world: World, time: Micros): void {
  if (time === world.now) return;
  world.now = time;
  world.eventsNow = 0;
}

function happen(world: World, event: SimEvent): void {
  switch (event.type) {
    case "deliver":
      arrive(world, event.message);
      return;
    case "wake":
      wake(world, processOf(world, event.server), event.nap);
      return;
    case "alarm":
      ringAlarm(world, processOf(world, event.server), event.alarm, event.setting);
      return;
    case "step-done":
      stepDone(world, processOf(world, event.server), event.epoch, event.actor);
      return;
    case "dial":
      dial(world, event.from, event.to, event.dial);
      return;
    case "link":
      changeLink(world, event.from, event.to, event.connection, event.up, event.reason);
      return;
    case "write-back":
      writeBack(world, event.machine);
      return;
    case "boot":
      boot(world, event.machine);
      return;
    case "script": {
      const scripted = world.plan.script[event.index];
      if (scripted !== undefined) act(world, scripted.action);
    }
  }
}
