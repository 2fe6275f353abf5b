import { assert } from "#base/assert.ts";
import { closeAll } from "#disk/disk.ts";
import type { Step } from "#system/contract.ts";
import { push } from "./queue.ts";
import {
  durationOf,
  memoryOf,
  nextStep,
  STEPS_AT_ONE_TIME,
  specOf,
  touchDisk,
} from "./stepping.ts";
import { machineOf, type Orphan, observe, type Process, type World } from "./world.ts";

// Children that go on when their parent has ended and its operating system has not.

/** The process has ended, its operating system has not: its children go on with what they are doing. */
export function orphan(world: World, process: Process): void {
  for (const slot of process.actors) {
    const spec = specOf(world, slot);
    if (spec.outlives !== true || slot.running === null) continue;
    if (process.waiting === slot.actor) continue; // The parent itself was at this work.
    process.orphaned += 1;
    const { orphaned: number } = process;
    process.orphans.push({ number, slot, memory: memoryOf(process, spec.process) });
    push(world.queue, Math.max(slot.due, world.now), world.cause, {
      type: "orphan",
      server: process.id,
      number,
    });
  }
}

/** A step of an orphan is done; it goes on until the next takes time, or until it has finished and exits. */
export function orphanStepDone(world: World, process: Process, number: number): void {
  const found = process.orphans.find((each) => each.number === number);
  if (found === undefined) return;
  const { slot, memory } = found;
  let step = slot.running;
  slot.running = null;
  for (let turn = 0; turn < STEPS_AT_ONE_TIME; turn++) {
    if (step !== null) takeOrphanStep(world, process, found, step);
    if (!process.orphans.includes(found)) return;
    step = nextStep(world, process, slot, memory, null);
    if (step === null) {
      endOrphan(world, process, found);
      return;
    }
    const duration = durationOf(world, process, step);
    if (duration > 0) {
      slot.running = step;
      slot.due = world.now + duration;
      push(world.queue, slot.due, world.cause, { type: "orphan", server: process.id, number });
      return;
    }
  }
  assert(false, `a child of ${process.id} does not come to rest`);
}

/** What it has to say, nobody hears. */
function takeOrphanStep(world: World, process: Process, found: Orphan, step: Step): void {
  const { slot } = found;
  const actor = specOf(world, slot).id;
  switch (step.type) {
    case "disk":
    case "read":
      touchDisk(world, process, slot, step);
      if (slot.last.type !== "disk" || slot.last.result.ok || step.type === "read") return;
      if (step.onError === "exit") endOrphan(world, process, found);
      return;
    case "memory":
      observe(world, { type: "memory", server: process.id, actor, text: step.text });
      return;
    case "fail":
      endOrphan(world, process, found);
      return;
    default:
  }
}

function endOrphan(world: World, process: Process, found: Orphan): void {
  const { disk } = machineOf(world, process.machine);
  closeAll(disk, Object.keys(found.slot.opened).map(Number));
  process.orphans = process.orphans.filter((each) => each !== found);
}
