import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "#base/crc.ts";
import { crash } from "./crash.ts";
import { cloneDisk, type Disk, readRange } from "./disk.ts";
import { fatesIn } from "./fates.ts";
import { createGround, type Fate, type Ground, stateOf } from "./ground.ts";
import { crashOptions, histories, INSTALLED, play, testDisk } from "./history.testkit.ts";
import { perform } from "./perform.ts";
import { mismatchOf, type Seal } from "./seal.ts";
import { closedMasks } from "./states.testkit.ts";
import {
  createSymbolicDisk,
  performSymbolic,
  readSymbolic,
  type SymbolicDisk,
} from "./symbolic.ts";
import { type DiskOp, type Path, POLICIES } from "./types.ts";

/** What somebody does with a disk after a crash. */
type Question = Reading | DiskOp;

interface Reading {
  readonly type: "read" | "sum" | "sealed";
  readonly file: Path;
  readonly offset: number;
  readonly length: number;
}

const KINDS = ["os", "power"] as const;

describe.each(POLICIES)("%s", (policy) => {
  it.each(KINDS)("each state of brute force answers as the branch that has it: %s", (kind) => {
    fc.assert(
      fc.property(histories(), crashOptions(), questions(), (ops, options, asked) => {
        const disk = testDisk(policy, options);
        play(disk, ops);
        expectSame(disk, kind, asked);
      }),
      { numRuns: 100 },
    );
  });
});

it("with faults that wait, and sectors that cannot be read, as brute force does", () => {
  fc.assert(
    fc.property(histories(4), questions(), fc.nat(3), (ops, asked, which) => {
      const disk = testDisk("ordered-journal", which === 3 ? { capacity: 9000 } : {});
      play(disk, ops);
      if (which === 1) arm(disk, { type: "sync-fails", file: null, count: 1 });
      if (which === 2) arm(disk, { type: "write-fails", file: null, errno: "EIO", count: 1 });
      if (which === 0) disk.unreadable = new Map([[1, new Set([1, 8])]]);
      expectSame(disk, "power", asked);
    }),
    { numRuns: 200 },
  );
});

it("a disk that some states fill to the last byte has no room for a new name in those", () => {
  const disk = testDisk("ordered-journal", { capacity: 9000 });
  perform(disk, { type: "truncate", file: INSTALLED, size: 9000 }, 0);
  expectSame(disk, "power", [{ type: "open", file: "e/c", create: true, truncate: false }]);
});

describe("what is not asked is not decided", () => {
  it("a size chain of 32 appends splits in two where only reaching a byte matters", () => {
    const { disk } = burst(32);
    const branches = readSymbolic(disk, "d/wal", 0, 8, (bytes) => bytes.length === 8);
    expect(branches?.map(({ answer }) => answer.value)).toEqual([false, true]);
    expect(branches?.map((each) => fatesOf(each.disk).length)).toEqual([1, 1]);
  });

  it("a read of what no pending piece touches splits nothing", () => {
    const { disk } = burst(32);
    expect(readSymbolic(disk, INSTALLED, 0, 8192, null)).toHaveLength(1);
  });

  it("pieces that give the same value stay undecided", () => {
    const { disk } = burst(4);
    const [branch] = readSymbolic(disk, "d/wal", 600, 600, () => "whatever") ?? [];
    expect(branch?.disk.factors).toEqual([[disk.ground.undecided]]);
  });

  it("refuses to tell more states apart than it can hold", () => {
    const { disk } = burst(32);
    expect(readSymbolic(disk, "d/wal", 0, 32 * 600, null)).toBeNull();
  });
});

describe("a read under a checksum", () => {
  it.each(POLICIES)("splits as trying every state does: %s", (policy) => {
    fc.assert(
      fc.property(
        sealedWrites(),
        crashOptions(),
        fc.constantFrom(...KINDS),
        (ops, options, kind) => {
          const disk = testDisk(policy, options);
          play(disk, ops);
          const asked = ops.flatMap((op): Question[] =>
            op.type === "write"
              ? [
                  {
                    type: "sealed",
                    file: op.file as Path,
                    offset: op.offset,
                    length: op.bytes.length,
                  },
                ]
              : [],
          );
          expectSame(disk, kind, [
            ...asked,
            { type: "read", file: INSTALLED, offset: 0, length: 3 },
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("sees the garbage beside a write undone by it", () => {
    const disk = testDisk("strict", { tear: "none", powersafeOverwrite: false });
    const write = (offset: number, fill: number): DiskOp => {
      const bytes = sealed(new Uint8Array(20).fill(fill));
      return { type: "write", file: INSTALLED, offset, bytes };
    };
    play(disk, [write(300, 1), write(0, 2), write(300, 3)]);
    const asked = [300, 0, 300].map((offset): Question => {
      return { type: "sealed", file: INSTALLED, offset, length: 20 };
    });
    expectSame(disk, "power", asked);
  });

  it("sees what lies there with or without the truncate between two writes", () => {
    const disk = testDisk("adversarial");
    const write: DiskOp = {
      type: "write",
      file: INSTALLED,
      offset: 8000,
      bytes: sealed(new Uint8Array(20)),
    };
    play(disk, [write, { type: "truncate", file: INSTALLED, size: 500 }, write]);
    expectSame(disk, "os", [{ type: "sealed", file: INSTALLED, offset: 8000, length: 20 }]);
  });

  it("of 24 sectors is exact: whole in one state, broken in all others", () => {
    const { disk, length } = record(24);
    const branches = readSealed(disk, length);
    expect(branches?.map(({ answer }) => answer.value)).toEqual([`whole ${length}`, "broken"]);
    expect(branches?.map((each) => statesIn(each.disk))).toEqual([1n, 2n ** 24n - 1n]);
    expect(branches?.some((each) => each.disk.trusts)).toBe(false);
  });

  it("of 64 sectors has states that match by accident, which are taken for broken, and says so", () => {
    const { disk, length } = record(64);
    const branches = readSealed(disk, length);
    expect(branches?.map(({ answer }) => answer.value)).toEqual([`whole ${length}`, "broken"]);
    expect(branches?.map((each) => statesIn(each.disk))).toEqual([1n, 2n ** 64n - 1n]);
    expect(branches?.map((each) => each.disk.trusts)).toEqual([false, true]);
  });

  it("finds an older record below, also where only a mixture of both could be", () => {
    const { disk, length } = record(40, 2);
    const branches = readSealed(disk, length, (bytes) => `${bytes[100]}`);
    expect(branches?.map(({ answer }) => answer.value).sort()).toEqual(["101", "102", "broken"]);
    expect(branches?.reduce((sum, each) => sum + statesIn(each.disk), 0n)).toBe(3n ** 40n);
  });

  it("leaves undecided what makes no difference: sectors of zeros", () => {
    const { disk, length } = record(40, 1, () => 0);
    const branches = readSealed(disk, length);
    expect(branches?.map((each) => statesIn(each.disk))).toEqual([2n ** 39n, 2n ** 39n]);
    expect(branches?.map((each) => fatesOf(each.disk).length)).toEqual([1, 1]);
  });
});

const noise = (version: number, i: number): number =>
  i === 100 ? 100 + version : (Math.imul(i + 7 * version, 0x9e3779b1) >>> 11) & 255;

/** A record of so many sectors that was written so many times over a synced file of zeros. */
function record(
  sectors: number,
  versions = 1,
  fill = noise,
): { readonly disk: SymbolicDisk; readonly length: number } {
  const disk = testDisk("adversarial");
  const length = 512 * sectors;
  perform(disk, { type: "open", file: "d/wal", create: true, truncate: false }, 0);
  perform(disk, { type: "truncate", file: "d/wal", size: length }, 0);
  perform(disk, { type: "sync", file: "d/wal" }, 0);
  perform(disk, { type: "sync-directory", directory: "d" }, 0);
  for (let version = 1; version <= versions; version++) {
    const body = Uint8Array.from({ length }, (_, i) => fill(version, i));
    perform(disk, { type: "write", file: "d/wal", offset: 0, bytes: sealed(body) }, version);
  }
  return { disk: createSymbolicDisk(createGround(disk, "power"), "power"), length };
}

function readSealed(
  disk: SymbolicDisk,
  length: number,
  whole = (bytes: Uint8Array): string => `whole ${bytes.length}`,
): ReturnType<typeof readSymbolic> {
  const seal = sealOf(length);
  return readSymbolic(
    disk,
    "d/wal",
    0,
    length,
    (bytes) => (mismatchOf(seal, bytes) === 0 ? whole(bytes) : "broken"),
    seal,
  );
}

function statesIn(disk: SymbolicDisk): bigint {
  return fatesOf(disk).reduce((sum, fate) => sum + countStatesOf(disk.ground, fate), 0n);
}

function fatesOf({ factors }: SymbolicDisk): readonly Fate[] {
  return fatesIn(factors, Number.POSITIVE_INFINITY);
}

/** Chains alone: of each the states that agree with what is decided. */
function countStatesOf({ implications }: Ground, fate: Uint8Array): bigint {
  const chains = new Map<number, number>();
  for (const [i, { parts }] of implications.pieces.entries()) {
    const at = parts[0]?.offset ?? 0;
    chains.set(at, (chains.get(at) ?? 0) + (fate[i] === 0 ? 1 : 0));
  }
  return [...chains.values()].reduce((product, open) => product * BigInt(open + 1), 1n);
}

/** The same bytes with their checksum in the first four. */
function sealed(bytes: Uint8Array): Uint8Array {
  const own = bytes.slice();
  new DataView(own.buffer).setUint32(0, crc32(own.subarray(4)), true);
  return own;
}

function sealOf(length: number): Seal {
  return { at: 0, covers: [[4, length]] };
}

function sealedWrites(): fc.Arbitrary<readonly DiskOp[]> {
  const write = fc.record({
    type: fc.constant("write" as const),
    file: fc.constant(INSTALLED),
    offset: fc.constantFrom(0, 300, 8000, 8292),
    bytes: fc
      .tuple(fc.constantFrom(20, 700, 1500), fc.nat(250))
      .map(([length, fill]) => sealed(new Uint8Array(length).fill(fill))),
  });
  const cut = fc.record({
    type: fc.constant("truncate" as const),
    file: fc.constant(INSTALLED),
    size: fc.constantFrom(500, 8000, 9000),
  });
  return fc.array(fc.oneof({ weight: 4, arbitrary: write }, { weight: 1, arbitrary: cut }), {
    minLength: 1,
    maxLength: 4,
  });
}

/** Appends of 600 bytes to a new file whose name is durable. */
function burst(count: number): { readonly disk: SymbolicDisk } {
  const disk = testDisk("adversarial");
  perform(disk, { type: "open", file: "d/wal", create: true, truncate: false }, 0);
  perform(disk, { type: "sync-directory", directory: "d" }, 0);
  for (let i = 0; i < count; i++) {
    const bytes = new Uint8Array(600).fill(i + 1);
    perform(disk, { type: "write", file: "d/wal", offset: i * 600, bytes }, i);
  }
  return { disk: createSymbolicDisk(createGround(disk, "power"), "power") };
}

function expectSame(disk: Disk, kind: "os" | "power", asked: readonly Question[]): void {
  const ground = createGround(disk, kind);
  const { pieces } = ground.implications;
  if (pieces.length > 12) return;
  const leaves = answersOf(createSymbolicDisk(ground, kind), asked);
  const seen = new Set<number>();
  for (const mask of closedMasks(ground.implications)) {
    const real = cloneDisk(disk);
    const effects = pieces.filter((_, i) => mask[i] === 1).map(({ sequence }) => sequence);
    crash(real, kind, { type: "chosen", effects });
    const own = leaves.flatMap((leaf) =>
      fatesOf(leaf.disk)
        .filter((fate) => fate.every((each, i) => each === 0 || (each === 1) === (mask[i] === 1)))
        .map(() => leaf),
    );
    expect(own).toHaveLength(1);
    expect(own[0]?.answers).toEqual(asked.map((question) => answer(real, question)));
    seen.add(leaves.indexOf(own[0] as Leaf));
  }
  expect(seen.size).toBe(leaves.length);
  for (const leaf of leaves) {
    for (const fate of fatesOf(leaf.disk)) {
      for (const which of ["least", "most"] as const) {
        const real = cloneDisk(disk);
        crash(real, kind, { type: "chosen", effects: stateOf(ground, fate, which) });
        expect(leaf.answers).toEqual(asked.map((question) => answer(real, question)));
      }
    }
  }
}

interface Leaf {
  readonly disk: SymbolicDisk;
  readonly answers: readonly unknown[];
}

function answersOf(disk: SymbolicDisk, asked: readonly Question[]): readonly Leaf[] {
  let leaves: Leaf[] = [{ disk, answers: [] }];
  for (const question of asked) {
    leaves = leaves.flatMap((leaf) => {
      const branches = isReading(question)
        ? readSymbolic(
            leaf.disk,
            question.file,
            question.offset,
            question.length,
            takenBy(question),
            question.type === "sealed" ? sealOf(question.length) : null,
          )
        : performSymbolic(leaf.disk, question);
      if (branches === null) throw new Error("too many states");
      return branches.map(
        (branch): Leaf => ({
          disk: branch.disk,
          answers: [
            ...leaf.answers,
            "value" in branch.answer ? plain(branch.answer) : branch.answer,
          ],
        }),
      );
    });
  }
  return leaves;
}

function answer(disk: Disk, question: Question): unknown {
  if (!isReading(question)) return perform(disk, question, 0);
  const { file, offset, length } = question;
  const result = readRange(disk, file, offset, length);
  const as = takenBy(question);
  if (!result.ok) return { value: null, errno: result.errno === "ENOENT" ? null : result.errno };
  return plain({ value: as === null ? result.bytes : as(result.bytes), errno: null });
}

function plain({ value, errno }: { readonly value: unknown; readonly errno: unknown }): unknown {
  return { value: value instanceof Uint8Array ? [...value].join() : value, errno };
}

function isReading(question: Question): question is Reading {
  return question.type === "read" || question.type === "sum" || question.type === "sealed";
}

function takenBy(question: Reading): ((bytes: Uint8Array) => unknown) | null {
  if (question.type === "sealed") return (bytes) => sealedText(bytes, question.length);
  if (question.type !== "sum") return null;
  return (bytes) => bytes.reduce((sum, byte) => sum ^ byte, bytes.length) % 4;
}

function sealedText(bytes: Uint8Array, length: number): string {
  if (bytes.length < length) return `short: ${bytes.length}`;
  return mismatchOf(sealOf(length), bytes) === 0 ? `whole: ${[...bytes].join()}` : "broken";
}

function arm(disk: Disk, fault: Disk["armed"][number]): void {
  disk.armed = [...disk.armed, fault];
}

function questions(): fc.Arbitrary<readonly Question[]> {
  const file = fc.constantFrom<Path>(INSTALLED, "d/b", "e/c");
  const range = {
    file,
    offset: fc.constantFrom(0, 10, 500, 512, 4090, 4096, 8192),
    length: fc.constantFrom(1, 8, 700, 4096, 20_000),
  };
  const reading = fc.record({ type: fc.constantFrom("read" as const, "sum" as const), ...range });
  const doing = histories(1).map(([op]) => op as DiskOp);
  const descriptor = doing.map((op) =>
    "file" in op && typeof op.file === "number" ? { ...op, file: op.file + 2 } : op,
  );
  const one: fc.Arbitrary<Question> = fc.oneof(
    { weight: 3, arbitrary: reading },
    { weight: 2, arbitrary: doing },
    { weight: 1, arbitrary: descriptor as fc.Arbitrary<Question> },
  );
  return fc.array(one, { minLength: 1, maxLength: 5 });
}
