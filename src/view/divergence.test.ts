import { expect, it } from "vitest";
import { stateTable } from "./divergence.ts";
import { frame } from "./frames.testkit.ts";

it("agrees when all hold the same values", () => {
  const { rows, differing } = table(
    "A leader applied=3 state=x:1@3",
    "B follower applied=3 state=x:1@3",
  );
  expect(rows.map(({ verdict }) => verdict)).toEqual(["same"]);
  expect(differing).toEqual([]);
});

it("differs when servers that applied as much hold different values", () => {
  expect(
    table("A leader applied=45 state=x:1@44", "B follower applied=45 state=x:2@44").differing,
  ).toEqual(["x"]);
});

it("differs when one server skipped an entry that it counts as applied", () => {
  expect(
    table("A leader applied=50 state=x:2@44", "C follower applied=45 state=x:1@40").differing,
  ).toEqual(["x"]);
});

it("is behind, not different, while a server has not applied the newer entry", () => {
  const { rows, differing } = table(
    "A leader applied=50 state=x:2@50",
    "B follower applied=49 state=x:1@40",
  );
  expect(rows[0]?.verdict).toBe("behind");
  expect(differing).toEqual([]);
});

it("is behind while a server does not have a new key yet", () => {
  expect(table("A leader applied=2 state=x:1@2", "B follower applied=1").rows[0]?.verdict).toBe(
    "behind",
  );
});

it("is behind while a server still has a key that the other has deleted since", () => {
  expect(table("A leader applied=5", "B follower applied=4 state=x:1@2").rows[0]?.verdict).toBe(
    "behind",
  );
});

it("differs when a server that applied no more than another lacks what both applied", () => {
  expect(table("A leader applied=5 state=x:1@2", "B follower applied=4").differing).toEqual(["x"]);
});

it("compares three servers pair by pair", () => {
  const { rows } = table(
    "A leader applied=9 state=x:3@9",
    "B follower applied=8 state=x:1@7",
    "C follower applied=8 state=x:2@7",
  );
  expect(rows[0]?.verdict).toBe("differs");
});

it("leaves out servers that are down: they have no state machine", () => {
  const { servers, rows } = table("A leader applied=1 state=x:1@1", "B down");
  expect(servers).toEqual(["A"]);
  expect(rows[0]?.verdict).toBe("same");
});

it("has a row for each key, in order", () => {
  const { rows } = table(
    "A leader applied=3 state=y:1@2,x:1@3",
    "B follower applied=3 state=y:1@2,x:1@3",
  );
  expect(rows.map(({ key }) => key)).toEqual(["x", "y"]);
});

function table(...servers: string[]) {
  return stateTable(frame(servers));
}
