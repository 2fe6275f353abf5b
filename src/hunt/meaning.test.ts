import { expect, it } from "vitest";
import { createDisk, installFile } from "#disk/disk.ts";
import { createGround } from "#disk/ground.ts";
import { perform } from "#disk/perform.ts";
import type { DiskOp } from "#disk/types.ts";
import { encodeHeader, encodeOffset, encodeRecord, encodeSet } from "#system/pysyncobj/format.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { meaningOf } from "./meaning.ts";

const FILE = "A/raft.journal";

it("is what each write puts there, not what stands there now", () => {
  const [first, second] = [1, 2].map((i) => encodeRecord(i, 1, encodeSet(`k${i}`, "v")));
  if (first === undefined || second === undefined) throw new Error("there are two records");
  const ends = [40 + first.length, 40 + first.length + second.length];
  expect(
    meanings(
      { type: "write", file: FILE, offset: 40, bytes: first },
      { type: "write", file: FILE, offset: 36, bytes: encodeOffset(ends[0] ?? 0) },
      { type: "write", file: FILE, offset: ends[0] ?? 0, bytes: second },
      { type: "write", file: FILE, offset: 36, bytes: encodeOffset(ends[1] ?? 0) },
    ),
  ).toEqual([
    'record 1 of term 1: f1("k1", "v")',
    `lastRecordOffset ${ends[0]}`,
    'record 2 of term 1: f1("k2", "v")',
    `lastRecordOffset ${ends[1]}`,
  ]);
});

it("is nothing where a write is of several things, or is none", () => {
  expect(
    meanings(
      { type: "write", file: FILE, offset: 30, bytes: new Uint8Array(20) },
      { type: "rename", from: FILE, to: "A/other" },
    ),
  ).toEqual([null, null]);
});

function meanings(...ops: readonly DiskOp[]): readonly (string | null)[] {
  const disk = createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
  const journal = new Uint8Array(1024);
  journal.set(encodeHeader());
  installFile(disk, FILE, journal);
  for (const op of ops) perform(disk, op, 0);
  const ground = createGround(disk, "os");
  return ground.implications.pieces.map((_, piece) => meaningOf(pysyncobj, ground, piece));
}
