import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert } from "#base/assert.ts";
import { createDisk, pendingCount } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import { type DiskOp, EXT4_LIKE_WRITE_BACK } from "#disk/types.ts";
import { nextWriteBack, writeBackUntil } from "#disk/write-back.ts";

const APPEND = new Uint8Array(64).fill(0x5a);
/** Virtual time between appends, microseconds. */
const APPEND_EVERY = 1000;
/** Then a new file is begun and the last one goes, so that what the files hold is not what grows. */
const APPENDS_A_FILE = 50_000;

export interface Memory {
  /** Megabytes, what the files hold included. */
  readonly megabytes: number;
  /** Effects that nothing has written back. */
  readonly pending: number;
}

/**
 * What a disk takes of memory after so many appends of 64 bytes that nobody syncs, a millisecond apart, while the kernel
 * writes back by its timers; once for each number, in their order.
 */
export function memoryAfterAppends(counts: readonly number[]): readonly Memory[] {
  const collect = garbageCollector();
  const before = heapAfter(collect);
  const disk = createDisk({
    policy: "ordered-journal",
    sectorSize: 512,
    writeBack: EXT4_LIKE_WRITE_BACK,
  });
  const call = (op: DiskOp, now: number) => {
    const result = perform(disk, op, now);
    assert(result.ok, "what is asked of the disk works");
    return result.descriptor;
  };
  let open = -1;
  let done = 0;
  return counts.map((count) => {
    for (; done < count; done++) {
      const now = done * APPEND_EVERY;
      if ((nextWriteBack(disk) ?? now + 1) <= now) writeBackUntil(disk, now);
      const segment = Math.floor(done / APPENDS_A_FILE);
      const at = done % APPENDS_A_FILE;
      const file = `A/wal.${segment}`;
      if (at === 0) {
        if (segment > 0) {
          call({ type: "unlink", file: `A/wal.${segment - 1}` }, now);
          call({ type: "close", descriptor: open }, now);
        }
        open = call({ type: "open", file, create: true, truncate: false }, now);
      }
      call({ type: "write", file, offset: at * APPEND.length, bytes: APPEND }, now);
    }
    return { megabytes: heapAfter(collect) - before, pending: pendingCount(disk) };
  });
}

/** Megabytes in use once all garbage is gone: what one collection finds of buffers, the next one gives back. */
function heapAfter(collect: () => void): number {
  for (let round = 0; round < 3; round++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1_000_000;
}

/** Node has one only when asked for. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  assert(typeof collect === "function", "there is a garbage collector to call");
  return () => {
    collect();
  };
}
