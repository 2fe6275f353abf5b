import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { importFiles } from "#importer/import-files.ts";
import { reportLines } from "#importer/report-text.ts";
import { FIXTURES } from "#system/pysyncobj/fixtures.testkit.ts";
import { encodeHeader, encodeRecord } from "#system/pysyncobj/format.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));

function journalWith(pickle: string): Uint8Array {
  const record = encodeRecord(1, 1, ascii(`\0${pickle}`));
  const bytes = new Uint8Array(Math.max(1024, 40 + record.length));
  bytes.set(encodeHeader(40 + record.length));
  bytes.set(record, 40);
  return bytes;
}

function findingsOf(path: string, bytes: Uint8Array) {
  const { findings } = importFiles([{ path, bytes }]).forensics;
  return findings.filter(({ kind }) => kind === "pickle-calls");
}

describe("a pickle that calls something when it is loaded is named, with what it calls", () => {
  it.each([
    ["REDUCE", "cos\nsystem\n(S'x'\ntR."],
    ["REDUCE whose result is dropped", "cos\nsystem\n(S'x'\ntR0I1\n."],
    ["INST", "(S'x'\nios\nsystem\n."],
    ["OBJ", "(cos\nsystem\nS'x'\no."],
  ])("in a command: %s", (_, pickle) => {
    const [finding] = findingsOf("A/raft.journal", journalWith(pickle));
    expect(finding).toMatchObject({ severity: "warning", servers: ["A"] });
    expect(finding?.text).toMatch(
      /byte 60: the command of index 1 calls os\.system .* Nothing in a file is executed here/,
    );
  });

  it("in a meta and in a dump", () => {
    const call = "cos\nsystem\n(S'x'\ntR0";
    const meta = ascii(`${call}(dS'raftCommitIndex'\nI5\ns.`);
    expect(findingsOf("A/raft.journal.meta", meta)[0]?.text).toMatch(/calls os\.system/);
    const dump = gzipSync(ascii(`${call}N.`), { filename: "raft.dump.tmp" });
    expect(findingsOf("A/raft.dump", dump)[0]?.text).toMatch(/calls os\.system/);
  });

  it("an application's own class is a note", () => {
    const [finding] = findingsOf("A/raft.journal", journalWith("cmine\nThing\n(tR."));
    expect(finding).toMatchObject({ severity: "note" });
  });

  it("no real file does", () => {
    for (const { path, bytes } of FIXTURES)
      expect([path, findingsOf(path, bytes)]).toEqual([path, []]);
  });
});

it("what a forged pickle says is told in brief", () => {
  const deep = `${"(".repeat(5000)}${"t".repeat(5000)}.`;
  const { forensics } = importFiles([{ path: "A/raft.journal", bytes: journalWith(deep) }]);
  const lines = reportLines(forensics);
  expect(lines.join()).toMatch(/is not a call|cannot be taken apart/);
  for (const line of lines) expect(line.length).toBeLessThan(700);
});
