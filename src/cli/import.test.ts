import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { answerTo } from "./commands.ts";

const SETS = fileURLToPath(new URL("../system/pysyncobj/fixtures/", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "blackstart-import-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("import --report", () => {
  const set = `${SETS}/06-dump-journal-race/all-nodes/after-kill`;

  it("tells in words what is in the files and what each version makes of them", async () => {
    const { exit, out } = await answerTo(["import", set, "--report"]);
    expect(exit).toBe(0);
    for (const text of [
      "A/raft.journal: pysyncobj journal of A, 2048 bytes, intact",
      "40..1624         intact  30 records, 1 (term 0) to 30 (term 1)",
      "[loss] A, B and C: the journal (1 to 30) does not start with the dump's entries 19 and 20",
      "commit 30, applied 20, log 19..20, last term 1, dump up to 20",
      "The entries 21 to 30 were committed, and none of these disks gives them back.",
    ]) {
      expect(out).toContain(text);
    }
  });

  it("as JSON holds the same as data, beside what import always tells", async () => {
    const { out } = await answerTo(["import", set, "--report", "--json"]);
    const { files, report } = JSON.parse(out);
    expect(files).toHaveLength(9);
    expect(Object.keys(report)).toEqual(["files", "findings", "boots", "together", "limits"]);
    expect(report.boots.map(({ server }: { server: string }) => server)).toEqual(["A", "B", "C"]);
    const plain = JSON.parse((await answerTo(["import", set, "--json"])).out);
    expect(Object.keys(plain)).toEqual(["files"]);
    expect(plain.files).toEqual(files);
  });

  it("names foreign files, and fails when there is no other", async () => {
    const folder = join(root, "foreign");
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.txt"), "nothing of the kind");
    const { exit, out, err } = await answerTo(["import", folder, "--report"]);
    expect(exit).toBe(2);
    expect(out).toContain("notes.txt: unknown, 19 bytes, foreign");
    expect(err).toMatch(/None of these files/);
  });
});
