import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDisk, type Disk, installFile, liveImage, minimalImage, readFile } from "./disk.ts";
import {
  closedSets,
  crashImages,
  crashOptions,
  histories,
  INSTALLED,
  imageText,
  play,
  testDisk,
} from "./history.testkit.ts";
import { pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import { type DiskOp, type DiskOptions, POLICIES, type Policy, type Tear } from "./types.ts";

// Which disk allows more than which.

const MOST_PIECES = 12;
const TEARS: readonly Tear[] = ["none", "page", "sector", "byte-prefix"];

describe("policies", () => {
  it("allow least when strict, most when adversarial, whatever else the disk may do", () => {
    const law = (ops: readonly DiskOp[], options: Partial<DiskOptions>) => {
      const [strict, ...others] = POLICIES.map((policy) => states(policy, ops, options));
      const adversarial = others[others.length - 1];
      for (const between of others) {
        expect(between).toEqual(expect.arrayContaining(strict ?? []));
        expect(adversarial).toEqual(expect.arrayContaining(between));
      }
    };
    fc.assert(fc.property(histories(), crashOptions(), law), { numRuns: 100 });
  });

  it("allow more the later their journal waits for data", () => {
    const law = (ops: readonly DiskOp[], options: Partial<DiskOptions>) => {
      const first = states("data-first", ops, options);
      const ordered = states("ordered-journal", ops, options);
      const last = states("metadata-first", ops, options);
      expect(ordered).toEqual(expect.arrayContaining(first));
      expect(last).toEqual(expect.arrayContaining(ordered));
    };
    fc.assert(fc.property(histories(), crashOptions(), law), { numRuns: 100 });
  });

  it("are no ladder: per-file and ordered-journal each allow what the other forbids", () => {
    const replace: readonly DiskOp[] = [
      { type: "open", file: "d/b", create: true, truncate: false },
      { type: "write", file: "d/b", offset: 0, bytes: Uint8Array.of(1) },
      { type: "rename", from: "d/b", to: INSTALLED },
    ];
    const sizes = (policy: Policy) =>
      [...crashImages(diskAfter(policy, replace, {}), "os").values()].map(
        (image) => image.get(INSTALLED)?.length,
      );
    expect(sizes("per-file")).toContain(0);
    expect(sizes("ordered-journal")).not.toContain(0);
    const twoPages: readonly DiskOp[] = [
      { type: "store", file: INSTALLED, offset: 4096, bytes: Uint8Array.of(1) },
      { type: "store", file: INSTALLED, offset: 0, bytes: Uint8Array.of(2) },
    ];
    const second = (policy: Policy) =>
      [...crashImages(diskAfter(policy, twoPages, {}), "os").values()].some(
        (image) => image.get(INSTALLED)?.[0] === 2 && image.get(INSTALLED)?.[4096] !== 1,
      );
    expect(second("ordered-journal")).toBe(true);
    expect(second("per-file")).toBe(false);
  });
});

describe.each(POLICIES)("a disk that is %s", (policy) => {
  it("loses nothing to a process crash that the system could not lose, and nothing to that which power could not", () => {
    const law = (ops: readonly DiskOp[], options: Partial<DiskOptions>) => {
      fc.pre(options.tear !== "none");
      const disk = diskAfter(policy, ops, options);
      const os = texts(disk, "os");
      expect(os).toContain(imageText(liveImage(disk)));
      expect(os).toContain(imageText(minimalImage(disk)));
      expect(texts(disk, "power")).toEqual(expect.arrayContaining(os));
    };
    fc.assert(fc.property(histories(), crashOptions(), law), { numRuns: 60 });
  });

  it("allows more the finer its writes tear", () => {
    const law = (ops: readonly DiskOp[], options: Partial<DiskOptions>) => {
      const [none, page, sector, byte] = TEARS.map((tear) =>
        states(policy, ops, { ...options, tear, powersafeOverwrite: true }),
      );
      expect(page).toEqual(expect.arrayContaining(none ?? []));
      expect(sector).toEqual(expect.arrayContaining(page ?? []));
      expect(byte).toEqual(expect.arrayContaining(sector ?? []));
    };
    fc.assert(fc.property(histories(4), crashOptions(), law), { numRuns: 40 });
  });

  it("changes no byte that nobody was writing, when overwrites are power-safe", () => {
    const law = (options: Partial<DiskOptions>, places: readonly Place[]) => {
      const disk = diskAfter(policy, storesAt(places), { ...options, powersafeOverwrite: true });
      const durable = minimalImage(disk).get(INSTALLED) ?? new Uint8Array();
      const live = readFile(disk, INSTALLED) ?? new Uint8Array();
      for (const image of crashImages(disk, "power").values()) {
        const bytes = image.get(INSTALLED) ?? new Uint8Array();
        expect(bytes.every((byte, at) => durable[at] !== live[at] || byte === durable[at])).toBe(
          true,
        );
      }
    };
    fc.assert(fc.property(crashOptions(), somePlaces(), law), { numRuns: 40 });
  });

  it("changes no sector that nobody was writing, when overwrites are not", () => {
    const law = (options: Partial<DiskOptions>, places: readonly Place[]) => {
      const disk = diskAfter(policy, storesAt(places), { ...options, powersafeOverwrite: false });
      const touched = new Set(places.flatMap(sectorsOf));
      const durable = minimalImage(disk).get(INSTALLED) ?? new Uint8Array();
      let isAnyGarbage = false;
      for (const image of crashImages(disk, "power").values()) {
        const bytes = image.get(INSTALLED) ?? new Uint8Array();
        for (const [at, byte] of bytes.entries()) {
          if (byte === durable[at] || isWritten(places, at)) continue;
          isAnyGarbage = true;
          if (!touched.has(Math.floor(at / 512))) expect(byte).toBe(durable[at]);
        }
      }
      // All stores are short, so something lies beside them.
      expect(isAnyGarbage).toBe(true);
    };
    fc.assert(fc.property(crashOptions(), somePlaces(), law), { numRuns: 40 });
  });
});

describe("the number of crash states", () => {
  const files = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 });

  it("is n + 1 for a chain and a product for independent effects", () => {
    const law = (writes: readonly number[]) => {
      const product = writes.reduce((all, n) => all * (n + 1), 1);
      expect(count("strict", writes, {})).toBe(writes.reduce((all, n) => all + n, 1));
      for (const policy of POLICIES.slice(1)) expect(count(policy, writes, {})).toBe(product);
    };
    fc.assert(fc.property(files, law), { numRuns: 50 });
  });

  it("has one more of every write where overwrites are not power-safe", () => {
    const law = (writes: readonly number[]) => {
      const unsafe = { powersafeOverwrite: false };
      const product = writes.reduce((all, n) => all * (2 * n + 1), 1);
      expect(count("strict", writes, unsafe)).toBe(writes.reduce((all, n) => all + 2 * n, 1));
      for (const policy of POLICIES.slice(1)) expect(count(policy, writes, unsafe)).toBe(product);
    };
    fc.assert(fc.property(files, law), { numRuns: 30 });
  });

  it("has a cut after every byte of a short write that may leave a prefix", () => {
    const disk = diskAfter(
      "adversarial",
      [{ type: "store", file: INSTALLED, offset: 100, bytes: Uint8Array.of(1, 2, 3, 4, 5) }],
      { tear: "byte-prefix" },
    );
    const kept = [...crashImages(disk, "power").values()].map(
      (image) =>
        [...(image.get(INSTALLED) ?? [])].slice(100, 105).filter((byte) => byte < 6).length,
    );
    expect(kept.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

/** One-byte stores to one byte of each of several files. */
function count(
  policy: Policy,
  writesByFile: readonly number[],
  options: Partial<DiskOptions>,
): number {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null, ...options });
  for (const [file, writes] of writesByFile.entries()) {
    installFile(disk, `f${file}`, new Uint8Array(4096));
    for (let i = 1; i <= writes; i++) {
      perform(disk, { type: "store", file: `f${file}`, offset: 0, bytes: Uint8Array.of(i) }, i);
    }
  }
  return closedSets(disk, "power").length;
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

function somePlaces(): fc.Arbitrary<readonly Place[]> {
  const place = fc.record({
    offset: fc.constantFrom(3, 500, 2000, 4090, 8000),
    length: fc.constantFrom(1, 5, 20),
  });
  return fc.array(place, { minLength: 1, maxLength: 3 });
}

function storesAt(places: readonly Place[]): readonly DiskOp[] {
  return places.map(({ offset, length }, i) => ({
    type: "store",
    file: INSTALLED,
    offset,
    bytes: new Uint8Array(length).fill(i + 1),
  }));
}

function sectorsOf({ offset, length }: Place): readonly number[] {
  return [Math.floor(offset / 512), Math.floor((offset + length - 1) / 512)];
}

function isWritten(places: readonly Place[], at: number): boolean {
  return places.some(({ offset, length }) => at >= offset && at < offset + length);
}

/** Skips histories with too much pending to try every crash state of. */
function diskAfter(policy: Policy, ops: readonly DiskOp[], options: Partial<DiskOptions>): Disk {
  const disk = testDisk(policy, options);
  play(disk, ops);
  fc.pre(pendingEffects(disk, "power").length <= MOST_PIECES);
  return disk;
}

function states(policy: Policy, ops: readonly DiskOp[], options: Partial<DiskOptions>): string[] {
  return texts(diskAfter(policy, ops, options), "power");
}

function texts(disk: Disk, kind: "os" | "power"): string[] {
  return [...crashImages(disk, kind).keys()];
}
