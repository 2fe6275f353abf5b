import fc from "fast-check";
import { expect, it } from "vitest";
import { frame, tombstone } from "./frames.testkit.ts";
import { logMatrix, type MatrixCell, scrollBy } from "./matrix.ts";

const TAIL = { last: null, width: 10 };

it("puts the logs side by side under shared indices", () => {
  const { columns, rows } = logMatrix(frame(["A leader log=1@1,2@1", "B follower log=1@1"]), TAIL);
  expect(columns.map(({ index }) => index)).toEqual([1, 2]);
  expect(rows.map(({ cells }) => cells.map(inWords))).toEqual([
    ["1 of term 1", "2 of term 1"],
    ["1 of term 1", "none"],
  ]);
});

it("flags an index at which servers hold different entries", () => {
  const { columns, rows } = logMatrix(
    frame(["A leader log=1@1:x,2@1:y", "B follower log=1@1:x,2@2:y", "C follower log=1@1:x"]),
    TAIL,
  );
  expect(columns.map(({ differs }) => differs)).toEqual([false, true]);
  expect(rows[0]?.cells[1]?.entry?.differs).toBe(true);
});

it("flags different commands under one index and term", () => {
  const { columns } = logMatrix(frame(["A leader log=1@1:x", "B follower log=1@1:y"]), TAIL);
  expect(columns[0]?.differs).toBe(true);
});

it("does not call a log different that is merely shorter", () => {
  const { columns } = logMatrix(frame(["A leader log=1@1,2@1", "B follower log=1@1"]), TAIL);
  expect(columns.some(({ differs }) => differs)).toBe(false);
});

it("passes on what is durable, committed and applied", () => {
  const { rows } = logMatrix(frame(["A leader log=1@1,2@1~,3@1? commit=2 applied=1"]), TAIL);
  expect(
    rows[0]?.cells.map(({ entry }) => [entry?.durability, entry?.committed, entry?.applied]),
  ).toEqual([
    ["durable", true, true],
    ["written", true, false],
    ["memory", false, false],
  ]);
});

it("shows a tombstone beside the entry that took its place, and where nothing did", () => {
  const lost = ["C 2@1:x", "C 3@1:y"].map(tombstone);
  const { rows, last } = logMatrix(frame(["C follower log=1@1,2@2"], { tombstones: lost }), TAIL);
  expect(last).toBe(3);
  expect(rows[0]?.cells[1]).toMatchObject({ entry: { term: 2 }, tombstones: [{ text: "x" }] });
  expect(rows[0]?.cells[2]).toMatchObject({
    entry: null,
    absent: "none",
    tombstones: [{ text: "y" }],
  });
});

it("says whether an entry is compacted, not in the frame, or not there", () => {
  const { rows } = logMatrix(
    frame(["A leader log=1@1,2@1,3@1,4@1", "B follower first=3 log=3@1", "C follower log=3@1"]),
    TAIL,
  );
  expect(rows.map(({ cells }) => cells.map(inWords))).toEqual([
    ["1 of term 1", "2 of term 1", "3 of term 1", "4 of term 1"],
    ["compacted", "compacted", "3 of term 1", "none"],
    ["not-shown", "not-shown", "3 of term 1", "none"],
  ]);
});

it("gives terms of one hue a pattern when both are in the window", () => {
  const { rows } = logMatrix(frame(["A leader log=1@2,2@8"]), TAIL);
  const [one, other] = rows[0]?.cells.map(({ entry }) => entry?.style) ?? [];
  expect(one?.hue).toBe(other?.hue);
  expect(one?.pattern).not.toBe(other?.pattern);
});

it("is empty when there is nothing", () => {
  expect(logMatrix(frame(["A down", "B down"]), TAIL)).toMatchObject({ columns: [], highest: 0 });
});

it("follows the tail, or stands where it was put", () => {
  const long = frame([`A leader log=${Array.from({ length: 30 }, (_, at) => `${at + 1}@1`)}`]);
  expect(logMatrix(long, { last: null, width: 5 })).toMatchObject({ first: 26, last: 30 });
  expect(logMatrix(long, { last: 12, width: 5 })).toMatchObject({ first: 8, last: 12 });
});

it("never leaves the room it has, and fills it", () => {
  fc.assert(
    fc.property(
      fc.nat(30),
      fc.option(fc.integer({ min: -5, max: 50 })),
      fc.nat(12),
      (n, last, width) => {
        const log = Array.from({ length: n }, (_, at) => `${at + 1}@1`).join(",");
        const matrix = logMatrix(frame([n === 0 ? "A leader" : `A leader log=${log}`]), {
          last,
          width,
        });
        expect(matrix.columns).toHaveLength(Math.min(n, Math.max(1, width)));
        for (const { index } of matrix.columns) {
          expect(index).toBeGreaterThanOrEqual(matrix.lowest);
          expect(index).toBeLessThanOrEqual(matrix.highest);
        }
      },
    ),
  );
});

it("follows the tail again once it is scrolled back to it", () => {
  const log = Array.from({ length: 30 }, (_, at) => `${at + 1}@1`).join(",");
  const matrix = logMatrix(frame([`A leader log=${log}`]), { last: null, width: 5 });
  const back = scrollBy(matrix, -10);
  expect(back).toBe(20);
  const there = logMatrix(frame([`A leader log=${log}`]), { last: back, width: 5 });
  expect(scrollBy(there, 100)).toBeNull();
  expect(scrollBy(there, -100)).toBe(5);
});

function inWords({ entry, absent }: MatrixCell): string {
  return entry ? `${entry.index} of term ${entry.term}` : (absent ?? "neither");
}
