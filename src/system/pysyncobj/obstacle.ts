import type { ServerMemory } from "#raft/types.ts";
import { decodeCommand } from "./format.ts";
import { entriesAt } from "./server.ts";

/**
 * An entry that counts as committed and whose command cannot be read: applying it raises in every tick, before messages are
 * looked at, so the server neither votes nor answers (syncobj.py:623-633, measured on damaged journals).
 */
export function obstacle({ log, lastApplied, commitIndex }: ServerMemory): string | null {
  const due = entriesAt(log, lastApplied + 1, Math.max(0, commitIndex - lastApplied));
  for (const { index, command } of due) {
    const decoded = decodeCommand(command);
    if (decoded.type !== "broken") continue;
    return `cannot apply entry ${index} (${decoded.name}: ${decoded.text}), and tries again in every tick`;
  }
  return null;
}
