import { unreachable } from "#base/assert.ts";
import type { Disk } from "#disk/disk.ts";
import type { DiskFault, Flushing, Path } from "#disk/types.ts";

/** What a fault does to a machine's disk, as the feed tells it. */
export function faultWords(machine: string, fault: DiskFault): string {
  switch (fault.type) {
    case "sync-fails":
      return `${machine}: ${calls(fault.count, "sync", fault.file)} will fail with EIO`;
    case "write-fails":
      return `${machine}: ${calls(fault.count, "write", fault.file)} will fail with ${fault.errno}`;
    case "create-fails":
      return `${machine}: ${calls(fault.count, "new name", null)} will find no room (ENOSPC)`;
    case "capacity":
      return fault.bytes === null
        ? `${machine}'s disk has no limit any more`
        : `${machine}'s disk has room for ${fault.bytes} bytes in all`;
    case "unreadable":
      return `${machine}: the sector at byte ${fault.offset} of ${fault.file} cannot be read any more`;
    case "rot":
      return `${machine}: bit ${fault.bit} of byte ${fault.offset} of ${fault.file} has flipped on the platter`;
    case "lost-write":
      return `${machine}: the next write to ${fault.file} will never reach the medium`;
    case "flushing":
      return `${machine}: ${FLUSHING[fault.flushing]}`;
    case "evict":
      return `${machine}: the kernel drops what its cache holds of ${fault.file} and need not write`;
    default:
      return unreachable(fault);
  }
}

/** What is wrong with a disk now and what waits to go wrong, in sentences. */
export function faultsInWords(machine: string, disk: Disk): readonly string[] {
  const { armed, flushing, capacity, forsworn } = disk;
  const sentences = armed.map((fault) => faultWords(machine, fault));
  if (flushing !== "honest") sentences.push(faultWords(machine, { type: "flushing", flushing }));
  if (capacity !== null) sentences.push(faultWords(machine, { type: "capacity", bytes: capacity }));
  if (forsworn.size > 0) {
    const writes = `${forsworn.size} unsynced write${forsworn.size === 1 ? "" : "s"}`;
    sentences.push(`${machine}: a sync said of ${writes} that they were durable, and lied`);
  }
  for (const [path, inode] of [...disk.names].sort(byPath)) {
    const rotten = sectorsText(disk.rotten.get(inode), path);
    if (rotten !== null) sentences.push(`${machine}: a bit has flipped in ${rotten}`);
    const unreadable = sectorsText(disk.unreadable.get(inode), path);
    if (unreadable !== null) sentences.push(`${machine}: reading ${unreadable} fails with EIO`);
  }
  return sentences;
}

/** "sectors 3, 4 of A/wal"; null: none is meant. */
function sectorsText(sectors: ReadonlySet<number> | undefined, path: Path): string | null {
  if (sectors === undefined || sectors.size === 0) return null;
  const listed = [...sectors].sort((a, b) => a - b);
  const named = listed.slice(0, SECTORS_NAMED).join(", ");
  const more = listed.length > SECTORS_NAMED ? ` and ${listed.length - SECTORS_NAMED} more` : "";
  return `${listed.length === 1 ? "sector" : "sectors"} ${named}${more} of ${path}`;
}

const SECTORS_NAMED = 4;

function byPath([one]: readonly [Path, number], [other]: readonly [Path, number]): number {
  return one < other ? -1 : 1;
}

const FLUSHING: Readonly<Record<Flushing, string>> = {
  honest: "syncs do what they say from now on",
  device: "syncs lie from now on: they leave the data in the device's own cache",
  total: "syncs lie from now on: they do nothing at all",
};

function calls(count: number, noun: string, file: Path | null): string {
  const what = count === 1 ? `the next ${noun}` : `the next ${count} ${noun}s`;
  return file === null ? what : `${what} of ${file}`;
}
