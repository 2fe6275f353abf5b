import type { Input } from "#raft/protocol.ts";
import type { Process, World } from "./world.ts";

/** Something comes in for a server: it is handled when its loop next looks, within this event when it sleeps. */
export function receiveInput(
  world: World,
  process: Process,
  input: Input,
  cause: number | null,
): void {
  if (process.status !== "up") return;
  process.inbox.push({ input, cause });
  if (!process.asleep) return;
  process.asleep = false;
  process.nap += 1;
  world.ready.push(process);
}
