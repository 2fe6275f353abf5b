import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { toHex } from "#base/bytes.ts";
import { answerTo } from "./commands.ts";

const root = mkdtempSync(join(tmpdir(), "blackstart-export-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("export", () => {
  it("writes every machine's files below a folder that import reads again", async () => {
    const to = join(root, "all");
    const { exit, out } = await answerTo(["export", "pysyncobj-201", "--to", to]);
    expect(exit).toBe(0);
    expect(out).toMatch(/^What the cache holds of A, B, C at step \d+ \(\d+\.\d+ s\)/);
    expect(filesBelow(to)).toEqual(
      ["A", "B", "C"].flatMap((id) => [`${id}/raft.journal`, `${id}/raft.journal.meta`]),
    );
    const read = await answerTo(["import", to, "--report", "--json"]);
    expect(JSON.parse(read.out)).toMatchObject({
      files: [{ kind: "pysyncobj journal", intact: true }, {}, {}, {}, {}, {}],
      report: { boots: [{ server: "A" }, { server: "B" }, { server: "C" }] },
    });
  });

  it("of one machine at a step, durable, has less than the cache", async () => {
    const journal = async (name: string, ...more: string[]) => {
      const to = join(root, name);
      const { exit } = await answerTo([
        "export",
        "pysyncobj-201",
        "--machine",
        "A",
        ...more,
        "--to",
        to,
      ]);
      expect(exit).toBe(0);
      expect(filesBelow(to).every((path) => path.startsWith("A/"))).toBe(true);
      return toHex(readFileSync(join(to, "A/raft.journal")));
    };
    const cache = await journal("cache");
    const durable = await journal("durable", "--durable");
    const before = await journal("before", "--step", "0");
    expect(durable).not.toBe(cache);
    expect(durable).toBe(before);
  });

  it("as a zip holds the same files", async () => {
    const [folder, zip] = [join(root, "folder"), join(root, "disks.zip")];
    await answerTo(["export", "pysyncobj-201", "--step", "40", "--to", folder]);
    const { exit } = await answerTo(["export", "pysyncobj-201", "--step", "40", "--to", zip]);
    expect(exit).toBe(0);
    const files = unzipSync(new Uint8Array(readFileSync(zip)));
    expect(Object.keys(files).sort()).toEqual(filesBelow(folder));
    for (const [path, bytes] of Object.entries(files)) {
      expect(toHex(bytes)).toBe(toHex(readFileSync(join(folder, path))));
    }
  });

  it.each([
    [["pysyncobj-201"], /Say where to: --to/],
    [["pysyncobj-201", "--to", join(root, "x"), "--step", "999999"], /--step is a whole number/],
    [
      ["pysyncobj-201", "--to", join(root, "x"), "--machine", "Q"],
      /no machine Q; there are A, B, C/,
    ],
    [["recorded-01-healthy-compacted", "--to", join(root, "x")], /A record tells/],
    [["no-such", "--to", join(root, "x")], /no-such/],
  ])("says what is wrong: %j", async (words, problem) => {
    const { exit, err } = await answerTo(["export", ...words]);
    expect(exit).toBe(2);
    expect(err).toMatch(problem);
  });

  it("overwrites nothing", async () => {
    const taken = join(root, "taken");
    await answerTo(["export", "pysyncobj-201", "--step", "0", "--to", taken]);
    const again = await answerTo(["export", "pysyncobj-201", "--to", taken]);
    expect(again).toMatchObject({ exit: 2, err: `${taken} is not empty; nothing is overwritten.` });
    const zip = join(root, "taken.zip");
    writeFileSync(zip, "mine");
    expect((await answerTo(["export", "pysyncobj-201", "--to", zip])).exit).toBe(2);
    expect(readFileSync(zip, "utf8")).toBe("mine");
  });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
