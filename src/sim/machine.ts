import { crash as crashDisk } from "#disk/crash.ts";
import { createDisk, pendingCount } from "#disk/disk.ts";
import { injectFault } from "#disk/faults.ts";
import { flush } from "#disk/flush.ts";
import type { CrashKind, DiskFault, Survivors } from "#disk/types.ts";
import { nextWriteBack, writeBackUntil } from "#disk/write-back.ts";
import { diskPlanOf } from "./disk-plan.ts";
import { endProcess } from "./ending.ts";
import { faultWords } from "./fault-words.ts";
import type { ActionSurvivors } from "./faults.ts";
import { startProcess, stopProcess } from "./process.ts";
import { push } from "./queue.ts";
import { choose } from "./tape.ts";
import { type Machine, machineOf, observe, processOf, type World } from "./world.ts";

const NOTHING_KEPT: Survivors = { type: "none" };

/** Switches a machine on, or starts the processes that are down on one that is on. */
export function boot(world: World, id: string): void {
  const machine = machineOf(world, id);
  const idle = machine.servers.filter((server) => {
    const { status } = processOf(world, server);
    return status === "down" || status === "failed";
  });
  if (machine.power === "on" && idle.length === 0) return;
  machine.power = "on";
  world.cause = observe(world, { type: "boot", machine: id });
  for (const server of idle) startProcess(world, processOf(world, server));
}

/** Stops the processes of a machine gracefully; it stays on. */
export function stop(world: World, id: string): void {
  for (const server of machineOf(world, id).servers) stopProcess(world, processOf(world, server));
}

/**
 * A process crash (the machine and its page cache stay), an OS crash or a power loss (memory and page cache go). What the
 * page cache saves is the survivors' choice, closed under the disk's policy.
 */
export function crash(world: World, id: string, kind: CrashKind, survivors: ActionSurvivors): void {
  const machine = machineOf(world, id);
  const running = machine.servers.filter((server) => {
    const { status } = processOf(world, server);
    return status === "up" || status === "recovering";
  });
  if (machine.power === "off" || (kind === "process" && running.length === 0)) return;
  machine.crashes += 1;
  const before = pendingCount(machine.disk);
  // Of a process crash the disk notices nothing: each process closes what it had open, and a child that goes on does not.
  const fate =
    kind === "process"
      ? { kept: before, lost: 0, forsworn: 0 }
      : crashDisk(machine.disk, kind, chosen(world, machine, survivors));
  world.cause = observe(world, {
    type: "crash",
    machine: id,
    kind,
    servers: running,
    kept: fate.kept,
    lost: fate.lost,
  });
  if (fate.forsworn > 0) {
    const { servers } = machine;
    observe(world, { type: "forsworn", machine: id, servers, effects: fate.forsworn });
  }
  if (kind !== "process") machine.power = "off";
  for (const server of machine.servers) {
    const process = processOf(world, server);
    if (running.includes(server)) endProcess(world, process, "down", kind === "process");
    else if (kind !== "process") process.status = "down";
    if (kind !== "process") process.orphans = []; // The disk closes what they had open.
  }
  if (kind !== "process") machine.writeBackAt = null;
}

/** Another, empty disk under the same name. */
export function swapDisk(world: World, id: string): void {
  const machine = machineOf(world, id);
  crash(world, id, "power", { type: "none" });
  machine.disk = createDisk(diskPlanOf(world.plan, id));
  world.cause = observe(world, { type: "disk-swap", machine: id, servers: machine.servers });
}

/** Something goes wrong with a disk, by hand or by the script; or cannot, for a reason that is told. */
export function breakDisk(world: World, id: string, fault: DiskFault): void {
  const { disk, servers } = machineOf(world, id);
  const refused = injectFault(disk, fault, world.now);
  const text = faultWords(id, fault);
  observe(world, { type: "disk-fault", machine: id, servers, fault, refused, text });
}

/** Writes pending effects, and what they need, to the platter: the user's hand. */
export function writeBackNow(world: World, id: string, effects: readonly number[] | null): void {
  const machine = machineOf(world, id);
  const before = pendingCount(machine.disk);
  flush(machine.disk, effects);
  const written = before - pendingCount(machine.disk);
  if (written > 0) {
    observe(world, { type: "write-back", machine: id, effects: written, by: "user" });
  }
}

/** Sees to it that the kernel wakes for write-back when this disk next needs it. */
export function planWriteBack(world: World, machine: Machine): void {
  const time = nextWriteBack(machine.disk);
  if (time === null || machine.power === "off") return;
  if (machine.writeBackAt !== null && machine.writeBackAt <= time) return;
  machine.writeBackAt = time;
  push(world.queue, Math.max(time, world.now), null, { type: "write-back", machine: machine.id });
}

/** The kernel's own write-back, when its time has come. */
export function writeBack(world: World, id: string): void {
  const machine = machineOf(world, id);
  if (machine.writeBackAt === null || machine.writeBackAt > world.now) return;
  machine.writeBackAt = null;
  const effects = writeBackUntil(machine.disk, world.now);
  if (effects > 0) observe(world, { type: "write-back", machine: id, effects, by: "kernel" });
  planWriteBack(world, machine);
}

/** A draw that the scenario left open is a choice on the tape. */
function chosen(world: World, { id, crashes }: Machine, asked: ActionSurvivors): Survivors {
  const survivors = asked.type === "by-machine" ? (asked.of[id] ?? NOTHING_KEPT) : asked;
  if (survivors.type !== "seeded") return survivors;
  const name = `survivors/${id}/${survivors.draw}/${crashes}`;
  return { type: "seeded", draw: choose(world.tape, world.plan, name, 0, 0xffffffff) };
}
