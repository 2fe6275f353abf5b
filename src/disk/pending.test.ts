import { describe, expect, it } from "vitest";
import { crash } from "./crash.ts";
import { createDisk, type Disk, installFile, liveImage, minimalImage } from "./disk.ts";
import { injectFault } from "./faults.ts";
import { closure, fileViews, pendingEffects, RULE_WORDS } from "./pending.ts";
import { perform } from "./perform.ts";
import { implicationsOf } from "./rules.ts";
import type { DiskOp, DiskOptions, Policy, Rule, SectorView } from "./types.ts";

const FILE = "d/f";

describe("what a pending effect needs", () => {
  const twice = [store(0, 10), store(5, 10)];
  const samePage = [store(0, 10), store(1000, 10)];
  const twoFiles = [write("d/g", 0, 10), store(0, 10)];
  const twoPages = [store(4096, 10), store(0, 10)];
  const twoNames = [create("d/new"), create("d/other")];
  const moved = [create("d/new"), rename("d/new", "d/moved"), rename("d/moved", "d/last")];
  const replaced = [create("d/new"), write("d/new", 0, 10), rename("d/new", FILE)];
  const rewritten = [{ type: "truncate", file: FILE, size: 0 } as const, write(FILE, 4096, 10)];
  const appended = [write(FILE, 8192, 10)];

  it.each<[Rule, Policy, readonly DiskOp[], string, string]>([
    ["same-cell", "adversarial", twice, "bytes 5..14", "bytes 0..9"],
    ["whole-page", "adversarial", samePage, "bytes 1000..1009", "bytes 0..9"],
    ["program-order", "strict", twoFiles, "bytes 0..9", "size 0 -> 10"],
    ["file-order", "per-file", twoPages, "bytes 0..9", "bytes 4096..4105"],
    ["directory-order", "per-file", twoNames, "create d/other", "create d/new"],
    ["first-name", "adversarial", moved, "rename d/moved -> d/last", "create d/new"],
    ["truncate-first", "metadata-first", rewritten, "bytes 4096..4105", "size 8192 -> 0"],
    ["data-before-metadata", "data-first", replaced, "size 0 -> 10", "bytes 0..9"],
    ["metadata-order", "metadata-first", twoNames, "create d/other", "create d/new"],
    ["exposed-data", "ordered-journal", appended, "size 8192 -> 8202", "bytes 8192..8201"],
    ["replaced-file", "ordered-journal", replaced, `rename d/new -> ${FILE}`, "bytes 0..9"],
  ])("is named by its rule: %s when %s", (rule, policy, ops, later, earlier) => {
    expect(reasons(diskAfter({ policy }, ops), "os")).toContainEqual({ later, earlier, rule });
  });

  it("is named by its rule where a sector arrives byte by byte", () => {
    const disk = diskAfter({ tear: "byte-prefix" }, [store(0, 2)]);
    expect(reasons(disk, "power")).toEqual([
      { later: "byte 1", earlier: "byte 0", rule: "byte-order" },
    ]);
  });

  it("is of one sector, not of its page, when power fails", () => {
    expect(reasons(diskAfter({}, samePage), "power")).toEqual([]);
    expect(reasons(diskAfter({ tear: "page" }, samePage), "power")).toMatchObject([
      { rule: "whole-page" },
    ]);
  });

  it("is said in a sentence for every rule", () => {
    for (const words of Object.values(RULE_WORDS)) expect(words).toMatch(/^[a-z].{20,}[a-z]$/);
  });

  it("is named once, however many rules ask for it, and lists the same numbers as its reasons", () => {
    const disk = diskAfter({ policy: "ordered-journal" }, [...replaced, ...moved]);
    for (const { needs, why } of pendingEffects(disk, "power")) {
      expect(why.map(({ sequence }) => sequence)).toEqual(needs);
      expect(new Set(needs).size).toBe(needs.length);
    }
  });
});

describe("what a lying sync brought to the device", () => {
  it("survives every crash of the system with what it needs, and no power loss", () => {
    const disk = diskAfter({ policy: "per-file", flushing: "device" }, [
      store(4096, 10),
      store(0, 10),
    ]);
    perform(disk, { type: "sync", file: FILE }, 5);
    perform(disk, store(1, 1), 6);
    expect([...implicationsOf(disk, "os").forced]).toEqual([1, 1, 0]);
    expect([...implicationsOf(disk, "power").forced]).toEqual([0, 0, 0]);
    expect(pendingEffects(disk).map(({ forsworn }) => forsworn)).toEqual([true, true, false]);
    const forcedBy = (kind: "os" | "power") =>
      pendingEffects(disk, kind).map((each) => each.forced);
    expect(forcedBy("os")).toEqual([true, true, false]);
    expect(forcedBy("power")).toEqual([false, false, false]);
    const platter = minimalImage(disk);
    const powerless = diskAfter({}, []);
    expect(platter).toEqual(liveImage(powerless));
    for (let draw = 0; draw < 30; draw++) {
      const os = diskAfter({ flushing: "device" }, [store(0, 10), { type: "sync", file: FILE }]);
      crash(os, "os", { type: "seeded", draw });
      expect(liveImage(os).get(FILE)?.[9]).toBe(9);
    }
    crash(disk, "os", { type: "none" });
    expect([liveImage(disk).get(FILE)?.[0], liveImage(disk).get(FILE)?.[4096]]).toEqual([9, 9]);
  });
});

describe("the picture of a sector", () => {
  it("says how many versions of it power loss may leave", () => {
    const versions = (options: Partial<DiskOptions>) =>
      sectors(diskAfter(options, [store(0, 4), store(0, 20)]))[0]?.versions;
    expect(versions({})).toBe(3);
    expect(versions({ powersafeOverwrite: false })).toBe(5);
    expect(versions({ tear: "byte-prefix" })).toBe(1 + 4 + 8);
    expect(sectors(diskAfter({}, []))[0]).toEqual({
      sector: 0,
      state: "durable",
      versions: 1,
      pending: [],
    });
  });

  it("tells written, in flight, forgotten, rotten and unreadable apart", () => {
    const disk = diskAfter({ flushing: "device" }, [store(0, 4), { type: "sync", file: FILE }]);
    perform(disk, store(512, 4), 5);
    injectFault(disk, { type: "rot", file: FILE, offset: 1024, bit: 1 }, 6);
    injectFault(disk, { type: "unreadable", file: FILE, offset: 1536 }, 6);
    expect(
      sectors(disk)
        .map(({ state }) => state)
        .slice(0, 5),
    ).toEqual(["in-flight", "written", "rotten", "unreadable", "durable"]);
    const failed = diskAfter({}, [store(0, 4)]);
    injectFault(failed, { type: "sync-fails", file: FILE, count: 1 }, 5);
    perform(failed, { type: "sync", file: FILE }, 6);
    expect(sectors(failed)[0]?.state).toBe("forgotten");
  });
});

it("takes along what a piece of another kind needs: garbage as much as the write it comes of", () => {
  const disk = diskAfter({ policy: "per-file", powersafeOverwrite: false }, [
    store(4096, 1),
    store(0, 1),
  ]);
  const [, first, garble, second] = pendingEffects(disk, "power").map(({ sequence }) => sequence);
  expect(closure(disk, [garble ?? 0], "power")).toEqual([(first ?? 0) - 1, first, garble]);
  expect(closure(disk, [second ?? 0], "power")).toHaveLength(4);
});

/** Who needs whom by which rule, in words. */
function reasons(disk: Disk, kind: "os" | "power") {
  const pending = pendingEffects(disk, kind);
  const textOf = (number: number) => pending.find(({ sequence }) => sequence === number)?.text;
  return pending.flatMap(({ text, why }) =>
    why.map(({ sequence, rule }) => ({ later: text, earlier: textOf(sequence), rule })),
  );
}

function sectors(disk: Disk): readonly SectorView[] {
  const view = fileViews(disk).find(({ path }) => path === FILE);
  return view?.pages.flatMap((page) => page.sectors) ?? [];
}

function diskAfter(options: Partial<DiskOptions>, ops: readonly DiskOp[]): Disk {
  const disk = createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null, ...options });
  installFile(disk, FILE, new Uint8Array(8192).fill(1));
  installFile(disk, "d/g", new Uint8Array());
  for (const [i, op] of ops.entries()) expect(perform(disk, op, i)).toMatchObject({ ok: true });
  return disk;
}

function create(file: string): DiskOp {
  return { type: "open", file, create: true, truncate: false };
}

function write(file: string, offset: number, length: number): DiskOp {
  return { type: "write", file, offset, bytes: new Uint8Array(length).fill(9) };
}

function store(offset: number, length: number): DiskOp {
  return { type: "store", file: FILE, offset, bytes: new Uint8Array(length).fill(9) };
}

function rename(from: string, to: string): DiskOp {
  return { type: "rename", from, to };
}
