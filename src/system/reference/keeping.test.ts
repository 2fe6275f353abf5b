import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crash } from "#disk/crash.ts";
import { createDisk, type Disk, installFile, liveImage } from "#disk/disk.ts";
import { injectFault } from "#disk/faults.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry, StateImage } from "#raft/types.ts";
import type { Step } from "#system/contract.ts";
import { DIRECTORY, Life } from "#system/life.testkit.ts";
import { codec } from "./format.ts";
import { reference } from "./index.ts";
import { decodeApplied, decodeKept, encodeApplied, encodeKept, type Kept, usable } from "./kept.ts";

const NOTHING = "0".repeat(16);
const APART = ["applied-index-apart"];

const text = fc.string({ unit: "grapheme" });
const kept: fc.Arbitrary<Kept> = fc.record({
  lastApplied: fc.option(fc.nat()),
  values: fc.array(fc.record({ key: text, value: text, index: fc.nat() })),
  beyond: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 16, maxLength: 16 }),
});

describe("the file of a state machine", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(kept, (each) => {
        expect(decodeKept(encodeKept(each))).toEqual(each);
      }),
    );
  });

  it("is refused with any bit changed, or cut anywhere", () => {
    fc.assert(
      fc.property(kept, fc.nat(), fc.nat(7), (each, where, bit) => {
        const bytes = encodeKept(each);
        const at = where % bytes.length;
        expect(typeof decodeKept(bytes.subarray(0, at))).toBe("string");
        bytes[at]! ^= 1 << bit;
        expect(typeof decodeKept(bytes)).toBe("string");
      }),
    );
  });

  it("never makes a reader throw, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        decodeKept(bytes);
        decodeApplied(bytes);
        expect(codec.annotate("A/state", bytes).length).toBe(bytes.length === 0 ? 0 : 1);
        expect(codec.annotate("A/applied", bytes).length).toBe(bytes.length === 0 ? 0 : 1);
      }),
    );
  });

  it("is named with what is in it", () => {
    const labels = [
      ...codec.annotate("A/state", encodeKept(counted(2))),
      ...codec.annotate("A/state.new", encodeKept({ ...counted(2), lastApplied: null })),
      ...codec.annotate("A/applied", encodeApplied(7)),
    ].map(({ kind, label }) => `${kind}: ${label}`);
    expect(labels).toEqual([
      "value: the state machine after entry 2: x = 2",
      "value: the state machine: x = 2",
      "value: applied up to entry 7",
    ]);
  });
});

it("a state machine without an index, or ahead of the log, cannot be used", () => {
  expect(usable({ ...counted(2), lastApplied: null }, null, 5)).toMatch(/does not say/);
  expect(usable(counted(6), null, 5)).toMatch(/log ends at 5/);
  expect(usable(counted(5), null, 5)).toEqual(counted(5));
});

describe("keeping the state machine", () => {
  it("is not done unless it is asked for", () => {
    const life = booted(disk(), { keepState: 0 });
    expect(during(life, () => work(life, 2))).toEqual(["write wal", "data-sync wal"]);
  });

  it("comes after the log's flush: a new file, synced, renamed, its name synced", () => {
    const life = booted(disk());
    expect(during(life, () => work(life, 2))).toEqual([
      ...["write wal", "data-sync wal"],
      ...["open state.new", "write state.new", "sync state.new", "close"],
      ...["rename state.new", "sync-directory"],
    ]);
  });

  it("is done once for all that was applied meanwhile, and not again for nothing", () => {
    const life = booted(disk());
    work(life, 2);
    expect(during(life, () => life.persist())).toEqual([]);
    expect(during(life, () => life.stop())).toEqual([]);
  });

  it("is done at a graceful stop too", () => {
    const life = booted(disk());
    take(life, 1);
    expect(during(life, () => life.stop())).toContain("rename state.new");
  });

  it("leaves the index in a file of its own behind (applied-index-apart)", () => {
    const life = booted(disk(), {}, APART);
    expect(during(life, () => work(life, 2)).filter((each) => /rename/.test(each))).toEqual([
      "rename state.new",
      "rename applied.new",
    ]);
  });
});

describe("recovery", () => {
  it("starts with what was kept, and takes it for committed", () => {
    const platter = disk();
    work(booted(platter), 3);
    crash(platter, "power", { type: "none" });
    expect(booted(platter).recovered).toMatchObject({ commitIndex: 3, state: counted(3) });
  });

  it("starts with an empty one where none is kept", () => {
    const platter = disk();
    work(booted(platter), 3);
    const { recovered } = booted(platter, { keepState: 0 });
    expect(recovered).toMatchObject({ commitIndex: 0 });
    expect(recovered).not.toHaveProperty("state");
  });

  it.each(["rot", "unreadable"] as const)(
    "applies the log again when the file is damaged: %s",
    (type) => {
      const platter = disk();
      work(booted(platter), 3);
      const file = `${DIRECTORY}state`;
      injectFault(
        platter,
        type === "rot" ? { type, file, offset: 9, bit: 0 } : { type, file, offset: 9 },
        0,
      );
      const life = booted(platter);
      expect(life.recovered).toMatchObject({ commitIndex: 0 });
      expect(life.recovered).not.toHaveProperty("state");
      expect(life.steps.flatMap((step) => (step.type === "notice" ? [step.text] : []))).toEqual([
        expect.stringMatching(/^s1\/state: .*; the log is applied from its start$/),
      ]);
    },
  );

  it("does not believe a state machine that is ahead of the log", () => {
    const platter = disk();
    installFile(platter, `${DIRECTORY}state`, encodeKept(counted(3)));
    const life = booted(platter);
    expect(life.recovered).not.toHaveProperty("state");
    expect(codec.inspect(liveImage(platter), DIRECTORY)).toMatchObject({
      problems: [{ path: "s1/state", reason: "entry 3 is in it, and the log ends at 0" }],
    });
  });

  it("has both or neither of the map and its index, whichever step the power fails after", () => {
    expect(new Set(cutAnywhere([]))).toEqual(new Set(["1 of 1", "2 of 2"]));
  });

  it("has a map of an entry that is not counted yet (applied-index-apart)", () => {
    expect(new Set(cutAnywhere(APART))).toEqual(new Set(["1 of 1", "2 of 1", "2 of 2"]));
  });

  it("does not take a map for complete that somebody with the bug has left", () => {
    const platter = disk();
    work(booted(platter, {}, APART), 2);
    expect(booted(platter).recovered).not.toHaveProperty("state");
    expect(booted(platter, {}, APART).recovered).toMatchObject({ state: counted(2) });
  });
});

/** "value of x" of "lastApplied", over all moments at which the second of two rounds may end. */
function cutAnywhere(bugs: readonly string[]): readonly string[] {
  return Array.from({ length: 40 }, (_, steps) => {
    const platter = disk();
    work(booted(platter, {}, bugs), 1);
    const life = new Life(reference, platter, () => {}, steps, 0);
    life.options = { keepState: 1 };
    life.bugs = new Set(bugs);
    life.attempt(() => {
      life.recover();
      life.take({ type: "append", entries: [entry(2)] });
      life.take({ type: "apply", entry: entry(2) });
      life.application = () => counted(2);
      life.persist();
    });
    crash(platter, "power", { type: "none" });
    const { state } = booted(platter, {}, bugs).recovered!;
    return `${state?.values[0]?.value} of ${state?.lastApplied}`;
  });
}

function disk(): Disk {
  return createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
}

function booted(
  platter: Disk,
  options: Readonly<Record<string, number>> = {},
  bugs: readonly string[] = [],
): Life {
  const life = new Life(reference, platter, () => {}, Number.POSITIVE_INFINITY, 0);
  life.options = { keepState: 1, ...options };
  life.bugs = new Set(bugs);
  life.recover();
  return life;
}

/** So many entries are added and applied. */
function take(life: Life, count: number): void {
  for (let index = 1; index <= count; index++) {
    life.take({ type: "append", entries: [entry(index)] });
    life.take({ type: "apply", entry: entry(index) } satisfies Effect);
  }
  life.application = () => counted(count);
}

function work(life: Life, count: number): void {
  take(life, count);
  life.persist();
}

function entry(index: number): Entry {
  return { index, term: 1, command: Uint8Array.of(1, 2, 3) };
}

/** A counter that has counted every entry once. */
function counted(lastApplied: number): StateImage {
  const value = { key: "x", value: `${lastApplied}`, index: lastApplied };
  return { lastApplied, values: [value], beyond: NOTHING };
}

function during(life: Life, doing: () => void): string[] {
  const from = life.steps.length;
  doing();
  return life.steps.slice(from).flatMap(inWords);
}

function inWords(step: Step): string[] {
  if (step.type !== "disk") return [];
  const { op } = step;
  const name = (path: string | number) => String(path).replace(DIRECTORY, "");
  if (op.type === "rename") return [`rename ${name(op.from)}`];
  if (op.type === "sync-directory" || op.type === "close") return [op.type];
  return [`${op.type} ${name(op.file)}`];
}
