import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CHECKS } from "#audit/registry.ts";
import { SIMULTANEOUS_REBOOT } from "#library/incidents/pysyncobj-201/scenario.ts";
import { LIBRARY } from "#library/registry.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import { answerTo } from "./commands.ts";
import type { RunReport } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "blackstart-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("run", () => {
  it("says the settings that a version has of its own", async () => {
    const heading = async (preset: string) =>
      (await answerTo(["run", "pysyncobj-s10", "--preset", preset])).out.split("\n")[1];
    expect(await heading("pwrite")).toMatch(/^pysyncobj pwrite; .*; settings: pwrite=1$/);
    expect(await heading("msync with meta, alone")).not.toMatch(/settings|before-meta/);
  });

  it("exits 0 when every expectation is met, under each preset", async () => {
    expect((await answerTo(["run", "pysyncobj-201"])).exit).toBe(0);
    expect((await answerTo(["run", "pysyncobj-201", "--preset", "PR #202"])).exit).toBe(0);
  });

  it("prints steps, each check's verdict with its first step, the explanation and the hash", async () => {
    const { out } = await answerTo(["run", "pysyncobj-201"]);
    expect(out).toMatch(/^ +7 +1\.\d{3} s /m);
    expect(out).toMatch(/^ {2}C1 +holds {3}Election safety$/m);
    expect(out).toMatch(/^ {2}C13 +BROKEN .*first at step \d+/m);
    expect(out).toMatch(/^ +step \d+: .*truncat|cut/m);
    expect(out).toMatch(/^Expectations: (\d+) of \1 met$/m);
    expect(out).toMatch(/^trace hash [0-9a-f]{16}$/m);
  });

  it("prints one JSON object with a check per id", async () => {
    const report = await reportOf("run", "pysyncobj-201", "--json");
    expect(Object.keys(report)).toEqual([
      ...["scenario", "system", "preset", "bugs", "disks", "steps", "checks", "hash"],
    ]);
    expect(report).toMatchObject({
      scenario: "pysyncobj-201",
      system: "pysyncobj",
      preset: "0.3.14",
      bugs: bugsOfPreset("pysyncobj", "0.3.14"),
    });
    expect(report.checks.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
    const divergence = report.checks.find(({ id }) => id === "C15");
    expect(divergence).toMatchObject({ holds: false, family: "violation" });
    expect(divergence?.explanation.join(" ")).toMatch(/leader is "A" on A and "B" on B/);
    const term = report.checks.find(({ id }) => id === "C1");
    expect(term).toMatchObject({ holds: true, firstStep: null, explanation: [] });
  });

  it("gives the same hash every time, and another under other bugs", async () => {
    const [one, two, other] = await Promise.all([
      reportOf("run", "pysyncobj-201", "--json"),
      reportOf("run", "pysyncobj-201", "--json"),
      reportOf("run", "pysyncobj-201", "--json", "--preset", "PR #202"),
    ]);
    expect(one.hash).toBe(two.hash);
    expect(one.hash).not.toBe(other.hash);
  });

  it("takes exactly the bugs that are listed, and an empty list as none", async () => {
    const one = await reportOf("run", "pysyncobj-201", "--json", "--bugs", "vote-not-saved");
    expect(one).toMatchObject({ preset: null, bugs: ["vote-not-saved"] });
    for (const none of [["--bugs="], ["--bugs", ""], ["--bugs", "none"], ["--bugs"]]) {
      const report = await reportOf("run", "pysyncobj-201", "--json", ...none);
      expect(report).toMatchObject({ preset: "all fixes", bugs: [] });
    }
  });

  it("runs on other disks, of all machines or of one, and says so", async () => {
    const { out } = await answerTo([
      ...["run", "reference-reboot", "--disk", "policy=adversarial,tear=none"],
      ...["--disk", "A:flushing=device,storeGrain=8", "--disk", "writeBack=ext4-like"],
    ]);
    expect(out).toMatch(
      /^disk: policy=adversarial, writeBack=30000000\/5000000\/5000000, tear=none$/m,
    );
    expect(out).toMatch(/^disk of A: storeGrain=8, flushing=device$/m);
    const words = ["--json", "--disk", "B:admits=os+power,writeTime=11"];
    const { disks } = await reportOf("run", "reference-reboot", ...words);
    expect(disks.B).toEqual({ ...disks.A, admits: ["os", "power"], writeTime: 11 });
    expect(disks.A).toMatchObject({ policy: "ordered-journal", tear: "sector", capacity: null });
  });

  it("takes times another disk needs into the run", async () => {
    const quick = await reportOf("run", "reference-reboot", "--json");
    const slow = await reportOf("run", "reference-reboot", "--json", "--disk", "syncTime=9000");
    expect(slow.hash).not.toBe(quick.hash);
  });

  it("says when a crash is one that is not admitted", async () => {
    const words = ["run", "reference-reboot", "--disk", "admits=process"];
    expect((await answerTo(words)).out).toMatch(
      /To be considered\n {2}The script has a crash of kind power, but disk.admits of A has process/,
    );
    expect((await answerTo([...words, "--json"])).err).toMatch(/crash of kind power/);
  });

  it("runs a file as it runs the library's document", async () => {
    const path = write("incident.json", JSON.stringify(SIMULTANEOUS_REBOOT));
    const fromFile = await reportOf("run", path, "--json");
    const fromLibrary = await reportOf("run", "pysyncobj-201", "--json");
    expect(fromFile).toEqual({ ...fromLibrary, scenario: path });
  });

  it("exits 1 and says what was expected when an expectation is not met", async () => {
    const document = { ...SIMULTANEOUS_REBOOT, expect: [{ check: "C7", holds: true }] };
    const answer = await answerTo(["run", write("wrong.json", JSON.stringify(document))]);
    expect(answer.exit).toBe(1);
    expect(answer.out).toMatch(/^ {2}C7 should hold, but it broke$/m);
  });

  it("reports anchors that never came", async () => {
    const anchor = { type: "when", match: { type: "role", to: "emperor" } };
    const script = [...SIMULTANEOUS_REBOOT.script, { anchor, action: { type: "heal" } }];
    const path = write("unmet.json", JSON.stringify({ ...SIMULTANEOUS_REBOOT, script }));
    expect((await answerTo(["run", path])).out).toMatch(/Not met by this run\n.*emperor/);
    expect((await answerTo(["run", path, "--json"])).err).toMatch(/emperor/);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no such scenario", ["run", "nope"], /no file nope.*pysyncobj-201/],
    ["a folder", ["run", "."], /not a file/],
    ["no JSON", ["run", write("broken.json", "{")], /is not JSON/],
    ["a wrong document", ["run", write("bad.json", '{"format":"x"}')], /format must be/],
    ["an unknown preset", ["run", "pysyncobj-201", "--preset", "9"], /preset is "9"/],
    ["an unknown bug", ["run", "pysyncobj-201", "--bugs", "a,b"], /bugs\[0\] is "a"/],
    [
      "an unknown setting of a disk",
      ["run", "pysyncobj-201", "--disk", "polcy=strict"],
      /--disk polcy=strict: there is no setting "polcy"; there are policy, sectorSize, /,
    ],
    [
      "an unknown policy",
      ["run", "pysyncobj-201", "--disk", "policy=ext4"],
      /policy must be "strict" or .* or "adversarial", not "ext4"/,
    ],
    [
      "a disk of no machine",
      ["run", "pysyncobj-201", "--disk", "Z:policy=strict"],
      /no machine Z; there are A, B, C/,
    ],
    [
      "a setting without a value",
      ["run", "pysyncobj-201", "--disk", "policy"],
      /policy needs a value/,
    ],
    [
      "a number as a word",
      ["run", "pysyncobj-201", "--disk", "syncTime=slow"],
      /a number, not "slow"/,
    ],
    [
      "settings that do not fit",
      ["run", "pysyncobj-201", "--disk", "A:exposure=garbage"],
      /cluster.machines\[0\].disk.exposure does not fit/,
    ],
    ["no settings", ["run", "pysyncobj-201", "--disk"], /value is missing/],
    ["no scenario", ["run"], /missing required args/],
    ["an unknown option", ["run", "pysyncobj-201", "--fast"], /[Uu]nknown option/],
    ["an unknown command", ["fly"], /no command fly/],
    ["nothing", [], /--help/],
  ])("exits 2 with a message: %s", async (_name, words, message) => {
    const answer = await answerTo(words);
    expect(answer).toMatchObject({ exit: 2, out: "" });
    expect(answer.err).toMatch(message);
  });
});

describe("list", () => {
  it("names every scenario of the library", async () => {
    const { out, exit } = await answerTo(["list"]);
    expect(exit).toBe(0);
    for (const { id, title } of LIBRARY) {
      expect(out).toContain(id);
      expect(out).toContain(title);
    }
  });

  it("prints the same as JSON", async () => {
    const { out } = await answerTo(["list", "--json"]);
    expect(JSON.parse(out)).toMatchObject(
      LIBRARY.map(({ id, kind, title }) => ({ id, kind, title })),
    );
  });
});

describe("import", () => {
  const SETS = "src/system/pysyncobj/fixtures";

  it("prints what the files of a real cluster hold", async () => {
    const { out, exit } = await answerTo(["import", `${SETS}/02-simultaneous-restart/before`]);
    expect(exit).toBe(0);
    expect(out).toMatch(/^A\/raft.journal: pysyncobj journal, 4096 bytes, intact$/m);
    expect(out).toMatch(/^ +42 {2}term 5 .*k06.*v36/m);
  });

  it("prints files, entries, meta and problems as JSON", async () => {
    const { out } = await answerTo(["import", `${SETS}/02-simultaneous-restart/before`, "--json"]);
    const { files } = JSON.parse(out);
    expect(files.map(({ path }: { path: string }) => path)).toEqual(
      ["A", "B", "C"].flatMap((id) => [`${id}/raft.journal`, `${id}/raft.journal.meta`]),
    );
    expect(files[0]).toMatchObject({ kind: "pysyncobj journal", intact: true, problems: [] });
    expect(files[0].entries).toHaveLength(42);
    expect(files[0].entries[0]).toEqual({ index: 1, term: 0, command: "01" });
    expect(files[1]).toMatchObject({ kind: "pysyncobj meta", meta: { raftCommitIndex: 42 } });
  });

  it.each<[string, string, RegExp]>([
    ["no such folder", "nope", /no file or folder nope/],
    ["foreign files", write("foreign/notes.txt", "shopping list"), /None of these files/],
  ])("exits 2 with a message: %s", async (_name, path, message) => {
    const answer = await answerTo(["import", path]);
    expect(answer.exit).toBe(2);
    expect(answer.err).toMatch(message);
  });
});

describe("conformance", () => {
  const TRACE = "src/system/pysyncobj/fixtures/02-simultaneous-restart/trace.json";

  it("exits 0 where the model does what was recorded", async () => {
    const { exit, out } = await answerTo(["conformance", TRACE]);
    expect(out).toMatch(/\d{3} events compared, \d+ gaps crossed, no difference/);
    expect(out).toMatch(/^\| fixtures\/02-simultaneous-restart \| \d{3} \| none \|/m);
    expect(exit).toBe(0);
  });

  it("prints the events compared, the gaps and the first difference of each file as JSON", async () => {
    const { out } = await answerTo(["conformance", TRACE, TRACE, "--json"]);
    const { files } = JSON.parse(out);
    expect(files).toHaveLength(2);
    expect(files[0]).toMatchObject({ path: TRACE, firstDifference: null });
    expect(files[0].compared).toBeGreaterThan(300);
  });

  it("exits 1 and names the first difference where a record says otherwise", async () => {
    const trace = JSON.parse(readFileSync(TRACE, "utf8"));
    const event = trace.events.find((each: { event: string; term: number }) => {
      return each.event === "send" && each.term === 1;
    });
    event.term = 17;
    cpSync("src/system/pysyncobj/fixtures/02-simultaneous-restart/before", join(folder, "before"), {
      recursive: true,
    });
    const answer = await answerTo(["conformance", write("trace.json", JSON.stringify(trace))]);
    expect(answer.exit).toBe(1);
    expect(answer.out).toMatch(
      new RegExp(`FIRST DIFFERENCE at seq ${event.seq}: term of .* recorded was 17`),
    );
  });

  it.each<[string, string, RegExp]>([
    ["no such file", "nope.json", /no file nope.json/],
    ["no trace", write("no-trace.json", '{"format":"other"}'), /no-trace.json/],
    ["no JSON", write("no-json.json", "{"), /not JSON/],
  ])("exits 2 with a message: %s", async (_name, path, message) => {
    const answer = await answerTo(["conformance", path]);
    expect(answer).toMatchObject({ exit: 2, out: "" });
    expect(answer.err).toMatch(message);
  });
});

async function reportOf(...words: readonly string[]): Promise<RunReport> {
  return JSON.parse((await answerTo(words)).out);
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
