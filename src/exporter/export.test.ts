import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { toHex } from "#base/bytes.ts";
import { createDisk, installFile } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import { importFiles } from "#importer/import-files.ts";
import { decodeBase64 } from "#scenario/base64.ts";
import { filesIn, JOURNALS } from "#system/pysyncobj/fixtures.testkit.ts";
import { decodeJournal, encodeJournal, understoodUntil } from "#system/pysyncobj/format.ts";
import { exportedFiles } from "./files.ts";
import { zipOf } from "./zip.ts";

describe("what is exported", () => {
  const disk = createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
  installFile(disk, "A/raft.journal", Uint8Array.of(1, 2, 3, 4));
  perform(disk, { type: "store", file: "A/raft.journal", offset: 1, bytes: Uint8Array.of(9) }, 0);
  perform(disk, { type: "open", file: "A/raft.journal.meta", create: true, truncate: true }, 0);

  it("of the cache is what processes read", () => {
    expect(plain(exportedFiles([disk], "cache"))).toEqual([
      ["A/raft.journal", "01090304"],
      ["A/raft.journal.meta", ""],
    ]);
  });

  it("after a power loss is what was durable, and no name that was not", () => {
    expect(plain(exportedFiles([disk], "durable"))).toEqual([["A/raft.journal", "01020304"]]);
  });

  it("of several machines lies side by side", () => {
    const other = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
    installFile(other, "B/raft.journal", Uint8Array.of(7));
    expect(exportedFiles([other, disk], "durable").map(({ path }) => path)).toEqual([
      "A/raft.journal",
      "B/raft.journal",
    ]);
  });

  it("as a zip unpacks to the same bytes, and is the same archive every time", () => {
    const files = exportedFiles([disk], "cache");
    const unpacked = Object.entries(unzipSync(zipOf(files)));
    expect(unpacked.map(([path, bytes]) => [path, toHex(bytes)])).toEqual(plain(files));
    expect(toHex(zipOf(files))).toBe(toHex(zipOf(files)));
  });
});

// That a simulated run of recorded commands writes the bytes of the real one is tested with the traces:
// src/system/pysyncobj/conformance.test.ts.
describe("decode, then encode, is the identity on every undamaged real file", () => {
  it.each(JOURNALS.filter(({ bytes }) => isWhole(bytes)))("$path", ({ bytes }) => {
    const journal = decodeJournal(bytes);
    const rest = bytes.subarray(understoodUntil(journal));
    expect(toHex(encodeJournal(journal, bytes.length, rest))).toBe(toHex(bytes));
  });

  // Metas, in every pickler's own bytes: src/importer/pysyncobj/dialects.test.ts. Dumps are compressed: compared decoded.
  it.each([
    "01-healthy-compacted",
    "02-simultaneous-restart/before",
    "06-dump-journal-race/all-nodes/after-kill",
    "10-real-ext4-power-cut/meta-ahead-of-journal",
  ])("imported and exported again, %s is the same files", (set) => {
    const given = filesIn(set).filter(({ path }) => !path.endsWith(".json"));
    const { scenario } = importFiles(given);
    const disks = (scenario?.cluster.machines ?? []).map(({ files }) => {
      const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
      for (const { path, base64 } of files) {
        installFile(disk, path, decodeBase64(base64) ?? new Uint8Array());
      }
      return disk;
    });
    for (const which of ["cache", "durable"] as const) {
      const hexes = exportedFiles(disks, which).map(({ bytes }) => toHex(bytes));
      expect(hexes.sort()).toEqual(given.map(({ bytes }) => toHex(bytes)).sort());
    }
  });
});

function isWhole(bytes: Uint8Array): boolean {
  const { problems, loadError } = decodeJournal(bytes);
  return problems.length === 0 && loadError === null;
}

function plain(files: ReturnType<typeof exportedFiles>) {
  return files.map(({ path, bytes }) => [path, toHex(bytes)]);
}
