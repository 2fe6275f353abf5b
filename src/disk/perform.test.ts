import { describe, expect, it } from "vitest";
import { createDisk, type Disk, fileSize, listFiles, readFile } from "./disk.ts";
import { FILE_SIZE_MAX, perform } from "./perform.ts";
import type { DiskOp, OpResult, Path } from "./types.ts";

const BYTES = Uint8Array.of(1, 2, 3);
/** 256 bytes: an umlaut has two. */
const LONG = `A/${"\u00e4".repeat(128)}`;

describe("a system call", () => {
  it.each<[string, DiskOp, string]>([
    ["open of no file", { type: "open", file: "A/none", create: false, truncate: false }, "ENOENT"],
    ["open of no name", { type: "open", file: "", create: true, truncate: false }, "ENOENT"],
    ["open of a directory", { type: "open", file: "A", create: true, truncate: false }, "EISDIR"],
    [
      "open below a file",
      { type: "open", file: "A/log/x", create: true, truncate: false },
      "ENOTDIR",
    ],
    ["close of no descriptor", { type: "close", descriptor: 99 }, "EBADF"],
    ["write to no file", { type: "write", file: "A/none", offset: 0, bytes: BYTES }, "ENOENT"],
    ["write to no descriptor", { type: "write", file: 99, offset: 0, bytes: BYTES }, "EBADF"],
    ["write to a directory", { type: "write", file: "A", offset: 0, bytes: BYTES }, "EISDIR"],
    [
      "write before the start",
      { type: "write", file: "A/log", offset: -1, bytes: BYTES },
      "EINVAL",
    ],
    [
      "write past what a file may hold",
      { type: "write", file: "A/log", offset: FILE_SIZE_MAX, bytes: BYTES },
      "EFBIG",
    ],
    ["store past the end", { type: "store", file: "A/log", offset: 8, bytes: BYTES }, "EINVAL"],
    [
      "store before the start",
      { type: "store", file: "A/log", offset: -1, bytes: BYTES },
      "EINVAL",
    ],
    ["truncate to a negative size", { type: "truncate", file: "A/log", size: -1 }, "EINVAL"],
    ["truncate to half a byte", { type: "truncate", file: "A/log", size: 0.5 }, "EINVAL"],
    ["truncate to too much", { type: "truncate", file: "A/log", size: FILE_SIZE_MAX + 1 }, "EFBIG"],
    ["rename of no file", { type: "rename", from: "A/none", to: "A/log" }, "ENOENT"],
    ["rename of no file to itself", { type: "rename", from: "A/none", to: "A/none" }, "ENOENT"],
    ["rename from below a file", { type: "rename", from: "A/log/x", to: "A/y" }, "ENOTDIR"],
    ["rename to below a file", { type: "rename", from: "A/log", to: "A/log/x" }, "ENOTDIR"],
    ["unlink below a file", { type: "unlink", file: "A/log/x" }, "ENOTDIR"],
    ["write below a file", { type: "write", file: "A/log/x", offset: 0, bytes: BYTES }, "ENOTDIR"],
    ["sync-directory below a file", { type: "sync-directory", directory: "A/log/x" }, "ENOTDIR"],
    ["sync of a directory", { type: "sync", file: "A" }, "EISDIR"],
    ["truncate of a directory", { type: "truncate", file: "A", size: 0 }, "EISDIR"],
    ["truncate of no descriptor", { type: "truncate", file: 99, size: 0 }, "EBADF"],
    ["store to no descriptor", { type: "store", file: 99, offset: 0, bytes: BYTES }, "EBADF"],
    ["write at half a byte", { type: "write", file: "A/log", offset: 0.5, bytes: BYTES }, "EINVAL"],
    [
      "a name too long",
      { type: "open", file: LONG, create: true, truncate: false },
      "ENAMETOOLONG",
    ],
    ["rename to a name too long", { type: "rename", from: "A/log", to: LONG }, "ENAMETOOLONG"],
    ["unlink of a name too long", { type: "unlink", file: LONG }, "ENAMETOOLONG"],
    [
      "a path too long",
      { type: "open", file: "d/".repeat(2048), create: true, truncate: false },
      "ENAMETOOLONG",
    ],
    ["rename of a directory", { type: "rename", from: "A", to: "B" }, "EISDIR"],
    ["rename onto a directory", { type: "rename", from: "A/log", to: "A" }, "EISDIR"],
    ["unlink of no file", { type: "unlink", file: "A/none" }, "ENOENT"],
    ["unlink of a directory", { type: "unlink", file: "A/" }, "EISDIR"],
    ["sync of no file", { type: "sync", file: "A/none" }, "ENOENT"],
    ["data-sync of no descriptor", { type: "data-sync", file: 99 }, "EBADF"],
    ["sync-directory of a file", { type: "sync-directory", directory: "A/log" }, "ENOTDIR"],
  ])("refuses %s and changes nothing", (_, op, errno) => {
    const disk = diskWithLog();
    const before = { live: disk.liveVersion, next: disk.nextSequence };
    expect(perform(disk, op, 1)).toEqual({ ok: false, errno });
    expect({ live: disk.liveVersion, next: disk.nextSequence }).toEqual(before);
  });

  it("takes a name of 255 bytes", () => {
    const disk = diskWithLog();
    const file = `A/${"x".repeat(255)}`;
    expect(perform(disk, { type: "open", file, create: true, truncate: false }, 1).ok).toBe(true);
  });

  it("writes and cuts as pwrite and ftruncate do: holes and what grows are zeros", () => {
    const disk = diskWithLog();
    perform(disk, { type: "write", file: "A/log", offset: 12, bytes: BYTES }, 1);
    expect([...read(disk, "A/log")]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 1, 2, 3]);
    perform(disk, { type: "truncate", file: "A/log", size: 13 }, 2);
    perform(disk, { type: "truncate", file: "A/log", size: 5000 }, 3);
    expect([...read(disk, "A/log").subarray(10)]).toEqual([0, 0, 1, ...Array(4987).fill(0)]);
  });

  it("leaves a file alone that is written nothing, or cut to the size it has", () => {
    const disk = diskWithLog();
    perform(disk, { type: "write", file: "A/log", offset: 50, bytes: new Uint8Array() }, 1);
    perform(disk, { type: "truncate", file: "A/log", size: 10 }, 1);
    expect(disk.nextSequence).toBe(diskWithLog().nextSequence);
  });

  it("empties a file that is opened to be truncated", () => {
    const disk = diskWithLog();
    perform(disk, { type: "open", file: "A/log", create: true, truncate: true }, 1);
    expect(fileSize(disk, "A/log")).toBe(0);
  });

  it("does nothing when a file is renamed to itself", () => {
    const disk = diskWithLog();
    const { nextSequence } = disk;
    expect(perform(disk, { type: "rename", from: "A/log", to: "A/log" }, 1).ok).toBe(true);
    expect(disk.nextSequence).toBe(nextSequence);
    expect(listFiles(disk, "A/")).toEqual(["A/log"]);
  });
});

describe("a descriptor", () => {
  it("follows its file through rename and unlink until it is closed", () => {
    const disk = diskWithLog();
    const descriptor = opened(
      perform(disk, { type: "open", file: "A/log", create: false, truncate: false }, 1),
    );
    perform(disk, { type: "rename", from: "A/log", to: "A/moved" }, 2);
    perform(disk, { type: "write", file: descriptor, offset: 0, bytes: BYTES }, 3);
    expect([...read(disk, "A/moved").subarray(0, 4)]).toEqual([1, 2, 3, 7]);
    perform(disk, { type: "unlink", file: "A/moved" }, 4);
    expect(perform(disk, { type: "write", file: descriptor, offset: 0, bytes: BYTES }, 5).ok).toBe(
      true,
    );
    perform(disk, { type: "close", descriptor }, 6);
    expect(perform(disk, { type: "sync", file: descriptor }, 7)).toEqual({
      ok: false,
      errno: "EBADF",
    });
  });

  it("is never given twice", () => {
    const disk = diskWithLog();
    const open = () =>
      opened(perform(disk, { type: "open", file: "A/log", create: false, truncate: false }, 1));
    const first = open();
    perform(disk, { type: "close", descriptor: first }, 2);
    expect(open()).not.toBe(first);
  });
});

function diskWithLog(): Disk {
  const disk = createDisk({ policy: "ordered-journal", sectorSize: 512, writeBack: null });
  perform(disk, { type: "open", file: "A/log", create: true, truncate: false }, 0);
  perform(disk, { type: "write", file: "A/log", offset: 0, bytes: new Uint8Array(10).fill(7) }, 0);
  return disk;
}

function read(disk: Disk, path: Path): Uint8Array {
  const bytes = readFile(disk, path);
  if (bytes === null) throw new Error(`${path} is there`);
  return bytes;
}

function opened(result: OpResult): number {
  if (!result.ok) throw new Error("the open succeeds");
  return result.descriptor;
}
