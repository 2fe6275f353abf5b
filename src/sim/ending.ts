import { closeAll } from "#disk/disk.ts";
import { abandon } from "./network.ts";
import { orphan } from "./orphans.ts";
import { machineOf, observe, type Process, resetProcess, type World } from "./world.ts";

/** The process is gone, by whatever cause; its descriptors are closed. `told`: its operating system closes its connections. */
export function endProcess(
  world: World,
  process: Process,
  status: "down" | "failed",
  told: boolean,
): void {
  if (told) orphan(world, process);
  const { disk } = machineOf(world, process.machine);
  const goOn = process.orphans.map(({ slot }) => slot);
  const ended = process.actors.filter((slot) => !goOn.includes(slot));
  for (const { opened } of [process, ...ended]) closeAll(disk, Object.keys(opened).map(Number));
  resetProcess(process, status);
  abandon(world, process.id, told);
  for (const [id, { operation, server }] of world.operations) {
    if (server !== process.id) continue;
    world.operations.delete(id);
    observe(world, {
      type: "return",
      server,
      operation,
      result: { outcome: "unknown", code: "CONNECTION_LOST", value: null },
      entry: null,
    });
  }
}
