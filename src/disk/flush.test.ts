import { describe, expect, it } from "vitest";
import { createDisk, type Disk, installFile, minimalImage, pendingCount } from "./disk.ts";
import { flush } from "./flush.ts";
import { pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import { type DiskOp, POLICIES, type Policy, type SyncScope } from "./types.ts";

const SCOPES: readonly SyncScope[] = ["posix", "new-dent", "whole-journal"];

describe("an fsync of a file just created", () => {
  it.each<[SyncScope, readonly string[]]>([
    ["posix", []],
    ["new-dent", ["d/new"]],
    ["whole-journal", ["d/new", "e/other"]],
  ])("makes these names durable when its scope is %s: %j", (syncScope, names) => {
    const disk = diskWith("adversarial", syncScope, [
      create("e/other"),
      write("e/other", 0, 10),
      create("d/new"),
      write("d/new", 0, 10),
      { type: "sync", file: "d/new" },
    ]);
    expect([...minimalImage(disk).keys()].sort()).toEqual(["f", ...names].sort());
  });

  it("covers the name it was created under, not the one it has since", () => {
    const disk = diskWith("adversarial", "new-dent", [
      create("d/tmp"),
      { type: "rename", from: "d/tmp", to: "d/new" },
      { type: "sync", file: "d/new" },
    ]);
    expect([...minimalImage(disk).keys()]).toEqual(["d/tmp", "f"]);
  });

  it("takes sizes of other files along when its scope is the whole journal, not their data", () => {
    const disk = diskWith("adversarial", "whole-journal", [
      write("f", 8192, 10),
      create("d/new"),
      { type: "sync", file: "d/new" },
    ]);
    const bytes = minimalImage(disk).get("f");
    expect(bytes?.length).toBe(8202);
    expect(bytes?.[8192]).toBe(0);
    expect(pendingEffects(disk)).toMatchObject([{ kind: "data" }]);
  });

  it.each(SCOPES)("covers no name when it is an fdatasync, also when the scope is %s", (scope) => {
    const disk = diskWith("adversarial", scope, [
      create("d/new"),
      write("d/new", 0, 10),
      { type: "data-sync", file: "d/new" },
    ]);
    expect([...minimalImage(disk).keys()]).toEqual(["f"]);
    expect(pendingEffects(disk)).toMatchObject([{ kind: "name" }]);
  });

  it("takes the whole journal along through a directory as well", () => {
    const disk = diskWith("adversarial", "whole-journal", [
      create("e/other"),
      create("d/new"),
      { type: "sync-directory", directory: "d" },
    ]);
    expect([...minimalImage(disk).keys()]).toEqual(["d/new", "e/other", "f"]);
  });
});

describe("an msync of a range", () => {
  const stores = [store("f", 0, 1), store("f", 4096, 2), store("f", 100, 3)];

  it("writes the pages that the range touches, whole, and no others", () => {
    const disk = diskWith("adversarial", "posix", [...stores, msync("f", 50, 1)]);
    const bytes = minimalImage(disk).get("f");
    expect([bytes?.[0], bytes?.[100], bytes?.[4096]]).toEqual([1, 3, 0]);
  });

  it("writes both pages when the range crosses from one to the other", () => {
    const disk = diskWith("adversarial", "posix", [...stores, msync("f", 4095, 2)]);
    expect(pendingCount(disk)).toBe(0);
  });

  it("writes what the policy ties to the range: under per-file all that came before on the file", () => {
    const disk = diskWith("per-file", "posix", [...stores.slice(0, 2), msync("f", 4096, 1)]);
    expect(pendingCount(disk)).toBe(0);
  });

  it("makes what it covers readable: the size comes along", () => {
    const disk = diskWith("metadata-first", "posix", [write("f", 8192, 10), msync("f", 8192, 1)]);
    expect(minimalImage(disk).get("f")?.length).toBe(8202);
  });
});

describe("a sync obeys the order of its policy", () => {
  it.each<[Policy, number]>([
    ["strict", 0],
    ["per-file", 3],
    ["data-first", 0],
    ["ordered-journal", 3],
    ["metadata-first", 3],
    ["adversarial", 3],
  ])(
    "when %s, %i earlier changes of another file stay pending beside an append",
    (policy, left) => {
      const disk = diskWith(policy, "posix", [
        create("e/other"),
        write("e/other", 0, 10),
        write("f", 8192, 10),
        { type: "sync", file: "f" },
      ]);
      expect(pendingCount(disk)).toBe(left);
    },
  );

  it("writes a truncate with all names before it where a journal orders them", () => {
    const left = POLICIES.map((policy) => {
      const ops = [create("e/other"), { type: "truncate", file: "f", size: 9 } as const];
      const disk = diskWith(policy, "posix", [...ops, { type: "sync", file: "f" }]);
      return [policy, pendingCount(disk)];
    });
    expect(Object.fromEntries(left)).toEqual({
      strict: 0,
      "per-file": 1,
      "data-first": 0,
      "ordered-journal": 0,
      "metadata-first": 0,
      adversarial: 1,
    });
  });
});

describe.each(POLICIES)("a disk that is %s and promises never to tear a write", (policy) => {
  const disk = (tear: "none" | "page") => {
    const made = createDisk({ policy, sectorSize: 512, writeBack: null, tear });
    installFile(made, "f", new Uint8Array(8192));
    perform(made, write("f", 4000, 200), 1);
    return made;
  };

  it("flushes all of it", () => {
    const pending = (tear: "none" | "page") => {
      const flushed = disk(tear);
      flush(flushed, [pendingEffects(flushed)[0]?.sequence ?? 0]);
      return pendingCount(flushed);
    };
    expect([pending("none"), pending("page")]).toEqual([0, 1]);
  });

  it("syncs all of it when a range touches a part", () => {
    const pending = (tear: "none" | "page") => {
      const synced = disk(tear);
      perform(synced, msync("f", 4000, 1), 2);
      return pendingCount(synced);
    };
    expect([pending("none"), pending("page")]).toEqual([0, 1]);
  });
});

function diskWith(policy: Policy, syncScope: SyncScope, ops: readonly DiskOp[]): Disk {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null, syncScope });
  installFile(disk, "f", new Uint8Array(8192));
  for (const [i, op] of ops.entries()) expect(perform(disk, op, i)).toMatchObject({ ok: true });
  return disk;
}

function create(file: string): DiskOp {
  return { type: "open", file, create: true, truncate: false };
}

function write(file: string, offset: number, length: number): DiskOp {
  return { type: "write", file, offset, bytes: new Uint8Array(length).fill(9) };
}

function store(file: string, offset: number, byte: number): DiskOp {
  return { type: "store", file, offset, bytes: Uint8Array.of(byte) };
}

function msync(file: string, offset: number, length: number): DiskOp {
  return { type: "data-sync", file, range: { offset, length } };
}
