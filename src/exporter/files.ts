import { type Disk, liveImage, minimalImage } from "#disk/disk.ts";
import type { Path } from "#disk/types.ts";

/** `cache`: what processes read now. `durable`: what is left when the power goes now and nothing unsynced survives. */
export type Which = "cache" | "durable";

export interface ExportedFile {
  /** Below the folder that is written: "A/raft.journal". */
  readonly path: Path;
  readonly bytes: Uint8Array;
}

/** The files of these disks as the real program would find them, in order of their paths. */
export function exportedFiles(disks: readonly Disk[], which: Which): readonly ExportedFile[] {
  return disks
    .flatMap((disk) => [...(which === "cache" ? liveImage(disk) : minimalImage(disk))])
    .map(([path, bytes]) => ({ path, bytes }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
