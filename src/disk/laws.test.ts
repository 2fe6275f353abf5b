import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crash } from "./crash.ts";
import {
  cloneDisk,
  createDisk,
  type Disk,
  installFile,
  liveImage,
  minimalImage,
  pendingCount,
  platterDigest,
  readFile,
} from "./disk.ts";
import { flush } from "./flush.ts";
import {
  closedSets,
  crashImages,
  crashOptions,
  type Happening,
  happenings,
  histories,
  INSTALLED,
  imageText,
  isFlushed,
  play,
  testDisk,
} from "./history.testkit.ts";
import {
  createOracle,
  follow,
  imageOf,
  isClosed,
  type Oracle,
  closedSets as oracleSets,
  possibleImages,
} from "./oracle.testkit.ts";
import { closure, dependents, fileViews, pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import { deserializeDisk, serializeDisk } from "./record.ts";
import { type DiskOp, type DiskOptions, type Image, POLICIES, type Policy } from "./types.ts";
import { nextWriteBack, writeBackUntil } from "./write-back.ts";

// The laws that any model of what survives must pass, on random histories, against brute force where they are small.

const MOST_STATES = 600;
const MOST_PENDING = 12;
const MOST_PIECES = 40;
const KINDS = ["os", "power"] as const;

describe.each(POLICIES)("a disk that is %s", (policy) => {
  it.each(KINDS)(
    "has the %s crash states that the whole history allows, no more, no less",
    (kind) => {
      const law = (history: readonly Happening[]) => {
        const disk = testDisk(policy);
        const oracle = createOracle(disk.options);
        relive(disk, oracle, history);
        const possible = possibleImages(oracle, kind, MOST_STATES);
        fc.pre(possible !== null && pendingEffects(disk, kind).length <= MOST_PENDING);
        expect(texts(crashImages(disk, kind))).toEqual([...(possible ?? [])].sort());
      };
      fc.assert(fc.property(happenings(), law), { numRuns: 150 });
    },
  );

  it.each(KINDS)("has exactly the %s crash states of the history, whatever its options", (kind) => {
    const law = (history: readonly Happening[], options: Partial<DiskOptions>) => {
      const disk = testDisk(policy, options);
      const oracle = createOracle(disk.options);
      relive(disk, oracle, history);
      const possible = possibleImages(oracle, kind, MOST_STATES);
      fc.pre(possible !== null && pendingEffects(disk, kind).length <= MOST_PIECES);
      expect(texts(crashImages(disk, kind))).toEqual([...(possible ?? [])].sort());
    };
    fc.assert(fc.property(happenings(), crashOptions(), law), { numRuns: 200 });
  });

  it("has on the platter what is closed over the whole history, whatever a crash adds", () => {
    const law = (history: readonly Happening[], options: Partial<DiskOptions>, pick: number) => {
      const disk = testDisk(policy, options);
      const oracle = createOracle(disk.options);
      relive(disk, oracle, history);
      const sets = oracleSets(oracle, "power", MOST_STATES);
      fc.pre(sets !== null);
      expect(isClosed(oracle, oracle.durable)).toBe(true);
      expect(isClosed(oracle, sets?.[pick % sets.length] ?? new Set())).toBe(true);
      const platter = imageText(minimalImage(disk));
      expect(platter).toBe(imageText(imageOf(oracle, oracle.durable)));
    };
    fc.assert(fc.property(happenings(), crashOptions(), fc.nat(), law), { numRuns: 100 });
  });

  it("reads what was written, before any crash", () => {
    const law = (ops: readonly DiskOp[]) => {
      const disk = testDisk(policy);
      const oracle = createOracle(disk.options);
      relive(disk, oracle, ops);
      const everything = new Set(oracle.history.keys());
      expect(imageText(liveImage(disk))).toBe(imageText(imageOf(oracle, everything)));
    };
    fc.assert(fc.property(histories(20), law), { numRuns: 200 });
  });

  it("keeps each byte at or after its synced version, and not beyond the live one", () => {
    const law = (ops: readonly DiskOp[], options: Partial<DiskOptions>) => {
      // Garbage is no version of anything.
      const disk = risingDisk(policy, { ...options, exposure: "zeros", powersafeOverwrite: true });
      let synced: readonly number[] = [];
      let platter: readonly number[] = [];
      for (const [i, op] of ops.entries()) {
        perform(disk, op, i);
        if (op.type === "sync") synced = [...(readFile(disk, INSTALLED) ?? [])];
        const before = platter;
        platter = [...(minimalImage(disk).get(INSTALLED) ?? [])];
        expect(before.every((value, at) => (platter[at] ?? -1) >= value)).toBe(true);
      }
      fc.pre(pendingEffects(disk, "power").length <= MOST_PENDING);
      const live = readFile(disk, INSTALLED) ?? new Uint8Array();
      for (const image of crashImages(disk, "power").values()) {
        const bytes = image.get(INSTALLED) ?? new Uint8Array();
        expect(synced.every((value, at) => (bytes[at] ?? -1) >= value)).toBe(true);
        expect(platter.every((value, at) => (bytes[at] ?? -1) >= value)).toBe(true);
        expect(bytes.every((value, at) => (live[at] ?? -1) >= value)).toBe(true);
      }
    };
    fc.assert(fc.property(risingHistories(), crashOptions(), law), { numRuns: 60 });
  });

  it.each(KINDS)("has a live and a minimal image among its %s crash states", (kind) => {
    const law = (ops: readonly DiskOp[]) => {
      const disk = smallDisk(policy, ops);
      const states = texts(crashImages(disk, kind));
      expect(states).toContain(imageText(liveImage(disk)));
      expect(states).toContain(imageText(minimalImage(disk)));
    };
    fc.assert(fc.property(histories(), law), { numRuns: 100 });
  });

  it("keeps everything but descriptors in a process crash", () => {
    const law = (options: Partial<DiskOptions>, ops: readonly DiskOp[]) => {
      const disk = smallDisk(policy, ops, options);
      const before = { live: imageText(liveImage(disk)), pending: pendingEffects(disk) };
      const named = new Set(fileViews(disk).map(({ path }) => path));
      crash(disk, "process", { type: "none" });
      const after = pendingEffects(disk);
      expect(imageText(liveImage(disk))).toBe(before.live);
      expect(disk.descriptors.size).toBe(0);
      for (const effect of before.pending.filter(({ path }) => named.has(path))) {
        expect(after).toContainEqual(effect);
      }
    };
    fc.assert(fc.property(crashOptions(), histories(), law), { numRuns: 60 });
  });

  it("has one crash state once all files and directories are synced", () => {
    const law = (options: Partial<DiskOptions>, ops: readonly DiskOp[]) => {
      const disk = smallDisk(policy, ops, options);
      syncEverything(disk);
      expect(texts(crashImages(disk, "power"))).toEqual([imageText(liveImage(disk))]);
    };
    fc.assert(fc.property(crashOptions(), histories(), law), { numRuns: 60 });
  });

  it("closes what is kept and what is lost: union and intersection of closed sets are closed", () => {
    const law = (
      options: Partial<DiskOptions>,
      ops: readonly DiskOp[],
      first: number,
      second: number,
    ) => {
      const disk = smallDisk(policy, ops, options);
      const sets = closedSets(disk, "power");
      const a = sets[first % sets.length] ?? [];
      const b = sets[second % sets.length] ?? [];
      const both = [...new Set([...a, ...b])].sort(ascending);
      const common = a.filter((effect) => b.includes(effect)).sort(ascending);
      expect(closure(disk, both, "power")).toEqual(both);
      expect(closure(disk, common, "power")).toEqual(common);
      const all = pendingEffects(disk, "power").map(({ sequence }) => sequence);
      const lost = all.filter((effect) => !a.includes(effect));
      expect(dependents(disk, lost, "power")).toEqual(lost);
    };
    fc.assert(fc.property(crashOptions(), histories(), fc.nat(), fc.nat(), law), { numRuns: 60 });
  });

  it("draws only crash states it has", () => {
    const law = (options: Partial<DiskOptions>, ops: readonly DiskOp[], drawn: number) => {
      const disk = smallDisk(policy, ops, options);
      const states = texts(crashImages(disk, "power"));
      const pending = pendingCount(disk);
      const { kept, lost } = crash(disk, "power", { type: "seeded", draw: drawn });
      expect(states).toContain(imageText(liveImage(disk)));
      expect(kept + lost).toBe(pending);
    };
    fc.assert(fc.property(crashOptions(), histories(), fc.nat(), law), { numRuns: 60 });
  });

  it("draws every crash state it has, sooner or later", () => {
    const disk = testDisk(policy);
    play(disk, [
      { type: "open", file: "d/b", create: true, truncate: false },
      { type: "write", file: "d/b", offset: 0, bytes: Uint8Array.of(1, 2, 3) },
      { type: "write", file: INSTALLED, offset: 500, bytes: new Uint8Array(20) },
    ]);
    const drawn = new Set<string>();
    for (let draw = 0; draw < 400; draw++) {
      const copy = cloneDisk(disk);
      crash(copy, "power", { type: "seeded", draw });
      drawn.add(imageText(liveImage(copy)));
    }
    expect([...drawn].sort()).toEqual(texts(crashImages(disk, "power")));
  });

  it("has the old file or the new one at the target of a rename, never none", () => {
    const law = (options: Partial<DiskOptions>, ops: readonly DiskOp[]) => {
      const disk = testDisk(policy, { ...options, renameAtomic: true });
      play(
        disk,
        ops.filter((op) => !takesInstalled(op)),
      );
      fc.pre(pendingEffects(disk, "power").length <= MOST_PENDING);
      for (const image of crashImages(disk, "power").values()) {
        expect(image.has(INSTALLED)).toBe(true);
      }
    };
    fc.assert(fc.property(crashOptions(), histories(), law), { numRuns: 60 });
  });

  it("keeps no name of a file without the effect that created the file", () => {
    const law = (options: Partial<DiskOptions>, ops: readonly DiskOp[]) => {
      const disk = smallDisk(policy, ops, options);
      const pending = new Map(pendingEffects(disk).map((effect) => [effect.sequence, effect]));
      const names = disk.nameLog.items.slice(0, disk.nameLog.count);
      for (const rename of names.filter(({ from, to }) => from !== null && to !== null)) {
        const create = names.find(({ from, inode }) => from === null && inode === rename.inode);
        if (create === undefined) continue;
        expect(pending.has(create.sequence)).toBe(true);
        expect(closure(disk, [rename.sequence])).toContain(create.sequence);
      }
    };
    fc.assert(fc.property(crashOptions(), histories(), law), { numRuns: 100 });
  });

  it("gains no crash state by what the kernel or the user writes back", () => {
    const law = (options: Partial<DiskOptions>, ops: readonly DiskOp[], pick: number) => {
      const disk = smallDisk(policy, ops, options);
      const before = texts(crashImages(disk, "power"));
      flush(
        disk,
        pendingEffects(disk).flatMap(({ sequence }, i) => ((pick >> i) & 1 ? [sequence] : [])),
      );
      expect(before).toEqual(expect.arrayContaining(texts(crashImages(disk, "power"))));
    };
    fc.assert(fc.property(crashOptions(), histories(), fc.nat(), law), { numRuns: 60 });
  });

  it("gains no crash state by timed write-back, and in the end has a single one", () => {
    const law = (
      options: Partial<DiskOptions>,
      ops: readonly DiskOp[],
      dataAge: number,
      metadataEvery: number,
    ) => {
      const writeBack = { dataAge, wakeEvery: 5, metadataEvery };
      const disk = testDisk(policy, { ...options, writeBack });
      play(disk, ops);
      fc.pre(pendingEffects(disk, "power").length <= MOST_PENDING);
      const images = crashImages(disk, "power");
      for (let at = nextWriteBack(disk); at !== null; at = nextWriteBack(disk)) {
        writeBackUntil(disk, at);
        expect(images.has(imageText(minimalImage(disk)))).toBe(true);
      }
      expect(imageText(minimalImage(disk))).toBe(imageText(liveImage(disk)));
    };
    fc.assert(
      fc.property(
        crashOptions(),
        histories(),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 30 }),
        law,
      ),
      { numRuns: 80 },
    );
  });

  it("goes on after a crash as if the files it has left had always been there", () => {
    const law = (ops: readonly Happening[], draw: number, more: readonly Happening[]) => {
      const disk = testDisk(policy);
      relive(disk, createOracle(disk.options), ops);
      crash(disk, "power", { type: "seeded", draw });
      const other = createDisk(disk.options);
      for (const [path, bytes] of liveImage(disk)) installFile(other, path, bytes);
      other.nextDescriptor = disk.nextDescriptor;
      for (const each of [disk, other]) play(each, more.filter(isOperation), 100);
      expect(imageText(liveImage(disk))).toBe(imageText(liveImage(other)));
      expect(imageText(minimalImage(disk))).toBe(imageText(minimalImage(other)));
      fc.pre(pendingEffects(disk, "power").length <= 7);
      expect(texts(crashImages(disk, "power"))).toEqual(texts(crashImages(other, "power")));
    };
    fc.assert(fc.property(happenings(), fc.nat(), happenings(), law), { numRuns: 100 });
  });

  it("is the same disk after a round through its record", () => {
    const law = (
      options: Partial<DiskOptions>,
      ops: readonly DiskOp[],
      more: readonly DiskOp[],
    ) => {
      const disk = testDisk(policy, options);
      play(disk, ops);
      const record = serializeDisk(disk);
      const again = deserializeDisk(structuredClone(record));
      expect(everythingAbout(again)).toEqual(everythingAbout(disk));
      play(disk, more, 100);
      play(again, more, 100);
      expect(everythingAbout(again)).toEqual(everythingAbout(disk));
      const still = deserializeDisk(record);
      play(still, more, 100);
      expect(everythingAbout(still)).toEqual(everythingAbout(disk));
      for (const copy of [disk, again]) crash(copy, "power", { type: "seeded", draw: 5 });
      expect(everythingAbout(again)).toEqual(everythingAbout(disk));
    };
    fc.assert(fc.property(crashOptions(), histories(12), histories(8), law), { numRuns: 60 });
  });

  it("shares nothing that changes with its clones", () => {
    const law = (ops: readonly DiskOp[], left: readonly DiskOp[], right: readonly DiskOp[]) => {
      const [disk, alone] = [testDisk(policy), testDisk(policy)];
      const [first, second] = [testDisk(policy), testDisk(policy)];
      for (const each of [disk, alone, first, second]) play(each, ops);
      const clone = cloneDisk(disk);
      const still = cloneDisk(disk);
      for (let i = 0; i < Math.max(left.length, right.length); i++) {
        play(disk, left.slice(i, i + 1), 100 + i);
        play(clone, right.slice(i, i + 1), 100 + i);
      }
      play(first, left, 100);
      play(second, right, 100);
      expect(everythingAbout(disk)).toEqual(everythingAbout(first));
      expect(everythingAbout(clone)).toEqual(everythingAbout(second));
      expect(everythingAbout(still)).toEqual(everythingAbout(alone));
    };
    fc.assert(fc.property(histories(10), histories(10), histories(10), law), { numRuns: 200 });
  });

  it("never changes bytes that somebody has read", () => {
    const law = (ops: readonly DiskOp[]) => {
      const disk = testDisk(policy);
      const read: { readonly image: Image; readonly text: string }[] = [];
      for (const [i, op] of ops.entries()) {
        perform(disk, op, i);
        for (const image of [liveImage(disk), minimalImage(disk)]) {
          read.push({ image, text: imageText(image) });
        }
      }
      for (const { image, text } of read) expect(imageText(image)).toBe(text);
    };
    fc.assert(fc.property(histories(20), law), { numRuns: 100 });
  });

  it("changes its version whenever an image changes", () => {
    const law = (ops: readonly DiskOp[]) => {
      const disk = testDisk(policy);
      for (const [i, op] of ops.entries()) {
        const before = versionsAndImages(disk);
        perform(disk, op, i);
        const after = versionsAndImages(disk);
        if (after.live !== before.live) expect(after.liveVersion).not.toBe(before.liveVersion);
        if (after.minimal !== before.minimal) {
          expect(after.durableVersion).not.toBe(before.durableVersion);
        }
      }
    };
    fc.assert(fc.property(histories(12), law), { numRuns: 100 });
  });
});

/** The disk after this history; skips histories with too much pending to try every crash state of. */
function smallDisk(
  policy: Policy,
  ops: readonly DiskOp[],
  options: Partial<DiskOptions> = {},
): Disk {
  const disk = testDisk(policy, options);
  play(disk, ops);
  fc.pre(pendingEffects(disk, "power").length <= MOST_PENDING);
  return disk;
}

/** The same history in the disk and in the oracle. */
function relive(disk: Disk, oracle: Oracle, history: readonly Happening[]): void {
  for (const [i, each] of history.entries()) {
    if (each.type === "flush") {
      const written = pendingEffects(disk).filter((effect) => isFlushed(each, effect));
      flush(
        disk,
        written.map(({ sequence }) => sequence),
      );
    } else if (!perform(disk, each, i).ok) continue;
    follow(oracle, each, i);
  }
}

function texts(images: ReadonlyMap<string, Image>): string[] {
  return [...images.keys()].sort();
}

function everythingAbout(disk: Disk) {
  return {
    ...versionsAndImages(disk),
    pending: pendingEffects(disk, "power"),
    files: fileViews(disk),
    descriptors: [...disk.descriptors],
    digest: platterDigest(disk),
    count: pendingCount(disk),
    next: disk.nextSequence,
  };
}

function versionsAndImages(disk: Disk) {
  const { liveVersion, durableVersion } = disk;
  const live = imageText(liveImage(disk));
  return { liveVersion, durableVersion, live, minimal: imageText(minimalImage(disk)) };
}

function syncEverything(disk: Disk): void {
  for (const path of liveImage(disk).keys()) perform(disk, { type: "sync", file: path }, 50);
  for (const directory of ["d", "e"]) perform(disk, { type: "sync-directory", directory }, 50);
}

/** A file of zeros in which later operations write larger bytes, so that a byte tells its version. */
function risingDisk(policy: Policy, options: Partial<DiskOptions>): Disk {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null, ...options });
  installFile(disk, INSTALLED, new Uint8Array(5000));
  return disk;
}

function risingHistories(): fc.Arbitrary<readonly DiskOp[]> {
  const offsets = fc.constantFrom(0, 500, 4090, 5000, 5100);
  const steps = fc.array(fc.option(offsets, { freq: 3 }), { minLength: 1, maxLength: 9 });
  return steps.map((places) =>
    places.map((offset, i) =>
      offset === null
        ? { type: "sync", file: INSTALLED }
        : { type: "write", file: INSTALLED, offset, bytes: new Uint8Array(30).fill(i + 1) },
    ),
  );
}

function isOperation(happening: Happening): happening is DiskOp {
  return happening.type !== "flush";
}

function takesInstalled(op: DiskOp): boolean {
  if (op.type === "unlink") return op.file === INSTALLED;
  return op.type === "rename" && op.from === INSTALLED;
}

function ascending(a: number, b: number): number {
  return a - b;
}
