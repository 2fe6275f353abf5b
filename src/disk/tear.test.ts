import { describe, expect, it } from "vitest";
import { crash, crashImage } from "./crash.ts";
import { createDisk, type Disk, installFile, liveImage, minimalImage, readFile } from "./disk.ts";
import { injectFault } from "./faults.ts";
import { flush } from "./flush.ts";
import { cutsOf, garbageOf } from "./garbage.ts";
import { crashImages } from "./history.testkit.ts";
import { fileViews, pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import type { DiskOp, DiskOptions, Tear } from "./types.ts";

const FILE = "d/f";
const PAGES = 2 * 4096;

describe("power loss in a write", () => {
  it.each<[Tear, number, number]>([
    ["none", 2, 2],
    ["page", 2, 4],
    ["sector", 4, 4],
    ["byte-prefix", 81, 81],
  ])(
    "that tears by %s leaves %i images of two sectors, and %i of sectors in two pages",
    (tear, inPage, overPages) => {
      const images = (offset: number) =>
        crashImages(diskAfter({ tear }, [write(offset, 600)]), "power").size;
      expect(images(0)).toBe(inPage);
      expect(images(3800)).toBe(overPages);
    },
  );

  it("leaves a prefix of what it changes in a sector, whatever the rest of the sector is", () => {
    const disk = diskAfter({ tear: "byte-prefix" }, [write(700, 100)]);
    for (const image of crashImages(disk, "power").values()) {
      const bytes = image.get(FILE) ?? new Uint8Array();
      const arrived = bytes.filter((byte) => byte === 9).length;
      expect(bytes.slice(700, 700 + arrived).every((byte) => byte === 9)).toBe(true);
    }
  });

  it("can cut a sector after any byte, by the seed", () => {
    const cuts = new Set<number>();
    for (let seed = 0; seed < 4000; seed++) {
      const own = cutsOf(seed, 1, 5, 512, 1024);
      expect([...new Set(own)].sort((a, b) => a - b)).toEqual(own);
      for (const cut of own) cuts.add(cut);
    }
    expect(cuts.size).toBe(511);
    expect([Math.min(...cuts), Math.max(...cuts)]).toEqual([513, 1023]);
  });

  it("is a few hundred pieces for a burst of 20 kB, cut by bytes or not", () => {
    const burst = Array.from({ length: 32 }, (_, i) => write(i * 600, 600));
    const pieces = (tear: Tear) =>
      pendingEffects(diskAfter({ tear }, burst), "power").filter(({ kind }) => kind === "data");
    expect(pieces("sector").length).toBeLessThan(80);
    expect(pieces("byte-prefix").length).toBeLessThan(600);
  });

  it("marks what it left half done, until that is written whole", () => {
    const disk = diskAfter({}, [write(0, 1024)]);
    const second = pendingEffects(disk, "power")[1];
    crash(disk, "power", { type: "chosen", effects: [second?.sequence ?? 0] });
    expect(sectorStates(disk).slice(0, 3)).toEqual(["durable", "torn", "durable"]);
    perform(disk, write(512, 512), 9);
    flush(disk, null);
    expect(sectorStates(disk)).not.toContain("torn");
  });

  it("marks nothing behind the end of a file whose new size was lost", () => {
    const disk = diskAfter({}, [write(PAGES - 512, 2048)]);
    const third = pendingEffects(disk, "power")[2];
    crash(disk, "power", { type: "chosen", effects: [third?.sequence ?? 0] });
    expect(disk.torn.size).toBe(0);
    expect(readFile(disk, FILE)?.length).toBe(PAGES);
  });

  it("leaves nothing torn when the system crashes, or when all of it survives", () => {
    for (const kind of ["os", "power"] as const) {
      const disk = diskAfter({}, [write(0, 1024)]);
      crash(disk, kind, { type: "chosen", effects: pendingEffects(disk).map((e) => e.sequence) });
      expect(disk.torn.size).toBe(0);
    }
  });
});

describe("a sector that was being written", () => {
  it("is old, new or garbage, what lies beside the write included", () => {
    const disk = diskAfter({ powersafeOverwrite: false }, [write(600, 10)]);
    const [garble, data] = pendingEffects(disk, "power");
    expect(garble).toMatchObject({ kind: "garble", text: "garbage in bytes 512..1023" });
    expect(data).toMatchObject({
      kind: "data",
      why: [{ sequence: garble?.sequence, rule: "same-cell" }],
    });
    const images = [...crashImages(disk, "power").values()].map((image) => image.get(FILE));
    const garbage = garbageOf(disk.options, 1, 512, 512);
    expect(images.map((bytes) => bytes?.slice(512, 1024))).toEqual([
      new Uint8Array(512).fill(1),
      garbage,
      new Uint8Array(512).fill(1).fill(9, 88, 98),
    ]);
    expect(images.map((bytes) => bytes?.[511])).toEqual([1, 1, 1]);
    crash(disk, "power", { type: "chosen", effects: [garble?.sequence ?? 0] });
    expect(sectorStates(disk)[1]).toBe("torn");
  });

  it("is never garbage after a crash of the system", () => {
    const disk = diskAfter({ powersafeOverwrite: false }, [write(600, 10)]);
    expect(pendingEffects(disk, "os").map(({ kind }) => kind)).toEqual(["data"]);
    expect(crashImages(disk, "os").size).toBe(2);
  });

  it("is the same garbage whenever the seed is the same, and other garbage when not", () => {
    const bytes = (seed: number) => {
      const disk = diskAfter({ powersafeOverwrite: false, seed }, [write(600, 10)]);
      const [garble] = pendingEffects(disk, "power");
      return crashImage(disk, [garble?.sequence ?? 0], "power").get(FILE);
    };
    expect(bytes(4)).toEqual(bytes(4));
    expect(bytes(4)).not.toEqual(bytes(5));
  });
});

describe("a size without its data", () => {
  it.each(["zeros", "garbage"] as const)(
    "shows %s, after a crash and on the platter",
    (exposure) => {
      const ops = [write(PAGES, 600)];
      const lost = diskAfter({ policy: "metadata-first", exposure }, ops);
      const size = pendingEffects(lost).find(({ kind }) => kind === "size")?.sequence ?? 0;
      const shown = crashImage(lost, [size], "os").get(FILE)?.slice(PAGES) ?? new Uint8Array();
      const garbage = garbageOf(lost.options, 1, PAGES, 600);
      expect(shown).toEqual(exposure === "zeros" ? new Uint8Array(600) : garbage);
      flush(lost, [size]);
      expect(minimalImage(lost).get(FILE)?.slice(PAGES)).toEqual(shown);
      expect(readFile(lost, FILE)?.[PAGES]).toBe(9);
      flush(lost, null);
      expect(minimalImage(lost)).toEqual(liveImage(lost));
    },
  );

  it("shows what survived of its data, and zeros in a hole that nobody wrote to", () => {
    const disk = diskAfter({ exposure: "garbage" }, [write(PAGES + 1024, 1024)]);
    const [first, , size] = pendingEffects(disk, "power");
    const kept = [first?.sequence ?? 0, size?.sequence ?? 0];
    const bytes = crashImage(disk, kept, "power").get(FILE)?.slice(PAGES) ?? [];
    expect(bytes.slice(0, 1024)).toEqual(new Uint8Array(1024));
    expect(bytes.slice(1024, 1536)).toEqual(new Uint8Array(512).fill(9));
    expect(bytes.slice(1536)).toEqual(garbageOf(disk.options, 1, PAGES + 1536, 512));
  });
});

describe("a rename that is not atomic", () => {
  const replace: readonly DiskOp[] = [
    { type: "open", file: "d/new", create: true, truncate: false },
    { type: "sync", file: "d/new" },
    { type: "sync-directory", directory: "d" },
    { type: "rename", from: "d/new", to: FILE },
  ];

  it("may lose the old name, the new one, neither or both", () => {
    const names = (policy: DiskOptions["policy"], renameAtomic: boolean) =>
      [...crashImages(diskAfter({ policy, renameAtomic }, replace), "os").values()]
        .map((image) => [...image].map(([path, { length }]) => `${path}=${length}`).join(" "))
        .sort();
    expect(names("adversarial", true)).toEqual([`${FILE}=0`, `${FILE}=${PAGES} d/new=0`]);
    expect(names("adversarial", false)).toEqual(
      [
        "",
        `${FILE}=${PAGES}`,
        `${FILE}=0`,
        "d/new=0",
        `${FILE}=${PAGES} d/new=0`,
        `${FILE}=0 d/new=0`,
      ].sort(),
    );
    expect(names("strict", false)).toEqual(
      ["", `${FILE}=0`, `${FILE}=${PAGES} d/new=0`, "d/new=0"].sort(),
    );
  });

  it("is told step by step", () => {
    const disk = diskAfter({ renameAtomic: false }, replace);
    expect(pendingEffects(disk).map(({ text }) => text)).toEqual([
      `unlink ${FILE} of a rename`,
      "unlink d/new of a rename",
      `link ${FILE} of a rename`,
    ]);
  });

  it("gives no file its first name", () => {
    const disk = diskAfter({ renameAtomic: false }, [
      { type: "rename", from: FILE, to: "d/x" },
      { type: "rename", from: "d/x", to: "d/y" },
    ]);
    const link = pendingEffects(disk).find(({ text }) => text === "link d/y of a rename");
    expect(link?.why).toEqual([]);
  });

  it.each([
    [FILE, "d/new"],
    ["d/new", FILE],
  ])("calls a file by the name that is left of two when %s goes", (gone, left) => {
    for (const go of [
      { type: "unlink", file: gone },
      { type: "rename", from: "d/x", to: gone },
    ] as const) {
      const disk = diskAfter({ renameAtomic: false }, replace);
      const [unlinkTarget, , link] = pendingEffects(disk);
      const effects = [unlinkTarget?.sequence ?? 0, link?.sequence ?? 0];
      crash(disk, "os", { type: "chosen", effects });
      perform(disk, { type: "open", file: "d/x", create: true, truncate: false }, 9);
      flush(disk, null);
      expect(perform(disk, go, 9).ok).toBe(true);
      perform(disk, { type: "write", file: left, offset: 0, bytes: Uint8Array.of(5) }, 9);
      const data = pendingEffects(disk).find(({ kind }) => kind === "data");
      expect(data?.path).toBe(left);
    }
  });

  it("may leave one file under two names, of which either can go", () => {
    const disk = diskAfter({ renameAtomic: false }, replace);
    const [unlinkTarget, , link] = pendingEffects(disk);
    const effects = [unlinkTarget?.sequence ?? 0, link?.sequence ?? 0];
    crash(disk, "os", { type: "chosen", effects });
    expect([...liveImage(disk).keys()]).toEqual([FILE, "d/new"]);
    perform(disk, { type: "write", file: FILE, offset: 0, bytes: Uint8Array.of(5) }, 9);
    expect(readFile(disk, "d/new")).toEqual(Uint8Array.of(5));
    perform(disk, { type: "rename", from: FILE, to: "d/new" }, 9);
    expect([...liveImage(disk).keys()]).toEqual([FILE, "d/new"]);
    for (const file of [FILE, "d/new"]) {
      injectFault(disk, { type: "write-fails", file, errno: "EIO", count: 1 }, 9);
      const bytes = Uint8Array.of(6);
      expect(perform(disk, { type: "write", file, offset: 0, bytes }, 9).ok, file).toBe(false);
    }
    perform(disk, { type: "unlink", file: FILE }, 9);
    flush(disk, null);
    crash(disk, "power", { type: "none" });
    expect([...liveImage(disk)]).toEqual([["d/new", Uint8Array.of(5)]]);
    perform(disk, { type: "unlink", file: "d/new" }, 9);
    flush(disk, null);
    expect(disk.inodes.size).toBe(0);
  });
});

describe("a store through a mapping", () => {
  it("may be found half copied, its first bytes alone, when it is written back in pieces", () => {
    const halves = (storeGrain: number | null) => {
      const store = { type: "store", file: FILE, offset: 4, bytes: new Uint8Array(20).fill(9) };
      const disk = diskAfter({ storeGrain }, [store as DiskOp]);
      return [...crashImages(disk, "os").values()].map(
        (image) => (image.get(FILE) ?? []).filter((byte) => byte === 9).length,
      );
    };
    expect(halves(null)).toEqual([0, 20]);
    expect(halves(8)).toEqual([0, 4, 12, 20]);
  });

  it("is refused a grain of nothing", () => {
    expect(() => diskAfter({ storeGrain: 0 }, [])).toThrow();
  });
});

function diskAfter(options: Partial<DiskOptions>, ops: readonly DiskOp[]): Disk {
  const disk = createDisk({
    policy: "adversarial",
    sectorSize: 512,
    writeBack: null,
    ...options,
  });
  installFile(disk, FILE, new Uint8Array(PAGES).fill(1));
  for (const [i, op] of ops.entries()) expect(perform(disk, op, i)).toMatchObject({ ok: true });
  return disk;
}

function write(offset: number, length: number): DiskOp {
  return { type: "write", file: FILE, offset, bytes: new Uint8Array(length).fill(9) };
}

function sectorStates(disk: Disk): readonly string[] {
  const view = fileViews(disk).find(({ path }) => path === FILE);
  return view?.pages.flatMap(({ sectors }) => sectors.map(({ state }) => state)) ?? [];
}
