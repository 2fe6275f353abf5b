import fc from "fast-check";
import { digestOfBytes } from "#base/digest.ts";
import { crashImage } from "./crash.ts";
import { createDisk, type Disk, installFile } from "./disk.ts";
import { pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import type {
  CrashKind,
  DiskOp,
  DiskOptions,
  Image,
  Path,
  PendingEffect,
  Policy,
} from "./types.ts";

export const INSTALLED: Path = "d/a";
/** Two pages and a bit, so that truncates cut inside and outside of pages. */
export const INSTALLED_BYTES = Uint8Array.from({ length: 8292 }, (_, i) => 200 + (i % 31));

/** Any of what a disk can be set to that decides what a crash leaves. */
export function crashOptions(): fc.Arbitrary<Partial<DiskOptions>> {
  return fc.record({
    syncScope: fc.constantFrom("posix" as const, "new-dent" as const, "whole-journal" as const),
    tear: fc.constantFrom(
      "none" as const,
      "page" as const,
      "sector" as const,
      "byte-prefix" as const,
    ),
    powersafeOverwrite: fc.boolean(),
    exposure: fc.constantFrom("zeros" as const, "garbage" as const),
    renameAtomic: fc.boolean(),
    storeGrain: fc.constantFrom(null, 8, 300),
    seed: fc.nat(1000),
  });
}

export function testDisk(policy: Policy, options: Partial<DiskOptions> = {}): Disk {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null, ...options });
  installFile(disk, INSTALLED, INSTALLED_BYTES);
  return disk;
}

/** An operation, or the kernel writing what is pending of an earlier one. */
export type Happening =
  | DiskOp
  | { readonly type: "flush"; readonly of: number; readonly kind: PendingEffect["kind"] };

/** Performs what is legal of it, one microsecond apart. */
export function play(disk: Disk, ops: readonly DiskOp[], from = 0): void {
  for (const [i, op] of ops.entries()) perform(disk, op, from + i);
}

/** Is the effect one that a flush writes before all that it needs? */
export function isFlushed(flushed: Happening, effect: PendingEffect): boolean {
  return flushed.type === "flush" && effect.since === flushed.of && effect.kind === flushed.kind;
}

/** A history in which the kernel writes now and then what is pending of one operation. */
export function happenings(): fc.Arbitrary<readonly Happening[]> {
  const flushes = fc.record({
    type: fc.constant("flush" as const),
    of: fc.nat(8),
    kind: fc.constantFrom("data" as const, "size" as const, "name" as const),
  });
  return fc.oneof(mixed(OPS, flushes, 9), mixed(FEW_PLACES, flushes, 8));
}

function mixed(
  ops: readonly fc.WeightedArbitrary<DiskOp>[],
  flushes: fc.Arbitrary<Happening>,
  maxLength: number,
): fc.Arbitrary<readonly Happening[]> {
  const one: fc.Arbitrary<Happening> = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...ops) },
    { weight: 1, arbitrary: flushes },
  );
  return fc.array(one, { minLength: 1, maxLength }).map(tagAll);
}

/** A short history over few names and places, so that its operations meet. Each write has bytes of its own. */
export function histories(maxLength = 7): fc.Arbitrary<readonly DiskOp[]> {
  return fc.array(fc.oneof(...OPS), { minLength: 1, maxLength }).map(tagAll);
}

/** All closed sets of what a crash of this kind may lose, by number. */
export function closedSets(disk: Disk, kind: CrashKind): number[][] {
  const pending = pendingEffects(disk, kind);
  let sets: { readonly kept: ReadonlySet<number> }[] = [{ kept: new Set() }];
  for (const { sequence, needs } of pending) {
    const grown = sets
      .filter(({ kept }) => needs.every((needed) => kept.has(needed)))
      .map(({ kept }) => ({ kept: new Set([...kept, sequence]) }));
    sets = [...sets, ...grown];
  }
  return sets.map(({ kept }) => [...kept]);
}

/** What a crash of this kind may leave, every image once, by its text. */
export function crashImages(disk: Disk, kind: CrashKind): Map<string, Image> {
  if (kind === "process") throw new Error("a process crash leaves the live image");
  const images = new Map<string, Image>();
  for (const kept of closedSets(disk, kind)) {
    const image = crashImage(disk, kept, kind);
    images.set(imageText(image), image);
  }
  return images;
}

/** Equal texts, equal images. */
export function imageText(image: Image): string {
  return [...image]
    .map(([path, bytes]) => `${path}:${bytes.length}:${digestOfBytes(bytes)}`)
    .join(" ");
}

const NAMES = fc.constantFrom<Path>(INSTALLED, "d/b", "e/c");
const OFFSETS = fc.constantFrom(0, 10, 500, 512, 4090, 4096, 4600, 8192, 8292);
const LENGTHS = fc.constantFrom(1, 3, 7, 20, 700);
const SIZES = fc.constantFrom(0, 5, 512, 4096, 4100, 5000, 8192, 9000);

const OPS: fc.WeightedArbitrary<DiskOp>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("open" as const),
      file: NAMES,
      create: fc.constant(true),
      truncate: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom("write" as const, "store" as const),
      file: fc.oneof(NAMES, fc.constantFrom(3, 4)),
      offset: OFFSETS,
      bytes: LENGTHS.map((length) => new Uint8Array(length)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("truncate" as const), file: NAMES, size: SIZES }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("rename" as const), from: NAMES, to: NAMES }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("unlink" as const), file: NAMES }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("sync" as const, "data-sync" as const),
      file: NAMES,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("data-sync" as const),
      file: NAMES,
      range: fc.record({ offset: OFFSETS, length: fc.constantFrom(1, 700, 5000) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("sync-directory" as const),
      directory: fc.constantFrom("d", "e"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("close" as const),
      descriptor: fc.constantFrom(3, 4),
    }),
  },
];

/** One file, cut and written at the same few places. */
const FEW_PLACES: fc.WeightedArbitrary<DiskOp>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("write" as const),
      file: fc.constant(INSTALLED),
      offset: fc.constantFrom(512, 4096, 8192),
      bytes: fc.constantFrom(20, 600, 4096).map((length) => new Uint8Array(length)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("truncate" as const),
      file: fc.constant(INSTALLED),
      size: fc.constantFrom(512, 600, 4096, 4200, 8192),
    }),
  },
];

function tagAll<Kind extends Happening>(ops: readonly Kind[]): readonly Kind[] {
  return ops.map((op, i) => ("bytes" in op ? { ...op, bytes: tag(op.bytes, i) } : op));
}

function tag(bytes: Uint8Array, op: number): Uint8Array {
  const tagged = bytes.map((_, i) => op * 16 + 1 + (i % 15));
  const value = () => `${bytes.length} bytes of ${op}`;
  return Object.defineProperty(tagged, fc.toStringMethod, { value, enumerable: false });
}
