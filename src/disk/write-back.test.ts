import { describe, expect, it } from "vitest";
import { createDisk, type Disk, installFile, minimalImage, pendingCount } from "./disk.ts";
import { pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";
import { deserializeDisk, serializeDisk } from "./record.ts";
import { POLICIES, type Policy } from "./types.ts";
import { nextWriteBack, PENDING_MAX, writeBackUntil } from "./write-back.ts";

const SECOND = 1_000_000;
const LINUX = { dataAge: 30 * SECOND, wakeEvery: 5 * SECOND, metadataEvery: 5 * SECOND };

describe("timed write-back", () => {
  it("has nothing to do on a clean disk, or when it is off", () => {
    expect(nextWriteBack(diskWith("strict"))).toBeNull();
    const off = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
    append(off, 0, 0);
    expect(nextWriteBack(off)).toBeNull();
    expect(writeBackUntil(off, 100 * SECOND)).toBe(0);
  });

  it("commits a new name at the next commit, its data when it has aged, its size after that", () => {
    const disk = diskWith("ordered-journal");
    append(disk, 0, 3 * SECOND);
    expect(nextWriteBack(disk)).toBe(5 * SECOND);
    expect(writeBackUntil(disk, 5 * SECOND)).toBe(1);
    expect(sizes(disk)).toEqual([["A/log", 0]]);
    expect(writeBackUntil(disk, 35 * SECOND - 1)).toBe(0);
    expect(writeBackUntil(disk, 35 * SECOND)).toBe(2);
    expect(sizes(disk)).toEqual([["A/log", 10]]);
    expect(nextWriteBack(disk)).toBeNull();
  });

  it("commits a rename onto a name with the data of its file", () => {
    const disk = diskWith("ordered-journal");
    append(disk, 0, SECOND);
    writeBackUntil(disk, 40 * SECOND);
    append(disk, 0, 41 * SECOND, "A/log.tmp");
    perform(disk, { type: "rename", from: "A/log.tmp", to: "A/log" }, 41 * SECOND);
    expect(writeBackUntil(disk, 45 * SECOND)).toBe(4);
    expect(pendingCount(disk)).toBe(0);
  });

  it("writes all dirty pages of a file when its oldest bytes have aged, and leaves younger files", () => {
    const disk = diskWith("adversarial");
    for (const file of ["A/log", "A/young"]) installFile(disk, file, new Uint8Array(8192));
    store(disk, 0, 1 * SECOND);
    store(disk, 4096, 20 * SECOND);
    store(disk, 8, 25 * SECOND, "A/young");
    store(disk, 100, 34 * SECOND);
    expect(nextWriteBack(disk)).toBe(31 * SECOND);
    writeBackUntil(disk, 31 * SECOND);
    const left = pendingEffects(disk).map(({ path, text }) => [path, text]);
    expect(left).toEqual([
      ["A/young", "bytes 8..17"],
      ["A/log", "bytes 100..109"],
    ]);
    expect(nextWriteBack(disk)).toBe(55 * SECOND);
  });

  it("looks for old data again only after its period", () => {
    const disk = diskWith("adversarial");
    for (const file of ["A/log", "A/other"]) installFile(disk, file, new Uint8Array(4096));
    store(disk, 0, 1 * SECOND);
    store(disk, 0, 3 * SECOND, "A/other");
    writeBackUntil(disk, 31 * SECOND);
    expect(nextWriteBack(disk)).toBe(36 * SECOND);
  });

  it("data in a hole of a journalled file system is there with the next commit, an overwrite before it", () => {
    const disk = diskWith("ordered-journal");
    installFile(disk, "A/log", new Uint8Array(4096));
    perform(disk, { type: "truncate", file: "A/log", size: 8192 }, 1);
    writeBackUntil(disk, 5 * SECOND);
    store(disk, 0, 6 * SECOND);
    store(disk, 4096, 6 * SECOND);
    const onPlatter = () => {
      const bytes = minimalImage(disk).get("A/log");
      return [bytes?.[0], bytes?.[4096], bytes?.length];
    };
    writeBackUntil(disk, 36 * SECOND);
    expect(onPlatter()).toEqual([1, 0, 8192]);
    expect(nextWriteBack(disk)).toBe(40 * SECOND);
    const again = deserializeDisk(serializeDisk(disk));
    for (const each of [disk, again]) writeBackUntil(each, 40 * SECOND);
    expect(onPlatter()).toEqual([1, 1, 8192]);
    expect(serializeDisk(again)).toEqual(serializeDisk(disk));
    expect(nextWriteBack(disk)).toBeNull();
  });

  it("what is dirtied while older data awaits its commit is written in its own time", () => {
    const disk = diskWith("ordered-journal");
    append(disk, 0, 1 * SECOND);
    writeBackUntil(disk, 31 * SECOND);
    store(disk, 0, 32 * SECOND);
    writeBackUntil(disk, 61 * SECOND);
    expect(pendingCount(disk)).toBe(1);
    writeBackUntil(disk, 65 * SECOND);
    expect(pendingCount(disk)).toBe(0);
  });

  it("shows a size without its data where no rule ties the two", () => {
    const sizesAtCommit = POLICIES.map((policy) => {
      const disk = diskWith(policy);
      perform(disk, { type: "open", file: "A/log", create: true, truncate: false }, SECOND);
      writeBackUntil(disk, 5 * SECOND);
      append(disk, 0, 6 * SECOND);
      writeBackUntil(disk, 10 * SECOND);
      return [policy, ...sizes(disk).map(([, size]) => size)];
    });
    expect(sizesAtCommit).toEqual([
      ["strict", 0],
      ["per-file", 0],
      ["data-first", 0],
      ["ordered-journal", 0],
      ["metadata-first", 10],
      ["adversarial", 10],
    ]);
  });

  it.each(POLICIES)(
    "takes all of a write whose disk tears none, also where a part of it falls into a hole (%s)",
    (policy) => {
      const disk = createDisk({ policy, sectorSize: 512, writeBack: LINUX, tear: "none" });
      installFile(disk, "A/log", new Uint8Array(4096));
      perform(disk, { type: "truncate", file: "A/log", size: 8192 }, 0);
      store(disk, 4090, 1); // Ten bytes over both pages.
      writeBackUntil(disk, 31 * SECOND);
      const bytes = minimalImage(disk).get("A/log");
      expect([bytes?.[4090], bytes?.[4099]]).toEqual([1, 1]);
    },
  );

  it.each(POLICIES)("writes data with the truncate that made its place (%s)", (policy) => {
    const disk = createDisk({
      policy,
      sectorSize: 512,
      writeBack: { ...LINUX, metadataEvery: 60 * SECOND },
    });
    installFile(disk, "A/log", new Uint8Array(9000).fill(7));
    perform(disk, { type: "truncate", file: "A/log", size: 4096 }, 1);
    perform(disk, { type: "truncate", file: "A/log", size: 8192 }, 1);
    store(disk, 4096, 2);
    writeBackUntil(disk, 35 * SECOND);
    expect(minimalImage(disk).get("A/log")?.length).toBeLessThan(9000);
    expect(pendingEffects(disk).filter(({ kind }) => kind === "data")).toEqual([]);
  });

  it("writes at once when more is pending than the kernel lets be", () => {
    const disk = diskWith("ordered-journal");
    perform(disk, { type: "open", file: "A/log", create: true, truncate: false }, 1);
    perform(disk, { type: "truncate", file: "A/log", size: 4096 }, 1);
    for (let i = 0; i <= PENDING_MAX; i++) store(disk, 0, 2);
    expect(nextWriteBack(disk)).toBe(2);
    expect(writeBackUntil(disk, 2)).toBe(PENDING_MAX + 3);
    expect(nextWriteBack(disk)).toBeNull();
  });

  // Each starts its log over four times at least.
  it.each(
    POLICIES.map((policy) => [policy, policy === "ordered-journal" ? 1_000_000 : 200_000] as const),
  )(
    "when %s keeps what is pending bounded over %i appends that nobody syncs",
    (policy, appends) => {
      const disk = diskWith(policy);
      perform(disk, { type: "open", file: "A/log", create: true, truncate: false }, 0);
      const every = SECOND / 200;
      let most = 0;
      for (let i = 0; i < appends; i++) {
        const now = i * every;
        const next = nextWriteBack(disk);
        if (next !== null && next <= now) writeBackUntil(disk, now);
        // A log that is started over now and then, so that the file itself stays small too.
        append(disk, (i % 50_000) * 10, now);
        most = Math.max(most, pendingCount(disk));
      }
      // What 40 seconds bring, data and size of each append.
      expect(most).toBeLessThanOrEqual((2 * 40 * SECOND) / every);
      expect(retained(disk)).toBe(pendingCount(disk));
    },
    120_000,
  );
});

function diskWith(policy: Policy): Disk {
  return createDisk({ policy, sectorSize: 512, writeBack: LINUX });
}

function append(disk: Disk, offset: number, now: number, file = "A/log"): void {
  if (!disk.names.has(file)) {
    perform(disk, { type: "open", file, create: true, truncate: false }, now);
  }
  if (offset === 0) perform(disk, { type: "truncate", file, size: 0 }, now);
  perform(disk, { type: "write", file, offset, bytes: new Uint8Array(10).fill(1) }, now);
}

function store(disk: Disk, offset: number, now: number, file = "A/log"): void {
  perform(disk, { type: "store", file, offset, bytes: new Uint8Array(10).fill(1) }, now);
}

function sizes(disk: Disk): [string, number][] {
  return [...minimalImage(disk)].map(([path, bytes]) => [path, bytes.length]);
}

/** Effects that the disk still holds on to, seen or not. */
function retained(disk: Disk): number {
  let count = disk.nameLog.items.length;
  for (const { log } of disk.inodes.values()) count += log.items.length;
  return count;
}
