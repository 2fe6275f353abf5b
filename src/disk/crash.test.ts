import { describe, expect, it } from "vitest";
import { crash, crashImage } from "./crash.ts";
import {
  closeAll,
  createDisk,
  type Disk,
  liveImage,
  minimalImage,
  pendingCount,
  platterDigest,
  readFile,
} from "./disk.ts";
import { flush } from "./flush.ts";
import { closure, dependents, fileViews, pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import { type DiskOp, POLICIES, type Policy } from "./types.ts";

const RECORD = Uint8Array.from({ length: 600 }, (_, i) => 1 + (i % 200));

describe("a crash", () => {
  it("keeps what the user chose and what that needs", () => {
    const disk = diskAfter("ordered-journal", appendOf("A/log"));
    expect(pendingEffects(disk)).toMatchObject([
      { sequence: 1, kind: "name", text: "create A/log", needs: [] },
      { sequence: 2, kind: "data", text: "bytes 0..599", offset: 0, length: 600, needs: [] },
      { sequence: 5, kind: "size", text: "size 0 -> 600", needs: [2] },
    ]);
    expect(closure(disk, [5])).toEqual([2, 5]);
    expect(dependents(disk, [2])).toEqual([2, 5]);
    expect(crash(disk, "os", { type: "chosen", effects: [1, 5] })).toEqual({
      kept: 3,
      lost: 0,
      forsworn: 0,
    });
    expect(readFile(disk, "A/log")).toEqual(RECORD);
  });

  it("lets the user choose sectors when power fails, by numbers of their own", () => {
    const disk = diskAfter("adversarial", appendOf("A/log"));
    expect(pendingEffects(disk, "power")).toMatchObject([
      { sequence: 1 },
      { sequence: 3, text: "bytes 0..511" },
      { sequence: 4, text: "bytes 512..599" },
      { sequence: 5 },
    ]);
    const torn = crashImage(disk, [1, 4, 5], "power").get("A/log");
    expect(torn).toEqual(RECORD.map((byte, i) => (i < 512 ? 0 : byte)));
    expect(crash(disk, "power", { type: "chosen", effects: [1, 4, 5] })).toEqual({
      kept: 2,
      lost: 1,
      forsworn: 0,
    });
    expect(readFile(disk, "A/log")).toEqual(torn);
  });

  it("takes a sector's number for its page when the system crashes, and an effect's for all its sectors", () => {
    const disk = diskAfter("adversarial", appendOf("A/log"));
    expect(crashImage(disk, [1, 4, 5], "os").get("A/log")).toEqual(RECORD);
    expect(crashImage(disk, [1, 2, 5], "power").get("A/log")).toEqual(RECORD);
  });

  it("leaves the disk alone that a crash image is asked of", () => {
    const disk = diskAfter("strict", appendOf("A/log"));
    crashImage(disk, []);
    expect(pendingCount(disk)).toBe(3);
    expect(readFile(disk, "A/log")).toEqual(RECORD);
  });

  it.each(POLICIES)("can keep all or nothing (%s)", (policy) => {
    const kept = diskAfter(policy, appendOf("A/log"));
    const live = liveImage(kept);
    expect(crash(kept, "power", { type: "all" })).toEqual({ kept: 3, lost: 0, forsworn: 0 });
    expect(liveImage(kept)).toEqual(live);
    expect(minimalImage(kept)).toEqual(live);
    const lost = diskAfter(policy, appendOf("A/log"));
    expect(crash(lost, "os", { type: "none" })).toEqual({ kept: 0, lost: 3, forsworn: 0 });
    expect(liveImage(lost).size).toBe(0);
  });

  it("takes all descriptors, also when only the process dies", () => {
    const disk = diskAfter("strict", appendOf("A/log"));
    expect(crash(disk, "process", { type: "none" })).toEqual({ kept: 3, lost: 0, forsworn: 0 });
    expect(readFile(disk, "A/log")).toEqual(RECORD);
    expect(perform(disk, { type: "close", descriptor: 3 }, 9)).toEqual({
      ok: false,
      errno: "EBADF",
    });
  });

  it("keeps what is written to a file whose last name went in the same crash", () => {
    const disk = diskAfter("adversarial", [
      ...appendOf("A/log"),
      { type: "unlink", file: "A/log" },
      { type: "write", file: 3, offset: 0, bytes: RECORD },
    ]);
    const all = pendingEffects(disk).map(({ sequence }) => sequence);
    expect(crashImage(disk, all).size).toBe(0);
    expect(
      crashImage(
        disk,
        all.filter((effect) => effect !== 6),
      ).size,
    ).toBe(1);
  });
});

describe("a file that nothing leads to any more", () => {
  it("takes along what is pending on it", () => {
    const disk = diskAfter("adversarial", [
      ...appendOf("A/log"),
      { type: "unlink", file: "A/log" },
    ]);
    perform(disk, { type: "sync-directory", directory: "A" }, 9);
    expect(pendingCount(disk)).toBe(2);
    closeAll(disk, [3, 3, 99]);
    expect(pendingCount(disk)).toBe(0);
    expect(disk.inodes.size).toBe(0);
  });

  it.each(POLICIES)("leaves nothing behind, however often a file is replaced (%s)", (policy) => {
    const disk = createDisk({ policy, sectorSize: 512, writeBack: null });
    for (let i = 0; i < 50; i++) {
      for (const op of replace()) perform(disk, op, i);
      perform(disk, { type: "close", descriptor: disk.nextDescriptor - 1 }, i);
      perform(disk, { type: "sync-directory", directory: "A" }, i);
    }
    expect(disk.inodes.size).toBe(1);
    expect(pendingCount(disk)).toBeLessThanOrEqual(2);
  });
});

describe("the picture of a disk", () => {
  it("calls a pending effect by the name its file has now", () => {
    const disk = diskAfter("adversarial", [
      ...appendOf("A/tmp"),
      { type: "rename", from: "A/tmp", to: "A/log" },
    ]);
    expect(pendingEffects(disk).map(({ path, text }) => `${path}: ${text}`)).toEqual([
      "A/tmp: create A/tmp",
      "A/log: bytes 0..599",
      "A/log: size 0 -> 600",
      "A/log: rename A/tmp -> A/log",
    ]);
  });

  it("shows each page clean, dirty, or torn between sectors that reached the platter and others", () => {
    const disk = diskAfter("adversarial", [
      { type: "open", file: "A/log", create: true, truncate: false },
      { type: "write", file: "A/log", offset: 0, bytes: new Uint8Array(3 * 4096).fill(1) },
      { type: "sync", file: "A/log" },
      { type: "store", file: "A/log", offset: 4096, bytes: new Uint8Array(4096).fill(2) },
      { type: "store", file: "A/log", offset: 8192, bytes: new Uint8Array(512).fill(3) },
    ]);
    const [, first, second] = pendingEffects(disk);
    const view = fileViews(disk)[0];
    expect(view).toMatchObject({ path: "A/log", size: 12288, durableSize: null });
    expect(view?.pages).toMatchObject([
      { page: 0, state: "clean", pending: [] },
      { page: 1, state: "dirty", pending: [first?.sequence] },
      { page: 2, state: "torn", pending: [second?.sequence] },
    ]);
    expect(view?.pages[2]?.sectors.slice(0, 2)).toEqual([
      { sector: 16, state: "written", versions: 2, pending: [second?.sequence] },
      { sector: 17, state: "durable", versions: 1, pending: [] },
    ]);
  });

  it("has another platter digest only when the platter is another", () => {
    const disk = diskAfter("adversarial", appendOf("A/log"));
    const empty = platterDigest(disk);
    perform(disk, { type: "sync", file: "A/log" }, 5);
    expect(platterDigest(disk)).toBe(empty); // Without a name nobody finds it.
    expect(flush(disk, null)).toBe(1);
    expect(platterDigest(disk)).not.toBe(empty);
  });
});

function diskAfter(policy: Policy, ops: readonly DiskOp[]): Disk {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null });
  for (const [i, op] of ops.entries()) expect(perform(disk, op, i)).toMatchObject({ ok: true });
  return disk;
}

function appendOf(file: string): DiskOp[] {
  return [
    { type: "open", file, create: true, truncate: false },
    { type: "write", file, offset: 0, bytes: RECORD },
  ];
}

function replace(): DiskOp[] {
  return [...appendOf("A/meta.tmp"), { type: "rename", from: "A/meta.tmp", to: "A/meta" }];
}
