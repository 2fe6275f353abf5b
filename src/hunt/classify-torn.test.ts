import { expect, it } from "vitest";
import { concatBytes } from "#base/bytes.ts";
import { createDisk, installFile } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import {
  EMPTY_META,
  encodeHeader,
  encodeMeta,
  encodeOffset,
  encodeRecord,
  encodeSet,
  LAST_RECORD_OFFSET_AT,
  withMetaValue,
} from "#system/pysyncobj/format.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { patientOf } from "./bursts.ts";
import { swept } from "./scene.testkit.ts";

const HEADER = 40;

it("a journal that is rewritten in place may come back as pages of two times, and poison the term", () => {
  const { fates, outcomes } = sweepOfRewriting();
  expect(fates.map(({ fate }) => fate)).toEqual(["boots", "stuck", "poisons-term"]);
  const poisoned = outcomes.find(({ fate }) => fate === "poisons-term");
  expect(poisoned?.because).toMatch(
    /^A has a last entry of term \d{14,}, and nobody was ever beyond term 3\.$/,
  );
  expect(poisoned?.difference).toMatch(
    /^identical to a good state, except that page 0 of A\/raft.journal was kept$/,
  );
});

/** Entries 1 to 150 are durable; 41 to 150 are put where the first 110 were, and nothing of that is synced. */
function sweepOfRewriting() {
  const disk = createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
  const records = Array.from({ length: 150 }, (_, i) => {
    return encodeRecord(i + 1, 3, encodeSet(`key ${i}`, "value ".repeat(i % 7)));
  });
  const before = concatBytes(records);
  const after = concatBytes(records.slice(40));
  const file = "A/raft.journal";
  const header = encodeHeader(HEADER + before.length);
  installFile(disk, file, concatBytes([header, before, new Uint8Array(2048)]));
  installFile(
    disk,
    "A/raft.journal.meta",
    encodeMeta(withMetaValue(EMPTY_META, "raftCommitIndex", 150)),
  );
  const end = encodeOffset(HEADER + after.length);
  const bytes = concatBytes([end, after]);
  perform(disk, { type: "write", file, offset: LAST_RECORD_OFFSET_AT, bytes }, 0);
  const bugs = new Set(bugsOfPreset("pysyncobj", "0.3.14"));
  const patient = { ...patientOf(pysyncobj, "A", ["B", "C"]), bugs };
  const report = swept(
    {
      ...{ step: 0, system: pysyncobj, servers: [{ machine: "A", patient, memory: null }] },
      ...{ disks: new Map([["A", disk]]), promises: new Map(), troubles: new Map() },
      ...{ written: new Map(), settled: [], highestTerm: 3 },
    },
    { kind: "os" },
  );
  const [machine] = report.machines;
  if (machine === undefined) throw new Error("A was swept");
  return machine;
}
