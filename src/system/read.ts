import { type Disk, readRange } from "#disk/disk.ts";
import type { ReadStep, StepResult } from "./contract.ts";

/** What a read step finds on this disk. */
export function readStep(disk: Disk, step: ReadStep): StepResult {
  const { file, offset = 0, length = Number.MAX_SAFE_INTEGER, as } = step;
  const result = readRange(disk, file, offset, length);
  if (!result.ok) {
    const errno = result.errno === "ENOENT" ? null : result.errno;
    return { type: "read", bytes: null, value: null, errno };
  }
  const { bytes } = result;
  return { type: "read", bytes, value: as === undefined ? bytes : as(bytes), errno: null };
}

/** Bytes that a write to this disk puts at risk as one, when power fails meanwhile (`ActorContext.atRisk`). */
export function atRisk({ options: { powersafeOverwrite, sectorSize } }: Disk): number {
  return powersafeOverwrite ? 1 : sectorSize;
}
