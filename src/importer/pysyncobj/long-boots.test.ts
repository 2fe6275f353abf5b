import { describe, expect, it } from "vitest";
import type { GivenFile, Slices } from "#importer/contract.ts";
import { importFiles } from "#importer/import-files.ts";
import { filesIn } from "#system/pysyncobj/fixtures.testkit.ts";
import { encodeHeader, encodeRecord, encodeSet } from "#system/pysyncobj/format.ts";
import { type Start, startOnDisk, versionsTried } from "./boots.ts";
import { diskOf, numbersOn } from "./disks.ts";
import { bootOnPaper } from "./long-boots.ts";
import { readFile } from "./read.ts";
import { serversOf } from "./servers.ts";

const SETS = [
  "01-healthy-compacted",
  "02-simultaneous-restart",
  "04-commit-index-past-journal",
  "05-deviations",
  "06-dump-journal-race",
  "07-torn",
  "08-formats",
  "10-real-ext4-power-cut",
];

describe("on paper a start comes to what the model's recovery makes of the same disk", () => {
  it.each(SETS)("%s", (set) => {
    const given = filesIn(set).filter(({ path }) => !path.endsWith(".json"));
    const servers = serversOf(given.map((file) => drained(readFile(file))));
    expect(servers.length).toBeGreaterThan(0);
    for (const server of servers) {
      const numbers = numbersOn([server]);
      const idOf = (address: string): string => `server of ${address}`;
      const { files } = diskOf(server, { idOf, numbers, tailFrom: null });
      const onPaper = bootOnPaper(server, numbers, idOf);
      for (const version of versionsTried()) {
        const told = plain(onPaper(version));
        const run = plain(startOnDisk(server.id, files, [], version, numbers));
        expect([server.set, server.id, version.name, told]).toEqual([
          ...[server.set, server.id, version.name, run],
        ]);
      }
    }
  });
});

describe("files that are too long for a disk", () => {
  const count = 3000;
  const bytes = journalOf(count);
  const journal: GivenFile = { path: "A/raft.journal", bytes };

  it("are started from their first entry on, without a dump where there is none", () => {
    const { boots, limits } = importFiles([journal]).forensics;
    expect(boots[0]?.boots[0]?.server).toMatchObject({
      commitIndex: "1",
      lastApplied: "1",
      first: { index: "1", term: "1" },
      last: { index: `${count}`, term: "1" },
      dump: null,
    });
    expect(limits.join()).toMatch(/what can be opened are the journals' ends/);
  });
});

/** Of calls with values of 2 KB. */
function journalOf(count: number): Uint8Array {
  const command = encodeSet("key", "v".repeat(2000));
  const { length } = encodeRecord(1, 1, command);
  const bytes = new Uint8Array(40 + count * length);
  bytes.set(encodeHeader(bytes.length));
  for (let i = 0; i < count; i++) bytes.set(encodeRecord(i + 1, 1, command), 40 + i * length);
  return bytes;
}

function plain(end: Start["end"]): unknown {
  if (!end.started) return end;
  const places = Array.from({ length: end.named.length }, (_, place) => {
    const { index, term } = end.named.at(place)!;
    return `${index} ${term}`;
  });
  return { ...end, named: places };
}

function drained<Made>(slices: Slices<Made>): Made {
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
  }
}
