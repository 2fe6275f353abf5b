import { expect, it } from "vitest";
import type { Mark } from "./frame.ts";
import type { Happening } from "./observation.ts";
import { addMark, createOutline, observeOutline, outlineOf } from "./outline.ts";
import {
  answers,
  appends,
  applies,
  becomes,
  boots,
  commits,
  cuts,
  enters,
  loses,
  recovers,
  trace,
} from "./trace.testkit.ts";

it("has the time of each step, the moment before the first one included", () => {
  const { steps, times } = outline([boots("A")], [], [boots("B")]);
  expect(steps).toBe(4);
  expect([...times]).toEqual([0, 1000, 1000, 3000]);
});

it("grows with a long run", () => {
  const { times } = outline(...Array.from({ length: 1000 }, () => [boots("A")]));
  expect(times).toHaveLength(1001);
  expect(times[1000]).toBe(1_000_000);
});

it("is not changed by what is observed later", () => {
  const builder = createOutline();
  const [one, two] = trace([boots("A")], [boots("B")]);
  if (one) observeOutline(builder, one);
  const early = outlineOf(builder);
  if (two) observeOutline(builder, two);
  expect(early).toMatchObject({ steps: 2, marks: [{ text: "A is switched on" }] });
});

it("marks boots, crashes, elections, truncations, answers, actions and the story", () => {
  const { marks } = outline(
    [boots("A")],
    [recovers("A")],
    [becomes("A", "candidate"), becomes("A", "leader", "candidate")],
    [cuts("A", "1@1:x=1")],
    [answers("w", "A", "x=1", "1@1")],
    [{ type: "action", text: "cut the power of A" }, loses("A", 2)],
    [{ type: "narration", text: "Everything is gone." }],
  );
  expect(marks.map(({ step, kind, server }) => [step, kind, server])).toEqual([
    [1, "boot", "A"],
    [3, "election", "A"],
    [4, "truncate", "A"],
    [5, "client", "A"],
    [6, "action", null],
    [6, "crash", "A"],
    [7, "story", null],
  ]);
});

it("says in the mark of a truncation that it cut applied entries", () => {
  const { marks } = outline(
    [recovers("A"), appends("A", "1@1:x=1"), ...applies("A", "1@1:x=1")],
    [cuts("A", "1@1:x=1")],
  );
  expect(marks.at(-1)?.text).toBe("A cut entry 1 of term 1, already applied");
});

it("marks what a leader committed of its clients where it committed it", () => {
  const { marks } = outline(
    [recovers("A"), becomes("A", "leader")],
    [commits("A", 0, 2)],
    [...applies("A", "1@1 2@1:x=1")],
  );
  expect(marks.filter(({ kind }) => kind === "commit")).toEqual([
    { step: 2, time: 2000, kind: "commit", server: "A", text: "A committed 2: set x = 1" },
  ]);
});

it("makes one mark of one commit of several entries", () => {
  const { marks } = outline(
    [recovers("A"), becomes("A", "leader")],
    [commits("A", 0, 3)],
    [...applies("A", "1@1:x=1 2@1:x=2 3@1:x=3")],
  );
  expect(marks.filter(({ kind }) => kind === "commit").map(({ text }) => text)).toEqual([
    "A committed 1..3",
  ]);
});

it("marks no commit that a follower merely learned of, nor a leader's no-op", () => {
  const { marks } = outline(
    [recovers("A"), recovers("B"), becomes("A", "leader")],
    [commits("B", 0, 1), ...applies("B", "1@1:x=1")],
    [commits("A", 0, 1), ...applies("A", "1@1")],
  );
  expect(marks.filter(({ kind }) => kind === "commit")).toEqual([]);
});

it("paints the highest term of those who are up, from step to step", () => {
  const { bands } = outline(
    [recovers("A", "t1"), recovers("B", "t1")],
    [enters("A", 2, 1)],
    [enters("B", 2, 1)],
    [enters("B", 5, 2)],
  );
  expect(bands).toEqual([
    { step: 0, term: 0 },
    { step: 1, term: 1 },
    { step: 2, term: 2 },
    { step: 4, term: 5 },
  ]);
});

it("shows terms that collapse when all come back without them", () => {
  const { bands } = outline(
    [recovers("A", "t5"), recovers("B", "t5")],
    [loses("A"), loses("B")],
    [recovers("A", "t0")],
    [recovers("B", "t0")],
  );
  expect(bands).toEqual([
    { step: 0, term: 0 },
    { step: 1, term: 5 },
    { step: 3, term: 0 },
  ]);
});

it("keeps marks in order of steps when one is added late", () => {
  const builder = createOutline();
  for (const seen of trace([boots("A")], [boots("B")], [boots("C")])) observeOutline(builder, seen);
  const violation: Mark = { step: 2, time: 2000, kind: "violation", server: null, text: "C6" };
  addMark(builder, violation);
  expect(outlineOf(builder).marks.map(({ step, kind }) => [step, kind])).toEqual([
    [1, "boot"],
    [2, "boot"],
    [2, "violation"],
    [3, "boot"],
  ]);
});

function outline(...steps: readonly (readonly Happening[])[]) {
  const builder = createOutline();
  for (const seen of trace(...steps)) observeOutline(builder, seen);
  return outlineOf(builder);
}
