import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crash } from "./crash.ts";
import { cloneDisk, type Disk, readRange } from "./disk.ts";
import { createGround, stateOf } from "./ground.ts";
import { crashOptions, histories, INSTALLED, play, testDisk } from "./history.testkit.ts";
import { perform } from "./perform.ts";
import { closedMasks } from "./states.testkit.ts";
import {
  createSymbolicDisk,
  performSymbolic,
  readSymbolic,
  type SymbolicDisk,
} from "./symbolic.ts";
import { type DiskOp, type Path, POLICIES } from "./types.ts";

/** What somebody does with a disk after a crash. */
type Question =
  | { readonly type: "read"; readonly file: Path; readonly offset: number; readonly length: number }
  | { readonly type: "sum"; readonly file: Path; readonly offset: number; readonly length: number }
  | DiskOp;

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

describe("what is not asked is not decided", () => {
  it("a size chain of 32 appends splits in two where only reaching a byte matters", () => {
    const { disk } = burst(32);
    const branches = readSymbolic(disk, "d/wal", 0, 8, (bytes) => bytes.length === 8);
    expect(branches?.map(({ answer }) => answer.value)).toEqual([false, true]);
    expect(branches?.map((each) => each.disk.fates.length)).toEqual([1, 1]);
  });

  it("a read of what no pending piece touches splits nothing", () => {
    const { disk } = burst(32);
    expect(readSymbolic(disk, INSTALLED, 0, 8192, null)).toHaveLength(1);
  });

  it("pieces that give the same value stay undecided", () => {
    const { disk } = burst(4);
    const [branch] = readSymbolic(disk, "d/wal", 600, 600, () => "whatever") ?? [];
    expect(branch?.disk.fates).toEqual([disk.ground.undecided]);
  });

  it("refuses to tell more states apart than it can hold", () => {
    const { disk } = burst(32);
    expect(readSymbolic(disk, "d/wal", 0, 32 * 600, null)).toBeNull();
  });
});

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
    const own = leaves.filter((leaf) =>
      leaf.disk.fates.some((fate) =>
        fate.every((each, i) => each === 0 || (each === 1) === (mask[i] === 1)),
      ),
    );
    expect(own).toHaveLength(1);
    expect(own[0]?.answers).toEqual(asked.map((question) => answer(real, question)));
    seen.add(leaves.indexOf(own[0] as Leaf));
  }
  expect(seen.size).toBe(leaves.length);
  for (const leaf of leaves) {
    for (const fate of leaf.disk.fates) {
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
      const branches =
        question.type === "read" || question.type === "sum"
          ? readSymbolic(
              leaf.disk,
              question.file,
              question.offset,
              question.length,
              takenBy(question),
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
  if (question.type !== "read" && question.type !== "sum") return perform(disk, question, 0);
  const { file, offset, length } = question;
  const result = readRange(disk, file, offset, length);
  const as = takenBy(question);
  if (!result.ok) return { value: null, errno: result.errno === "ENOENT" ? null : result.errno };
  return plain({ value: as === null ? result.bytes : as(result.bytes), errno: null });
}

function plain({ value, errno }: { readonly value: unknown; readonly errno: unknown }): unknown {
  return { value: value instanceof Uint8Array ? [...value].join() : value, errno };
}

function takenBy(question: Question): ((bytes: Uint8Array) => unknown) | null {
  if (question.type !== "sum") return null;
  return (bytes) => bytes.reduce((sum, byte) => sum ^ byte, bytes.length) % 4;
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
