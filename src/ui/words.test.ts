import { expect, it } from "vitest";
import { libraryScenario } from "#library/registry.ts";
import { EVERY_ACTION } from "#scenario/scenario.testkit.ts";
import { parseScenario } from "#scenario/schema.ts";
import {
  actionText,
  anchorText,
  byDue,
  faultText,
  listed,
  seconds,
  sideText,
  versionText,
} from "./words.ts";

it("writes times in seconds", () => {
  expect(seconds(2_250_000)).toBe("2.250 s");
});

it.each([
  [[], ""],
  [["A"], "A"],
  [["A", "B", "C"], "A, B and C"],
])("lists %j as %j", (names, text) => {
  expect(listed(names)).toBe(text);
});

it("has words for every action", () => {
  for (const action of EVERY_ACTION) {
    expect(actionText(action)).toMatch(/^[a-z].{5,}$/);
    expect(actionText(action)).not.toMatch(/undefined|null|\[object/);
  }
});

it.each([
  [{ type: "sync-fails", file: null, count: 1 }, "the next sync of any file fails with EIO"],
  [
    { type: "write-fails", file: "A/wal", errno: "ENOSPC", count: 3 },
    "the next 3 writes of A/wal fail with ENOSPC",
  ],
  [{ type: "create-fails", count: 2 }, "the next 2 files cannot be created or renamed"],
  [{ type: "capacity", bytes: 4096 }, "room for 4096 bytes in all"],
  [{ type: "capacity", bytes: null }, "there is room again"],
  [{ type: "rot", file: "A/wal", offset: 36, bit: 7 }, "bit 7 of byte 36 of A/wal flips"],
  [{ type: "flushing", flushing: "total" }, "syncs do nothing from now on"],
] as const)("tells the fault %j", (fault, text) => {
  expect(faultText(fault)).toBe(text);
});

it("tells what each machine keeps when they differ", () => {
  const of = { A: { type: "chosen", effects: [4, 9] }, B: { type: "none" } } as const;
  const survivors = { type: "by-machine", of } as const;
  expect(actionText({ type: "crash", machines: ["A", "B"], kind: "power", survivors })).toBe(
    "cut the power of A and B, A: 2 chosen writes survive; B: nothing unflushed survives",
  );
});

it.each([
  [[], "cut the power of A, no chosen writes survive"],
  [[4], "cut the power of A, 1 chosen write survives"],
  [[4, 9], "cut the power of A, 2 chosen writes survive"],
])("counts the chosen survivors %j", (effects, text) => {
  const survivors = { type: "chosen", effects } as const;
  expect(actionText({ type: "crash", machines: ["A"], kind: "power", survivors })).toBe(text);
});

it("tells what a restart keeps, where it keeps anything", () => {
  const restart = { type: "restart", machines: ["A"], down: 1_000_000, stagger: 0 } as const;
  const chosen = { type: "chosen", effects: [4, 9] } as const;
  expect(actionText({ ...restart, kind: "power", survivors: chosen })).toBe(
    "cut the power of A, 2 chosen writes survive, 1.000 s later boot again",
  );
  expect(actionText({ ...restart, kind: null, survivors: { type: "none" } })).toBe(
    "stop A, 1.000 s later boot again",
  );
});

it("says what an anchor waits for", () => {
  const match = { type: "role", server: "A", to: "leader" };
  expect(anchorText({ type: "when", match, count: 1, delay: 200_000 })).toBe(
    "0.200 s after A first became leader",
  );
  expect(anchorText({ type: "at", time: 1_000_000, order: 0 })).toBe("at 1.000 s");
});

it.each([
  [
    { type: "send", server: "A", "message.kind": "vote-reply", "message.to": "B" },
    "A first answered B about its vote",
  ],
  [{ type: "disk", server: "A", "op.type": "open", "op.truncate": true }, "A first emptied a file"],
  [{ type: "disk", server: "A", "op.type": "rename" }, "A first renamed a file"],
  [{ type: "crash", machine: "A", kind: "os" }, "the machine of A first had its system crash"],
  [{ type: "failed", server: "A" }, "A first ended itself with an error"],
])("says in plain words what the shipped scripts wait for: %j", (match, text) => {
  expect(anchorText({ type: "when", match, count: 1, delay: 0 })).toBe(`after ${text}`);
});

it.each([
  [true, "cut the network between C on one side and A and B on the other"],
  [false, "cut the network from C to A and B"],
])("does not take a partition for a power cut (both ways: %s)", (bothWays, text) => {
  const partition = {
    type: "partition",
    from: ["C"],
    to: ["A", "B"],
    cut: true,
    bothWays,
  } as const;
  expect(actionText(partition)).toBe(text);
});

it("gives what is not common field by field", () => {
  const match = { type: "apply", server: "A", "entry.index": 46 };
  expect(anchorText({ type: "when", match, count: 3, delay: 0 })).toBe(
    "after “apply, server A, entry.index 46” happened 3 times",
  );
});

it("sorts a script by when it falls due, as far as the run shows it", () => {
  const at = (time: number) => ({ anchor: { type: "at", time, order: 0 } as const });
  const leads = (server: string) => {
    const match = { type: "role", server, to: "leader" };
    return { anchor: { type: "when", match, count: 1, delay: 50 } as const };
  };
  const script = [at(0), at(300), leads("A"), leads("B")];
  const marks = [
    { step: 1, time: 100, kind: "election", server: "A", text: "A became leader" } as const,
  ];
  expect(byDue(script, marks)).toEqual([at(0), leads("A"), leads("B"), at(300)]);
});

it("says of a recorded run which side was recorded and which is the model", () => {
  const parsed = parseScenario(libraryScenario("recorded-01-healthy-compacted")?.scenario);
  if (!parsed.ok) throw new Error("it is in the library");
  expect(sideText(parsed.value, "main")).toBe("recorded, 0.3.14");
  expect(sideText(parsed.value, "twin")).toBe("model, 0.3.14");
});

it("calls an explicit list of bugs by the version that has exactly these", () => {
  const title = versionText("pysyncobj", { preset: "0.3.14", bugs: null });
  expect(versionText("pysyncobj", { preset: "0.3.14", bugs: ["vote-not-saved"] })).toBe(
    "own choice of bugs: 1 on",
  );
  expect(versionText("pysyncobj", { preset: "PR #202", bugs: null })).not.toBe(title);
});
