import { addText, createDigest, digestOfBytes, digestText } from "#base/digest.ts";
import { draw, scale } from "#base/rng.ts";
import { crash } from "./crash.ts";
import { createDisk, type Disk, installFile, liveImage } from "./disk.ts";
import { perform } from "./perform.ts";
import {
  type CrashKind,
  type DiskOp,
  type DiskSettings,
  type Image,
  type Path,
  POLICIES,
  type SyncScope,
  type Tear,
} from "./types.ts";

const TEARS: readonly Tear[] = ["none", "page", "sector", "byte-prefix"];
const SCOPES: readonly SyncScope[] = ["posix", "new-dent", "whole-journal"];
const KINDS: readonly CrashKind[] = ["process", "os", "power"];
const FILES: readonly Path[] = ["d/a", "d/b", "e/c"];
const OFFSETS = [0, 10, 500, 4090, 4600, 8192];
const LENGTHS = [1, 7, 20, 700];
const SIZES = [0, 5, 512, 4100, 9000];
const LIVES = 3;
const OPS_PER_LIFE = 14;

/** What `imageHashOfSeeds` comes to in every engine. A change of it is a change of what recorded runs lead to. */
export const PINNED_IMAGES = { seeds: 400, hash: "e2f89f1dea0622d7" } as const;

/**
 * What so many disks hold after lives drawn from their seeds, as one digest: every option, every call, crashes in between.
 * Every engine must come to the same, or a run would not be the same everywhere.
 */
export function imageHashOfSeeds(count: number): string {
  const digest = createDigest();
  for (let seed = 0; seed < count; seed++) addText(digest, imageHashOfSeed(seed));
  return digestText(digest);
}

/** The same for one seed. */
export function imageHashOfSeed(seed: number): string {
  const digest = createDigest();
  const disk = createDisk(settingsOf(seed));
  installFile(disk, "d/a", new Uint8Array(8292).fill(7));
  for (let life = 0; life < LIVES; life++) {
    for (let i = 0; i < OPS_PER_LIFE; i++) {
      const now = life * OPS_PER_LIFE + i;
      const result = perform(disk, drawOp(seed, now), now);
      addText(digest, result.ok ? "ok" : result.errno);
    }
    crashOnce(disk, seed, life);
    addImage(digest, liveImage(disk));
  }
  return digestText(digest);
}

function settingsOf(seed: number): DiskSettings {
  const from = <Value>(values: readonly Value[], what: string) => choose(seed, what, values);
  return {
    policy: from(POLICIES, "policy"),
    sectorSize: from([512, 4096], "sector size"),
    writeBack: null,
    syncScope: from(SCOPES, "scope"),
    tear: from(TEARS, "tear"),
    powersafeOverwrite: from([true, false], "power-safe"),
    exposure: from(["zeros", "garbage"], "exposure"),
    renameAtomic: from([true, false], "rename"),
    storeGrain: from([null, 8, 300], "grain"),
    seed,
  };
}

function crashOnce(disk: Disk, seed: number, life: number): void {
  const kind = choose(seed, `crash ${life}`, KINDS);
  crash(disk, kind, { type: "seeded", draw: draw(seed, `survivors ${life}`) });
}

function drawOp(seed: number, now: number): DiskOp {
  const from = <Value>(values: readonly Value[], what: string) =>
    choose(seed, `${now} ${what}`, values);
  const file = from(FILES, "file");
  switch (from(OPERATIONS, "operation")) {
    case "open":
      return { type: "open", file, create: true, truncate: from([true, false], "truncate") };
    case "write":
      return { type: "write", file, offset: from(OFFSETS, "at"), bytes: bytesOf(seed, now) };
    case "store":
      return { type: "store", file, offset: from(OFFSETS, "at"), bytes: bytesOf(seed, now) };
    case "truncate":
      return { type: "truncate", file, size: from(SIZES, "size") };
    case "rename":
      return { type: "rename", from: file, to: from(FILES, "to") };
    case "unlink":
      return { type: "unlink", file };
    case "sync":
      return { type: "sync", file };
    case "data-sync":
      return { type: "data-sync", file, range: { offset: from(OFFSETS, "at"), length: 700 } };
    default:
      return { type: "sync-directory", directory: from(["d", "e"], "directory") };
  }
}

/** The likelier ones twice or more. */
const OPERATIONS = [
  "open",
  "open",
  "write",
  "write",
  "write",
  "write",
  "store",
  "store",
  "truncate",
  "rename",
  "rename",
  "unlink",
  "sync",
  "data-sync",
  "sync-directory",
] as const;

function bytesOf(seed: number, now: number): Uint8Array {
  const bytes = new Uint8Array(choose(seed, `${now} length`, LENGTHS));
  return bytes.map((_, i) => 1 + ((now * 17 + i) % 199));
}

function choose<Value>(seed: number, what: string, values: readonly Value[]): Value {
  return values[scale(draw(seed, what), 0, values.length - 1)] as Value;
}

function addImage(digest: ReturnType<typeof createDigest>, image: Image): void {
  for (const [path, bytes] of image) {
    addText(digest, path);
    addText(digest, digestOfBytes(bytes));
  }
}
