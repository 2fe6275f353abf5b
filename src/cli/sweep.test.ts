import { describe, expect, it } from "vitest";
import { POLICIES } from "#disk/types.ts";
import { answerTo } from "./commands.ts";
import type { ComparedAnswer, SweepAnswer } from "./sweep.ts";

describe("sweep", () => {
  it("tries every state right before the first crash of the run, on the machines that crash", async () => {
    const { exit, out } = await answerTo(["sweep", "reference-reboot"]);
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^Every state left when the power fails on A, B, C at step \d+ \(1.157 s\), the one before the first crash of the run$/m,
    );
    expect(out).toMatch(/^B +1 write to B\/wal +512 {2}ordered-journal +2 +3 +2 +2 +0$/m);
    expect(out).toMatch(/^Outcomes of B: 2, none of them bad$/m);
    expect(out).toMatch(/^All machines together, under ordered-journal: 2 combinations/m);
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it("calls a record bad that was never whole and is believed", async () => {
    const { exit, out } = await answerTo(["sweep", "disk-12-torn-record", "--all-policies"]);
    expect(exit).toBe(1);
    expect(out).toMatch(/C4: A believes a record that was never whole: entry 2\./);
  });

  it("exits 0 where a disk is to blame, and says so", async () => {
    const { exit, out } = await answerTo(["sweep", "disk-27-lying-sync", "--step", "45"]);
    expect(exit).toBe(0);
    expect(out).toMatch(/^ {2}disk {2}A: /m);
    expect(out).toMatch(/forgot term 1 .*; but the disk had lied about a sync\./);
    expect(out).toMatch(/; but a disk has broken its word/);
  });

  it("exits 1 all the same where the design forgets on a lying disk what it did not sync", async () => {
    const lies = ["A", "B", "C"].flatMap((id) => ["--disk", `${id}:flushing=device`]);
    const { exit } = await answerTo(["sweep", "disk-01-kill-is-not-a-crash", ...lies]);
    expect(exit).toBe(1);
  });

  it("exits 1 where an outcome is bad, and says what is wrong with it", async () => {
    const { exit, out } = await answerTo(["sweep", "pysyncobj-double-vote"]);
    expect(exit).toBe(1);
    expect(out).toMatch(/^Every state .* fails on B at step/m);
    expect(out).toMatch(/^ {2}BAD {3}B: term 0, no vote/m);
    expect(out).toMatch(/^ {8}C8: B forgot the vote it gave to A in term 1\.$/m);
    expect(out).not.toContain("All machines together");
  });

  it("prints one JSON object with what was asked and every outcome", async () => {
    const answer = await swept("pysyncobj-double-vote", "--crash", "os");
    const [report] = answer.reports;
    expect(report).toMatchObject({
      ask: { machines: ["B"], kind: "os", policy: null },
      step: answer.step,
      cluster: null,
    });
    expect(report?.machines[0]?.outcomes.some(({ good }) => !good)).toBe(true);
  });

  it("takes another step, by its number or by the time", async () => {
    const first = await swept("reference-reboot", "--step", "0");
    expect(first).toMatchObject({ step: 0, time: 0 });
    expect(first.reports[0]?.ask.machines).toEqual(["A", "B", "C"]);
    const later = await swept("reference-reboot", "--at", "1157000");
    expect(later.time).toBeLessThanOrEqual(1_157_000);
    const next = await swept("reference-reboot", "--step", `${later.step + 1}`);
    expect(next.time).toBeGreaterThan(1_157_000);
  });

  it("takes the machines that are named, in the cluster's order", async () => {
    const { reports } = await swept("reference-reboot", "--machine", "C,A");
    expect(reports[0]?.machines.map(({ machine }) => machine)).toEqual(["A", "C"]);
  });

  it("takes one policy, or all of them in turn", async () => {
    const one = await swept("reference-reboot", "--policy", "adversarial");
    expect(one.reports.map(({ machines }) => machines[0]?.policy)).toEqual(["adversarial"]);
    const all = await swept("reference-reboot", "--all-policies", "--machine", "B");
    expect(all.reports.map(({ machines }) => machines[0]?.policy)).toEqual(POLICIES);
  });

  it("says what a boot is like, of how many states, with the smallest cause", async () => {
    const { out } = await answerTo(["sweep", "pysyncobj-197", "--machine", "B"]);
    expect(out).toMatch(/^machine {2}policy {11}term or vote lost {2}stuck$/m);
    expect(out).toMatch(/^B {8}ordered-journal {2}\d+ \(\d+\) +\d+ \(\d+\)$/m);
    expect(out.replace(/\n +/g, " ")).toMatch(
      /B boots and is stuck: identical to a state that boots.* \(lastRecordOffset \d+\) was lost/,
    );
  });

  it("holds all presets against each other at one virtual time", async () => {
    const words = ["sweep", "pysyncobj-197", "--all-presets"];
    const { exit, out } = await answerTo(words);
    expect(exit).toBe(1);
    expect(out).toMatch(
      /^preset +step +raw states +boots +term or vote lost +entries lost +stuck$/m,
    );
    expect(out).toMatch(/^0\.3\.14 \* .* \d+ \(\d+\)$/m);
    expect(out).toMatch(/^all fixes +\d+ +3 +3 \(3\) +- +- +-$/m);
    const answer: ComparedAnswer = JSON.parse((await answerTo([...words, "--json"])).out);
    expect(answer.presets.map(({ preset }) => preset)).toContain("PR #197 + #202");
    expect(new Set(answer.presets.map(({ time }) => time))).toEqual(new Set([answer.time]));
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it("stops where it is told to, and says so", async () => {
    const words = ["sweep", "pysyncobj-double-vote", "--most", "1"];
    expect((await answerTo(words)).out.replace(/\n/g, " ")).toMatch(
      /B under ordered-journal was stopped after 1 recovery;.*There may be more outcomes/,
    );
  });

  it("takes versions, bugs and disks as run does", async () => {
    const words = ["pysyncobj-double-vote", "--bugs", "none", "--disk", "sectorSize=4096"];
    const { out } = await answerTo(["sweep", ...words]);
    expect(out).toMatch(/^B .* 4096 {2}ordered-journal/m);
    expect(out).not.toMatch(/B forgot term 1 \(it is back in 0\)\.\n.*\n.*nothing unsynced/);
  });

  it("goes to the end of a run in which nothing crashes", async () => {
    const { where, step } = await swept("pysyncobj-201", "--machine", "A");
    expect(where).toBe("the last one: nothing crashes in this run");
    expect(step).toBeGreaterThan(100);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no such scenario", ["nope"], /no file nope/],
    [
      "no such machine",
      ["reference-reboot", "--machine", "A,Z"],
      /no machine "Z"; there are A, B, C/,
    ],
    [
      "no such step",
      ["reference-reboot", "--step", "9999999"],
      /--step is a whole number from 0 to/,
    ],
    ["half a step", ["reference-reboot", "--step", "1.5"], /not "1.5"/],
    ["a time after the end", ["reference-reboot", "--at", "3600000001"], /--at is a whole number/],
    ["both", ["reference-reboot", "--step", "1", "--at", "1"], /not both/],
    ["a process crash", ["reference-reboot", "--crash", "process"], /loses nothing/],
    ["a meteor", ["reference-reboot", "--crash", "meteor"], /os or power, not "meteor"/],
    ["no such policy", ["reference-reboot", "--policy", "ext4"], /no policy "ext4".*adversarial/],
    ["all and one", ["reference-reboot", "--policy", "strict", "--all-policies"], /not both/],
    ["presets and policies", ["reference-reboot", "--all-presets", "--all-policies"], /not both/],
    ["no recovery at all", ["reference-reboot", "--most", "0"], /--most is a whole number from 1/],
    ["an unknown bug", ["reference-reboot", "--bugs", "nope"], /bugs\[0\]/],
    ["an unknown disk", ["reference-reboot", "--disk", "speed=1"], /no setting "speed"/],
    ["no scenario", [], /missing required args/],
  ])("exits 2 with a message: %s", async (_name, words, message) => {
    const answer = await answerTo(["sweep", ...words]);
    expect(answer).toMatchObject({ exit: 2, out: "" });
    expect(answer.err).toMatch(message);
  });
});

async function swept(...words: readonly string[]): Promise<SweepAnswer> {
  return JSON.parse((await answerTo(["sweep", ...words, "--json"])).out);
}
