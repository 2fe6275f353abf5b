import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOfBytes } from "#base/digest.ts";
import { crash } from "./crash.ts";
import {
  cloneDisk,
  createDisk,
  type Disk,
  installFile,
  listFiles,
  liveImage,
  minimalImage,
  pendingCount,
  readFile,
  readRange,
} from "./disk.ts";
import { injectFault, usedBytes } from "./faults.ts";
import { flush } from "./flush.ts";
import { histories, INSTALLED, imageText, testDisk } from "./history.testkit.ts";
import { marked } from "./marks.ts";
import { pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import { deserializeDisk, serializeDisk } from "./record.ts";
import {
  type DiskFault,
  type DiskOp,
  type DiskSettings,
  type FileRef,
  type OpResult,
  POLICIES,
  type SyncFailure,
  type Tear,
} from "./types.ts";

const WAL = "A/wal";
const OLD = new Uint8Array(1024).fill(1);
const DONE: OpResult = { ok: true, descriptor: -1 };

describe("a fault", () => {
  it.each<[DiskFault, string]>([
    [{ type: "rot", file: "A/none", offset: 0, bit: 0 }, "there is no file A/none"],
    [{ type: "evict", file: "A/none" }, "there is no file A/none"],
    [{ type: "unreadable", file: WAL, offset: 9000 }, "the file A/wal has no byte 9000"],
    [{ type: "unreadable", file: WAL, offset: -1 }, "the file A/wal has no byte -1"],
    [
      { type: "rot", file: WAL, offset: 1100, bit: 0 },
      "byte 1100 of A/wal has not reached the platter yet",
    ],
    [{ type: "rot", file: WAL, offset: 0, bit: 8 }, "a byte has no bit 8"],
    [{ type: "sync-fails", file: null, count: 0 }, '"0" is no number of calls'],
    [{ type: "capacity", bytes: -1 }, '"-1" is no number of bytes'],
  ])("that cannot be is refused with the reason: %o", (fault, reason) => {
    const disk = diskWithWal();
    write(disk, 1024, new Uint8Array(200).fill(9));
    const before = everythingAbout(disk);
    expect(injectFault(disk, fault, 5)).toBe(reason);
    expect(everythingAbout(disk)).toEqual(before);
  });

  it("strikes as often as it was armed, and only the file that it is about", () => {
    const disk = diskWithWal();
    inject(disk, { type: "sync-fails", file: WAL, count: 2 });
    perform(disk, { type: "open", file: "A/other", create: true, truncate: false }, 1);
    expect(perform(disk, { type: "sync", file: "A/other" }, 2)).toEqual(DONE);
    expect(perform(disk, { type: "sync-directory", directory: "A" }, 2)).toEqual(DONE);
    expect([sync(disk), sync(disk), sync(disk)]).toEqual([error("EIO"), error("EIO"), DONE]);
  });

  it("of any file strikes the next call, that on a directory included", () => {
    const disk = diskWithWal();
    inject(disk, { type: "sync-fails", file: null, count: 1 });
    expect(perform(disk, { type: "sync-directory", directory: "A" }, 1)).toEqual(error("EIO"));
    expect(sync(disk)).toEqual(DONE);
  });

  it("knows its file by the name that it has when the call is made", () => {
    const disk = diskWithWal();
    inject(disk, { type: "sync-fails", file: "A/wal.2", count: 1 });
    expect(sync(disk)).toEqual(DONE);
    const { descriptor } = perform(
      disk,
      { type: "open", file: WAL, create: false, truncate: false },
      1,
    ) as { descriptor: number };
    perform(disk, { type: "rename", from: WAL, to: "A/wal.2" }, 2);
    expect(perform(disk, { type: "sync", file: descriptor }, 3)).toEqual(error("EIO"));
  });

  it.each(["unlinked", "replaced"])("is not about an open file that was %s", (how) => {
    const disk = diskWithWal();
    const opened = perform(disk, { type: "open", file: WAL, create: false, truncate: false }, 1);
    const { descriptor } = opened as { descriptor: number };
    if (how === "unlinked") perform(disk, { type: "unlink", file: WAL }, 2);
    const fresh = how === "unlinked" ? WAL : "A/fresh";
    perform(disk, { type: "open", file: fresh, create: true, truncate: false }, 3);
    if (how === "replaced") perform(disk, { type: "rename", from: fresh, to: WAL }, 4);
    inject(disk, { type: "sync-fails", file: WAL, count: 1 });
    inject(disk, { type: "write-fails", file: WAL, errno: "EIO", count: 1 });
    const bytes = Uint8Array.of(7);
    expect(perform(disk, { type: "write", file: descriptor, offset: 0, bytes }, 5)).toEqual(DONE);
    expect(perform(disk, { type: "sync", file: descriptor }, 6)).toEqual(DONE);
    expect(write(disk, 0, bytes)).toEqual(error("EIO"));
    expect(sync(disk)).toEqual(error("EIO"));
  });

  it("that waits strikes the clone as well", () => {
    const disk = diskWithWal();
    inject(disk, { type: "sync-fails", file: WAL, count: 1 });
    const clone = cloneDisk(disk);
    expect([sync(disk), sync(disk)]).toEqual([error("EIO"), DONE]);
    expect([sync(clone), sync(clone)]).toEqual([error("EIO"), DONE]);
  });
});

describe("a sync that fails", () => {
  it("leaves pages clean that are not on the platter: read until a crash, and no retry writes them", () => {
    const disk = diskWithWal();
    write(disk, 0, Uint8Array.of(7));
    inject(disk, { type: "sync-fails", file: WAL, count: 1 });
    expect(sync(disk)).toEqual(error("EIO"));
    expect(pendingCount(disk)).toBe(0);
    expect([...marked(disk.forgotten, walId(disk))]).toEqual([0]);
    expect(sync(disk)).toEqual(DONE);
    flush(disk, null);
    expect(byte(disk, 0)).toBe(7);
    crash(disk, "os", { type: "all" });
    expect(byte(disk, 0)).toBe(1);
  });

  it("forgets pages until they are evicted", () => {
    const disk = failed("clean", 0);
    expect(byte(disk, 0)).toBe(7);
    inject(disk, { type: "evict", file: WAL });
    expect(byte(disk, 0)).toBe(1);
    expect(disk.forgotten.size).toBe(0);
  });

  it("forgets data, not the size: after a retry the file is longer and holds zeros", () => {
    const disk = failed("clean", 1024);
    expect(sync(disk)).toEqual(DONE);
    crash(disk, "power", { type: "none" });
    expect(readFile(disk, WAL)).toEqual(Uint8Array.of(...OLD, 0));
  });

  it("forgets a page until it is written again: the whole page goes along", () => {
    const disk = failed("clean", 0);
    write(disk, 700, Uint8Array.of(8));
    expect(disk.forgotten.size).toBe(0);
    expect(sync(disk)).toEqual(DONE);
    crash(disk, "power", { type: "none" });
    expect([byte(disk, 0), byte(disk, 700)]).toEqual([7, 8]);
  });

  it("does not take another page along", () => {
    const disk = diskWithWal({}, new Uint8Array(8192).fill(1));
    write(disk, 0, Uint8Array.of(7));
    inject(disk, { type: "sync-fails", file: WAL, count: 1 });
    sync(disk);
    write(disk, 4096, Uint8Array.of(8));
    sync(disk);
    crash(disk, "power", { type: "none" });
    expect([byte(disk, 0), byte(disk, 4096)]).toEqual([1, 8]);
  });

  it("takes memory back to the platter, at once (revert)", () => {
    const disk = failed("revert", 1024);
    expect(readFile(disk, WAL)).toEqual(OLD);
    expect(pendingCount(disk)).toBe(0);
    expect(sync(disk)).toEqual(DONE);
  });

  it("does not show again what had reached the platter behind a size that was taken back (revert)", () => {
    const disk = diskWithWal({ policy: "adversarial", syncFailure: "revert" });
    write(disk, 1024, Uint8Array.of(7));
    flush(disk, [disk.nextSequence - 2]); // The byte, not the size.
    inject(disk, { type: "sync-fails", file: WAL, count: 1 });
    sync(disk);
    perform(disk, { type: "truncate", file: WAL, size: 1025 }, 3);
    flush(disk, null);
    expect(byte(disk, 1024)).toBe(0);
    expect(minimalImage(disk).get(WAL)?.[1024]).toBe(0);
  });

  it("can be tried again (stay-dirty)", () => {
    const disk = failed("stay-dirty", 1024);
    expect(sync(disk)).toEqual(DONE);
    crash(disk, "power", { type: "none" });
    expect(readFile(disk, WAL)).toEqual(Uint8Array.of(...OLD, 7));
  });

  it("fails, and leaves a log to go on with, in a time that grows with what was pending", () => {
    const disk = diskWithWal();
    const bytes = new Uint8Array(100);
    for (let i = 0; i < 40_000; i++) write(disk, i * 100, bytes);
    inject(disk, { type: "sync-fails", file: WAL, count: 1 });
    expect(sync(disk)).toEqual(error("EIO"));
    for (let i = 40_000; i < 50_000; i++) write(disk, i * 100, bytes);
    expect(marked(disk.forgotten, walId(disk)).size).toBe(7808);
  });

  it("leaves the names of a directory pending", () => {
    const disk = diskWithWal();
    perform(disk, { type: "rename", from: WAL, to: "A/wal.2" }, 1);
    inject(disk, { type: "sync-fails", file: "A", count: 1 });
    expect(perform(disk, { type: "sync-directory", directory: "A" }, 2)).toEqual(error("EIO"));
    expect(pendingCount(disk)).toBe(1);
  });

  const states = fc.constantFrom<SyncFailure>("clean", "revert");
  const seeds = fc.nat(1000);
  it.each(POLICIES)(
    "makes no later sync write what it failed to, unless it is written anew (F1, %s)",
    (policy) => {
      const law = (ops: readonly DiskOp[], syncFailure: SyncFailure, draw: number) => {
        const disk = testDisk(policy, { syncFailure });
        playAll(disk, ops);
        fc.pre(disk.names.has(INSTALLED));
        const id = disk.names.get(INSTALLED) ?? 0;
        const before = platterBytes(disk, id);
        inject(disk, { type: "sync-fails", file: INSTALLED, count: 1 });
        expect(perform(disk, { type: "sync", file: INSTALLED }, 50)).toEqual(error("EIO"));
        expect(perform(disk, { type: "sync", file: INSTALLED }, 51)).toEqual(DONE);
        perform(disk, { type: "sync-directory", directory: "d" }, 52);
        crash(disk, "power", { type: "seeded", draw });
        const after = readFile(disk, INSTALLED) ?? new Uint8Array();
        const written = after.findIndex((value, i) => value !== 0 && value !== before[i]);
        expect(written).toBe(-1);
      };
      fc.assert(fc.property(histories(8), states, seeds, law), { numRuns: 40 });
    },
  );
});

describe("a sync that lies", () => {
  it("leaves everything pending, sworn to (total)", () => {
    const disk = diskWithWal({ flushing: "total" });
    write(disk, 1024, Uint8Array.of(7));
    expect(sync(disk)).toEqual(DONE);
    expect(pendingCount(disk)).toBe(2);
    expect([disk.forsworn.size, disk.inDevice.size]).toEqual([2, 0]);
    expect(crash(disk, "power", { type: "none" })).toEqual({ kept: 0, lost: 2, forsworn: 2 });
    expect(readFile(disk, WAL)).toEqual(OLD);
  });

  it("brings what it promised to the device (device)", () => {
    const disk = diskWithWal({ flushing: "device" });
    write(disk, 1024, Uint8Array.of(7));
    sync(disk);
    expect([...disk.inDevice]).toEqual([...disk.forsworn]);
    write(disk, 1025, Uint8Array.of(8));
    expect([pendingCount(disk), disk.inDevice.size]).toEqual([4, 2]);
    expect(crash(disk, "power", { type: "none" })).toEqual({ kept: 0, lost: 4, forsworn: 2 });
  });

  it("is made good by the first that does not: a device flushes all it has", () => {
    const disk = diskWithWal({ flushing: "device" });
    installFile(disk, "A/other", OLD);
    write(disk, 0, Uint8Array.of(7));
    sync(disk);
    inject(disk, { type: "flushing", flushing: "honest" });
    expect(perform(disk, { type: "sync", file: "A/other" }, 9)).toEqual(DONE);
    expect([disk.forsworn.size, disk.inDevice.size, pendingCount(disk)]).toEqual([0, 0, 0]);
    expect(minimalImage(disk).get(WAL)?.[0]).toBe(7);
  });

  it("looks at what was promised before only once", () => {
    const disk = diskWithWal({ flushing: "device" });
    const bytes = new Uint8Array(100);
    for (let i = 0; i < 15_000; i++) {
      write(disk, i * 100, bytes);
      sync(disk);
    }
    expect(disk.inDevice.size).toBe(pendingCount(disk));
  });

  it("promises all of a file again when it lies in another way", () => {
    const disk = diskWithWal({ flushing: "total" });
    write(disk, 0, Uint8Array.of(7));
    sync(disk);
    const clone = cloneDisk(disk);
    inject(disk, { type: "flushing", flushing: "device" });
    sync(disk);
    write(disk, 600, Uint8Array.of(7));
    sync(disk);
    expect(disk.inDevice).toEqual(disk.forsworn);
    expect(disk.inDevice.size).toBe(2);
    inject(disk, { type: "flushing", flushing: "total" });
    write(disk, 700, Uint8Array.of(7));
    sync(disk);
    expect([disk.inDevice.size, disk.forsworn.size]).toEqual([2, 3]);
    expect([clone.inDevice.size, clone.forsworn.size]).toEqual([0, 1]);
  });

  it("is made good by write-back", () => {
    const disk = diskWithWal({ flushing: "total" });
    write(disk, 0, Uint8Array.of(7));
    sync(disk);
    flush(disk, null);
    expect(crash(disk, "power", { type: "none" })).toEqual({ kept: 0, lost: 0, forsworn: 0 });
    expect(byte(disk, 0)).toBe(7);
  });

  it("swore in vain only what is lost: kept effects count as kept", () => {
    const disk = diskWithWal({ flushing: "total" });
    write(disk, 0, Uint8Array.of(7));
    sync(disk);
    expect(crash(disk, "power", { type: "all" })).toEqual({ kept: 1, lost: 0, forsworn: 0 });
    expect(disk.forsworn.size).toBe(0);
    const half = diskWithWal({ policy: "adversarial", flushing: "total" });
    write(half, 0, Uint8Array.of(7));
    write(half, 512, Uint8Array.of(7));
    sync(half);
    write(half, 5000, Uint8Array.of(7));
    const first = { type: "chosen", effects: [Math.min(...half.forsworn)] } as const;
    expect(crash(half, "power", first)).toEqual({ kept: 1, lost: 3, forsworn: 1 });
  });

  it("is true until power fails (device): an OS crash keeps what it promised", () => {
    const disk = diskWithWal({ flushing: "device" });
    write(disk, 1024, Uint8Array.of(7));
    sync(disk);
    write(disk, 1025, Uint8Array.of(8));
    expect(crash(disk, "os", { type: "none" })).toEqual({ kept: 2, lost: 2, forsworn: 0 });
    expect(readFile(disk, WAL)).toEqual(Uint8Array.of(...OLD, 7));
  });

  it.each(POLICIES)("is seen by no reader, and by its clones apart (%s)", (policy) => {
    const law = (ops: readonly DiskOp[], more: readonly DiskOp[], flushing: "device" | "total") => {
      const honest = testDisk(policy);
      const lying = testDisk(policy, { flushing });
      playAll(honest, ops);
      playAll(lying, ops);
      expect(imageText(liveImage(lying))).toBe(imageText(liveImage(honest)));
      const clone = cloneDisk(lying);
      const before = everythingAbout(clone);
      playAll(lying, more);
      expect(everythingAbout(clone)).toEqual(before);
      for (const effect of lying.forsworn) expect(pendingNumbers(lying)).toContain(effect);
      for (const effect of lying.inDevice) expect(lying.forsworn).toContain(effect);
    };
    const kinds = fc.constantFrom("device" as const, "total" as const);
    fc.assert(fc.property(histories(8), histories(4), kinds, law), { numRuns: 40 });
  });
});

describe("a full disk", () => {
  it("takes the bytes that fit and refuses the rest", () => {
    const disk = diskWithWal({ capacity: 1030 });
    expect(write(disk, 1020, new Uint8Array(20).fill(7))).toEqual(error("ENOSPC"));
    expect(readFile(disk, WAL)).toEqual(Uint8Array.of(...OLD.subarray(4), ...Array(10).fill(7)));
    expect(write(disk, 1030, Uint8Array.of(7))).toEqual(error("ENOSPC"));
    expect(write(disk, 0, new Uint8Array(1030).fill(8))).toEqual(DONE);
  });

  it("has no room for names, but a rename may take the place of one", () => {
    const disk = diskWithWal({ capacity: 2048 });
    perform(disk, { type: "open", file: "A/tmp", create: true, truncate: false }, 1);
    perform(disk, { type: "write", file: "A/tmp", offset: 0, bytes: OLD }, 1);
    const create: DiskOp = { type: "open", file: "A/new", create: true, truncate: false };
    expect(perform(disk, create, 2)).toEqual(error("ENOSPC"));
    expect(perform(disk, { type: "rename", from: "A/tmp", to: "A/new" }, 3)).toEqual(
      error("ENOSPC"),
    );
    expect(perform(disk, { type: "rename", from: "A/tmp", to: WAL }, 4)).toEqual(DONE);
    expect(perform(disk, create, 5)).toMatchObject({ ok: true });
  });

  it("does not let a file grow by truncate, and lets it shrink", () => {
    const disk = diskWithWal({ capacity: 1024 });
    expect(perform(disk, { type: "truncate", file: WAL, size: 1025 }, 1)).toEqual(error("ENOSPC"));
    expect(perform(disk, { type: "truncate", file: WAL, size: 1000 }, 2)).toEqual(DONE);
    expect(perform(disk, { type: "truncate", file: WAL, size: 1024 }, 3)).toEqual(DONE);
  });

  it("counts a file without a name while it is open", () => {
    const disk = diskWithWal({ capacity: 2048 });
    perform(disk, { type: "open", file: WAL, create: false, truncate: false }, 1);
    perform(disk, { type: "unlink", file: WAL }, 2);
    expect(usedBytes(disk)).toBe(1024);
    perform(disk, { type: "close", descriptor: 3 }, 3);
    expect(usedBytes(disk)).toBe(0);
  });

  it("says so only at the sync when data gets its place then, and keeps it dirty", () => {
    const disk = diskWithWal({ capacity: 1024, allocation: "at-sync" });
    expect(write(disk, 1024, Uint8Array.of(7))).toEqual(DONE);
    expect([sync(disk), sync(disk)]).toEqual([error("ENOSPC"), error("ENOSPC")]);
    expect(pendingCount(disk)).toBe(2);
    inject(disk, { type: "capacity", bytes: 1025 });
    expect(sync(disk)).toEqual(DONE);
    expect(minimalImage(disk).get(WAL)).toEqual(Uint8Array.of(...OLD, 7));
  });

  it("syncs what needs no new place", () => {
    const disk = diskWithWal({ capacity: 10, allocation: "at-sync" });
    write(disk, 0, Uint8Array.of(7));
    expect(sync(disk)).toEqual(DONE);
  });

  it("can be played: the next calls fail and change nothing", () => {
    const disk = diskWithWal();
    inject(disk, { type: "write-fails", file: WAL, errno: "ENOSPC", count: 1 });
    inject(disk, { type: "write-fails", file: null, errno: "EIO", count: 1 });
    inject(disk, { type: "create-fails", count: 2 });
    const create: DiskOp = { type: "open", file: "A/new", create: true, truncate: false };
    expect([write(disk, 0, OLD), write(disk, 0, OLD)]).toEqual([error("ENOSPC"), error("EIO")]);
    expect(perform(disk, create, 1)).toEqual(error("ENOSPC"));
    expect(perform(disk, { type: "rename", from: WAL, to: "A/x" }, 1)).toEqual(error("ENOSPC"));
    expect(pendingCount(disk)).toBe(0);
    expect(listFiles(disk, "")).toEqual([WAL]);
    expect(write(disk, 0, OLD)).toEqual(DONE);
    expect(perform(disk, create, 1)).toMatchObject({ ok: true });
  });

  it("holds nothing of the bytes that it refused: not live, not pending, not on the platter (M18)", () => {
    const law = (ops: readonly DiskOp[], capacity: number) => {
      const disk = testDisk("adversarial", { capacity });
      for (const [i, op] of ops.entries()) {
        const roomy = cloneDisk(disk);
        roomy.capacity = null;
        const used = usedBytes(disk);
        const result = perform(disk, op, i);
        expect(usedBytes(disk)).toBeLessThanOrEqual(Math.max(used, capacity));
        if (result.ok || result.errno !== "ENOSPC") continue;
        if (op.type === "write") {
          const fits = sizeOf(roomy, op.file) + Math.max(0, capacity - used) - op.offset;
          const bytes = op.bytes.subarray(0, Math.max(0, fits));
          expect(perform(roomy, { ...op, bytes }, i)).toEqual(DONE);
        }
        expect(pendingNumbers(disk)).toEqual(pendingNumbers(roomy));
        expect(imageText(liveImage(disk))).toBe(imageText(liveImage(roomy)));
      }
      const live = imageText(liveImage(disk));
      flush(disk, null);
      expect(imageText(minimalImage(disk))).toBe(live);
    };
    const capacities = fc.constantFrom(8292, 8300, 8992, 9500, 12_000);
    fc.assert(fc.property(histories(10), capacities, law), { numRuns: 150 });
  });
});

describe("a sector that cannot be read", () => {
  it("fails the reads that touch it, and no others", () => {
    const disk = diskWithWal();
    inject(disk, { type: "unreadable", file: WAL, offset: 600 });
    expect(readRange(disk, WAL, 512, 1)).toEqual({ ok: false, errno: "EIO" });
    expect(readRange(disk, WAL, 0, 5000)).toEqual({ ok: false, errno: "EIO" });
    expect(readRange(disk, WAL, 0, 512)).toEqual({ ok: true, bytes: OLD.subarray(0, 512) });
    expect(readRange(disk, WAL, 1024, 9)).toEqual({ ok: true, bytes: new Uint8Array() });
    expect(readFile(disk, WAL)).toEqual(OLD);
  });

  it("outlives a crash, and is healed by being written anew", () => {
    const disk = diskWithWal();
    inject(disk, { type: "unreadable", file: WAL, offset: 600 });
    crash(disk, "power", { type: "none" });
    expect(readRange(disk, WAL, 600, 1)).toEqual({ ok: false, errno: "EIO" });
    write(disk, 512, new Uint8Array(512).fill(9));
    expect(readRange(disk, WAL, 600, 1)).toMatchObject({ ok: true });
    expect(disk.unreadable.size).toBe(1);
    sync(disk);
    expect(disk.unreadable.size).toBe(0);
    crash(disk, "power", { type: "none" });
    expect(readRange(disk, WAL, 600, 1)).toMatchObject({ ok: true });
  });

  it("cannot be written in part: the rest of it would have to be read", () => {
    const disk = diskWithWal();
    inject(disk, { type: "unreadable", file: WAL, offset: 600 });
    expect(write(disk, 600, Uint8Array.of(9))).toEqual(error("EIO"));
    expect(
      perform(disk, { type: "store", file: WAL, offset: 600, bytes: OLD.subarray(9, 10) }, 1),
    ).toEqual(error("EIO"));
    expect(pendingCount(disk)).toBe(0);
    expect(write(disk, 300, new Uint8Array(212).fill(9))).toEqual(DONE);
    expect(write(disk, 512, new Uint8Array(600).fill(9))).toEqual(DONE);
    expect(write(disk, 600, Uint8Array.of(8))).toEqual(DONE);
  });

  it("cannot be cut in the middle: the rest of it would have to be written", () => {
    const disk = diskWithWal();
    inject(disk, { type: "unreadable", file: WAL, offset: 600 });
    expect(perform(disk, { type: "truncate", file: WAL, size: 600 }, 1)).toEqual(error("EIO"));
    expect(pendingCount(disk)).toBe(0);
    expect(perform(disk, { type: "truncate", file: WAL, size: 500 }, 2)).toEqual(DONE);
  });

  it("is gone when the file is cut before it", () => {
    const disk = diskWithWal();
    inject(disk, { type: "unreadable", file: WAL, offset: 600 });
    perform(disk, { type: "truncate", file: WAL, size: 512 }, 1);
    perform(disk, { type: "truncate", file: WAL, size: 1024 }, 2);
    expect(readRange(disk, WAL, 600, 1)).toEqual({ ok: true, bytes: Uint8Array.of(0) });
    sync(disk);
    expect(disk.unreadable.size).toBe(0);
  });

  it("stays with its file under another name, and goes with it", () => {
    const disk = diskWithWal();
    inject(disk, { type: "unreadable", file: WAL, offset: 600 });
    perform(disk, { type: "rename", from: WAL, to: "A/wal.2" }, 1);
    expect(readRange(disk, "A/wal.2", 600, 1)).toEqual({ ok: false, errno: "EIO" });
    perform(disk, { type: "unlink", file: "A/wal.2" }, 2);
    flush(disk, null);
    expect(disk.unreadable.size).toBe(0);
  });
});

describe("rot", () => {
  it("flips one bit of the platter, for readers too, for good", () => {
    const disk = diskWithWal();
    inject(disk, { type: "rot", file: WAL, offset: 700, bit: 3 });
    expect([byte(disk, 700), byte(disk, 699)]).toEqual([1 ^ 8, 1]);
    inject(disk, { type: "evict", file: WAL });
    crash(disk, "power", { type: "none" });
    expect(byte(disk, 700)).toBe(1 ^ 8);
    expect([...marked(disk.rotten, walId(disk))]).toEqual([1]);
  });

  it("is behind what is newer in the cache, which heals it once it is written", () => {
    const disk = diskWithWal();
    write(disk, 512, new Uint8Array(512).fill(9));
    inject(disk, { type: "rot", file: WAL, offset: 700, bit: 3 });
    expect(byte(disk, 700)).toBe(9);
    const lost = cloneDisk(disk);
    crash(lost, "power", { type: "none" });
    expect(byte(lost, 700)).toBe(1 ^ 8);
    sync(disk);
    expect(disk.rotten.size).toBe(0);
    expect(minimalImage(disk).get(WAL)?.[700]).toBe(9);
  });

  it("is healed by a crash that keeps all of a write to its sector, cut by bytes as that may be", () => {
    const disk = diskWithWal({ policy: "adversarial", tear: "byte-prefix" });
    inject(disk, { type: "rot", file: WAL, offset: 700, bit: 0 });
    write(disk, 500, new Uint8Array(524).fill(9));
    const numbers = pendingEffects(disk, "power").map(({ sequence }) => sequence);
    const part = cloneDisk(disk);
    crash(part, "power", { type: "chosen", effects: numbers.slice(0, -1) });
    expect(part.rotten.size).toBe(1);
    crash(disk, "power", { type: "chosen", effects: numbers });
    expect(disk.rotten.size).toBe(0);
  });

  it("stays when only a part of its sector is written", () => {
    const disk = diskWithWal();
    inject(disk, { type: "rot", file: WAL, offset: 700, bit: 0 });
    write(disk, 512, Uint8Array.of(9));
    sync(disk);
    expect([...marked(disk.rotten, walId(disk))]).toEqual([1]);
    expect(minimalImage(disk).get(WAL)?.[700]).toBe(0);
  });
});

describe("a lost write", () => {
  it("is read until a crash, though it was synced", () => {
    const disk = diskWithWal();
    inject(disk, { type: "lost-write", file: WAL });
    expect(write(disk, 1000, new Uint8Array(100).fill(9))).toEqual(DONE);
    expect(sync(disk)).toEqual(DONE);
    expect([byte(disk, 1000), byte(disk, 1099)]).toEqual([9, 9]);
    crash(disk, "power", { type: "none" });
    expect([byte(disk, 1000), byte(disk, 1099)]).toEqual([1, 0]);
  });

  it("is the next one alone, of all its bytes", () => {
    const disk = diskWithWal({ storeGrain: 8 }, new Uint8Array(8192));
    inject(disk, { type: "lost-write", file: WAL });
    const bytes = new Uint8Array(40).fill(9);
    perform(disk, { type: "store", file: WAL, offset: 4080, bytes }, 1);
    write(disk, 0, bytes);
    sync(disk);
    inject(disk, { type: "evict", file: WAL });
    expect([byte(disk, 0), byte(disk, 4080), byte(disk, 4100)]).toEqual([9, 9, 0]);
  });

  it("does not come to the platter by being the last of a full page", () => {
    const disk = diskWithWal({}, new Uint8Array());
    write(disk, 0, new Uint8Array(8192).fill(3));
    inject(disk, { type: "lost-write", file: WAL });
    write(disk, 5000, Uint8Array.of(9));
    sync(disk);
    crash(disk, "power", { type: "none" });
    expect(byte(disk, 5000)).toBe(3);
  });
});

describe("a disk on which things went wrong", () => {
  it("loses nothing to an eviction while nothing is forgotten", () => {
    const law = (ops: readonly DiskOp[]) => {
      const disk = testDisk("adversarial");
      playAll(disk, ops);
      const before = everythingAbout(disk);
      for (const file of listFiles(disk, "")) inject(disk, { type: "evict", file });
      expect(everythingAbout(disk)).toEqual(before);
    };
    fc.assert(fc.property(histories(10), law), { numRuns: 150 });
  });

  it.each(POLICIES)("comes back from a record as it was (M17, %s)", (policy) => {
    const law = (before: readonly Happening[], after: readonly Happening[], draw: number) => {
      const disk = testDisk(policy, { capacity: 20_000 });
      live(disk, before);
      const again = deserializeDisk(structuredClone(serializeDisk(disk)));
      expect(everythingAbout(again)).toEqual(everythingAbout(disk));
      live(disk, after);
      live(again, after);
      expect(everythingAbout(again)).toEqual(everythingAbout(disk));
      const survivors = { type: "seeded", draw } as const;
      expect(crash(again, "power", survivors)).toEqual(crash(disk, "power", survivors));
      expect(everythingAbout(again)).toEqual(everythingAbout(disk));
    };
    fc.assert(fc.property(happenings(14), happenings(8), fc.nat(1000), law), { numRuns: 50 });
  });

  it("shares nothing that changes with its clones", () => {
    const law = (before: readonly Happening[], after: readonly Happening[]) => {
      const disk = testDisk("ordered-journal", { capacity: 20_000 });
      const alone = testDisk("ordered-journal", { capacity: 20_000 });
      live(disk, before);
      live(alone, before);
      const clone = cloneDisk(disk);
      const still = everythingAbout(disk);
      live(clone, after);
      expect(everythingAbout(disk)).toEqual(still);
      live(alone, after);
      expect(everythingAbout(clone)).toEqual(everythingAbout(alone));
    };
    fc.assert(fc.property(happenings(12), happenings(8), law), { numRuns: 100 });
  });

  it.each(POLICIES)(
    "is read as it was written, until an eviction or a crash (M7, %s)",
    (policy) => {
      const silent: ReadonlySet<string> = new Set(["sync-fails", "lost-write", "flushing"]);
      const law = (history: readonly Happening[]) => {
        const [disk, sound] = [testDisk(policy), testDisk(policy)];
        live(
          disk,
          history.filter(({ type }) => silent.has(type) || !FAULTS.has(type)),
        );
        live(
          sound,
          history.filter(({ type }) => !FAULTS.has(type)),
        );
        expect(imageText(liveImage(disk))).toBe(imageText(liveImage(sound)));
      };
      fc.assert(fc.property(happenings(14), law), { numRuns: 60 });
    },
  );

  it("keeps marks on sectors of its files alone, and oaths on what is pending", () => {
    const law = (history: readonly Happening[], draw: number, more: readonly Happening[]) => {
      const disk = testDisk("adversarial");
      live(disk, history);
      expectMarksInFiles(disk);
      crash(disk, "power", { type: "seeded", draw });
      expectMarksInFiles(disk);
      live(disk, more);
      expectMarksInFiles(disk);
      const pending = pendingNumbers(disk);
      for (const effect of disk.forsworn) expect(pending).toContain(effect);
      expect(pending.length).toBe(pendingCount(disk));
    };
    fc.assert(fc.property(happenings(16), fc.nat(), happenings(8), law), { numRuns: 150 });
  });

  const tears = fc.constantFrom<Tear>("none", "page", "sector", "byte-prefix");
  it.each(POLICIES)(
    "changes no byte in a power loss that was not being written (T1), or no sector where overwrites are not safe (T2, %s)",
    (policy) => {
      const law = (
        ops: readonly DiskOp[],
        tear: Tear,
        powersafeOverwrite: boolean,
        draw: number,
      ) => {
        const disk = testDisk(policy, { tear, powersafeOverwrite });
        playAll(disk, ops);
        const id = disk.names.get(INSTALLED);
        fc.pre(id !== undefined && disk.platterNames.get(INSTALLED) === id);
        const platter = platterBytes(disk, id ?? 0);
        const touched = touchedBytes(disk, id ?? 0, powersafeOverwrite ? 1 : 512);
        crash(disk, "power", { type: "seeded", draw });
        fc.pre(disk.names.get(INSTALLED) === id);
        const after = readFile(disk, INSTALLED) ?? new Uint8Array();
        const isChanged = (value: number, i: number) =>
          i < platter.length && value !== platter[i] && touched[i] !== 1;
        expect(after.findIndex(isChanged)).toBe(-1);
      };
      const property = fc.property(histories(8), tears, fc.boolean(), fc.nat(1000), law);
      fc.assert(property, { numRuns: 80 });
    },
  );
});

type Happening = DiskOp | DiskFault;

function happenings(maxLength: number): fc.Arbitrary<readonly Happening[]> {
  const files = fc.constantFrom(INSTALLED, "d/b", "e/c");
  const some = fc.option(files);
  const offsets = fc.constantFrom(0, 511, 600, 4096, 8200);
  const count = fc.constantFrom(1, 2);
  const faults: fc.Arbitrary<DiskFault> = fc.oneof(
    fc.record({ type: fc.constant("sync-fails" as const), file: some, count }),
    fc.record({
      type: fc.constant("write-fails" as const),
      file: some,
      errno: fc.constantFrom("EIO" as const, "ENOSPC" as const),
      count,
    }),
    fc.record({ type: fc.constant("create-fails" as const), count }),
    fc.record({
      type: fc.constant("capacity" as const),
      bytes: fc.constantFrom(null, 8300, 10_000),
    }),
    fc.record({ type: fc.constant("unreadable" as const), file: files, offset: offsets }),
    fc.record({ type: fc.constant("rot" as const), file: files, offset: offsets, bit: fc.nat(7) }),
    fc.record({ type: fc.constant("lost-write" as const), file: files }),
    fc.record({
      type: fc.constant("flushing" as const),
      flushing: fc.constantFrom("honest" as const, "device" as const, "total" as const),
    }),
    fc.record({ type: fc.constant("evict" as const), file: files }),
  );
  const ops = histories(maxLength);
  return fc
    .tuple(ops, fc.array(fc.tuple(fc.nat(maxLength), faults), { maxLength: 6 }))
    .map(([calls, wrong]) => {
      const all: Happening[] = [...calls];
      for (const [at, fault] of wrong) all.splice(Math.min(at, all.length), 0, fault);
      return all;
    });
}

const FAULTS: ReadonlySet<string> = new Set<DiskFault["type"]>([
  "sync-fails",
  "write-fails",
  "create-fails",
  "capacity",
  "unreadable",
  "rot",
  "lost-write",
  "flushing",
  "evict",
]);

function live(disk: Disk, history: readonly Happening[]): void {
  for (const [i, each] of history.entries()) {
    if (FAULTS.has(each.type)) injectFault(disk, each as DiskFault, i);
    else perform(disk, each as DiskOp, i);
  }
}

function playAll(disk: Disk, ops: readonly DiskOp[]): void {
  live(disk, ops);
}

/** All that anybody can ever see of a disk. */
function everythingAbout(disk: Disk): unknown {
  const reads = listFiles(disk, "").map((path) =>
    [0, 512, 4096, 8192].map((offset) => {
      const read = readRange(disk, path, offset, 512);
      return read.ok ? digestOfBytes(read.bytes) : read.errno;
    }),
  );
  const kept = cloneDisk(disk);
  const toll = crash(kept, "power", { type: "seeded", draw: 3 });
  const { flushing, capacity, armed, clock, nextSequence } = disk;
  const { rotten, unreadable, forgotten, forsworn, inDevice } = disk;
  return {
    ...{ flushing, capacity, armed, clock, nextSequence, reads, toll },
    ...{ rotten, unreadable, forgotten, forsworn, inDevice },
    pending: pendingNumbers(disk),
    live: imageText(liveImage(disk)),
    minimal: imageText(minimalImage(disk)),
    kept: imageText(liveImage(kept)),
  };
}

function expectMarksInFiles(disk: Disk): void {
  for (const marks of [disk.rotten, disk.unreadable, disk.forgotten, disk.torn]) {
    for (const [id, sectors] of marks) {
      const { liveSize = 0, platterSize = 0 } = disk.inodes.get(id) ?? {};
      expect(sectors.size).toBeGreaterThan(0);
      expect(Math.max(...sectors) * 512).toBeLessThan(Math.max(liveSize, platterSize));
    }
  }
}

function pendingNumbers(disk: Disk): number[] {
  const logs = [...disk.inodes.values()].map(({ log }) => log.items.slice(0, log.count));
  const names = disk.nameLog.items.slice(0, disk.nameLog.count);
  return [...logs.flat(), ...names].map(({ sequence }) => sequence).sort((a, b) => a - b);
}

/** Marks the bytes that something pending is about, and all others of their cells of this size. */
function touchedBytes(disk: Disk, id: number, cell: number): Uint8Array {
  const touched = new Uint8Array(3 * 4096);
  const { log } = disk.inodes.get(id)!;
  for (const effect of log.items.slice(0, log.count)) {
    const [from, to] =
      effect.type === "data"
        ? [effect.offset, effect.offset + effect.bytes.length]
        : [Math.min(effect.before, effect.after), touched.length];
    touched.fill(1, from - (from % cell), Math.ceil(to / cell) * cell);
  }
  return touched;
}

/** What the platter holds of an inode, whatever its name is there. */
function platterBytes(disk: Disk, id: number): Uint8Array {
  const { platterPages, platterSize } = disk.inodes.get(id)!;
  const bytes = new Uint8Array(platterPages.length * 4096);
  for (const [page, held] of platterPages.entries()) {
    if (held !== null) bytes.set(held.bytes, page * 4096);
  }
  return bytes.subarray(0, platterSize);
}

function diskWithWal(settings: Partial<DiskSettings> = {}, bytes = OLD): Disk {
  const disk = createDisk({
    policy: "ordered-journal",
    sectorSize: 512,
    writeBack: null,
    ...settings,
  });
  installFile(disk, WAL, bytes);
  return disk;
}

/** A byte 7 was written there, and its sync failed. */
function failed(syncFailure: SyncFailure, offset: number): Disk {
  const disk = diskWithWal({ syncFailure });
  write(disk, offset, Uint8Array.of(7));
  inject(disk, { type: "sync-fails", file: WAL, count: 1 });
  expect(sync(disk)).toEqual(error("EIO"));
  return disk;
}

function inject(disk: Disk, fault: DiskFault): void {
  expect(injectFault(disk, fault, disk.clock)).toBeNull();
}

function write(disk: Disk, offset: number, bytes: Uint8Array): OpResult {
  return perform(disk, { type: "write", file: WAL, offset, bytes }, disk.clock + 1);
}

function sync(disk: Disk): OpResult {
  return perform(disk, { type: "sync", file: WAL }, disk.clock + 1);
}

function byte(disk: Disk, offset: number): number | undefined {
  return readFile(disk, WAL)?.[offset];
}

function sizeOf(disk: Disk, file: FileRef): number {
  const id = typeof file === "number" ? disk.descriptors.get(file) : disk.names.get(file);
  return disk.inodes.get(id ?? 0)?.liveSize ?? 0;
}

function walId(disk: Disk): number {
  return disk.names.get(WAL) ?? 0;
}

function error(errno: string): OpResult {
  return { ok: false, errno } as OpResult;
}
