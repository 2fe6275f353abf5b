import { expect, it } from "vitest";
import { layer, server } from "#ui/frames.testkit.ts";
import { layerRows } from "./layers.ts";

const lagging = (rows: ReturnType<typeof layerRows>, name: string) =>
  rows
    .find((row) => row.name === name)
    ?.cells.filter(({ lags }) => lags)
    .map(({ field }) => field);

const writing = server("A", {
  memory: layer("t2 vB 44/2 c43"),
  written: layer("44/2 c42"),
  durable: layer("42/1 c42"),
});

it("marks what a power loss would take, layer by layer", () => {
  const rows = layerRows(writing, "on");
  expect(lagging(rows, "memory")).toEqual([]);
  expect(lagging(rows, "written")).toEqual(["term", "vote", "commit"]);
  expect(lagging(rows, "durable")).toEqual(["term", "vote", "log", "commit"]);
});

it("tells how far the state machine of each layer has come, where one is kept", () => {
  const applied = (rows: ReturnType<typeof layerRows>) => rows.map((row) => row.applied);
  const kept = server("A", { lastApplied: 4, written: { ...layer(""), keptTo: 3 } });
  expect(applied(layerRows(kept, "on"))).toEqual(["4", "3", "—"]);
  expect(applied(layerRows(server("A"), "on"))).toEqual([null, null, null]);
});

it("shows no term that only the log tells, and calls it lost once memory has a newer one", () => {
  const durable = { ...layer("t5 v- 42/5 c42"), isTermFromLog: true };
  const shown = (memory: string) => {
    const cells = layerRows(server("A", { memory: layer(memory), durable }), "on")[2]?.cells ?? [];
    return cells.slice(0, 2).map(({ text, lags }) => [text, lags]);
  };
  expect(shown("t5 v- 42/5 c42")).toEqual([
    ["—", false],
    ["—", false],
  ]);
  expect(shown("t6 vA 42/5 c42")).toEqual([
    ["—", true],
    ["—", true],
  ]);
});

it("does not call a commit index lost that is never kept", () => {
  const rows = layerRows(
    server("A", { memory: layer("t1 v- 1/1 c1"), durable: layer("t1 v- 1/1") }),
    "on",
  );
  expect(lagging(rows, "durable")).toEqual([]);
});

it("of a record tells what is in memory alone", () => {
  const rows = layerRows(server("A", { memory: layer("t1 v- 1/1 c1") }), "on", true);
  expect(rows.map(({ name, isUntold }) => [name, isUntold])).toEqual([
    ["memory", false],
    ["written", true],
    ["durable", true],
  ]);
});

it("says of files that a server would refuse why it would", () => {
  const refused = { ...layer(""), refused: "the checksum does not match" };
  const rows = layerRows(server("A", { durable: refused }), "on");
  expect(rows.map((row) => row.refused)).toEqual([null, null, "the checksum does not match"]);
});

it.each([
  ["power loss", "off", "down", ["durable"]],
  ["process crash", "on", "down", ["written", "durable"]],
  ["running process", "on", "up", ["memory", "written", "durable"]],
] as const)("leaves the layers that a %s leaves", (_, power, process, left) => {
  const rows = layerRows(server("A", { process }), power);
  expect(rows.filter(({ present }) => present).map(({ name }) => name)).toEqual(left);
});
