import type { Micros } from "#raft/types.ts";
import { leavePlace, reachPlace } from "./cuts.ts";
import { boot, planWriteBack, writeBack } from "./machine.ts";
import { arrive, changeLink, dial } from "./network.ts";
import { orphanStepDone } from "./orphans.ts";
import { ringAlarm, settle, stepDone, wake } from "./process.ts";
import { peek, pop, type SimEvent } from "./queue.ts";
import { advanceRecorded } from "./recorded.ts";
import { act } from "./script.ts";
import { type DueAction, dueAction } from "./script-state.ts";
import { processOf, type World } from "./world.ts";

/**
 * Handles the next event, or the next action of the script when that comes first. False: nothing is left before the run's end.
 * Events that let nothing be seen (an idle tick) make no step.
 */
export function advance(world: World): boolean {
  const { recorded } = world.plan;
  if (recorded !== undefined) return advanceRecorded(world, recorded);
  const next = peek(world.queue);
  const { until } = world.plan;
  const action = armCuts(world, Math.min(next?.time ?? until, until));
  const seen = world.observations;
  world.step += 1;
  if (action !== null) {
    moveTo(world, Math.max(world.now, action.anchor.time));
    reachPlace(world, { time: world.now, order: world.eventsNow });
    world.script.done += 1;
    world.cause = null;
    act(world, action.action);
    settle(world);
  } else {
    if (next === null || next.time > until) {
      leavePlace(world);
      world.step -= 1;
      return false;
    }
    pop(world.queue);
    moveTo(world, next.time);
    reachPlace(world, { time: world.now, order: world.eventsNow });
    world.events += 1;
    world.eventsNow += 1;
    world.cause = next.cause;
    happen(world, next.event);
    settle(world);
    leavePlace(world);
  }
  for (const machine of world.machines.values()) {
    if (machine.disk.options.writeBack !== null) planWriteBack(world, machine);
  }
  if (world.observations === seen) world.step -= 1;
  return true;
}

/** Lets the actions that are due and wait for a notch wait; returns the next one that does not. */
function armCuts(world: World, time: Micros): DueAction | null {
  let due = dueAction(world, time);
  while (due !== null && due.anchor.notch !== undefined) {
    world.script.done += 1;
    const { action, anchor, index } = due;
    const machine = "machines" in action ? (action.machines[0] ?? "") : "";
    const strike = (each: World) => {
      each.cause = null;
      act(each, action);
    };
    const { order, notch: left = 0 } = anchor;
    world.cuts = [...world.cuts, { index, machine, time: anchor.time, order, left, strike }];
    due = dueAction(world, time);
  }
  return due;
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
    case "orphan":
      orphanStepDone(world, processOf(world, event.server), event.number);
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
