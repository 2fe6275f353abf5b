import { expect, it } from "vitest";
import type { FeedLine, Mark } from "#sim/frame.ts";
import { feedItems, lastItemAt } from "./feed-items.ts";

const line = (step: number, text: string): FeedLine => ({
  sequence: step * 10,
  step,
  time: step,
  server: "A",
  tone: "plain",
  text,
  cause: null,
});
const mark = (step: number, kind: Mark["kind"], text: string): Mark => ({
  step,
  time: step,
  kind,
  server: null,
  text,
});

it("tells a step by its lines once it was shown, and by its marks before", () => {
  const items = feedItems(new Map([[2, [line(2, "A boots")]]]), [
    mark(2, "boot", "boot A"),
    mark(5, "election", "A leads"),
  ]);
  expect(items.map(({ text }) => text)).toEqual(["A boots", "A leads"]);
});

it("keeps a violation beside the lines of its step, for the auditor alone tells it", () => {
  const items = feedItems(new Map([[2, [line(2, "A applies 3")]]]), [mark(2, "violation", "C15")]);
  expect(items.map(({ text }) => text).sort()).toEqual(["A applies 3", "C15"]);
});

it("tells a crash once", () => {
  const items = feedItems(new Map(), [
    mark(2, "action", "power loss: C"),
    mark(2, "crash", "Power lost on C"),
    mark(3, "action", "power on: C"),
  ]);
  expect(items.map(({ text }) => text)).toEqual(["Power lost on C", "power on: C"]);
});

it("finds where the step shown is", () => {
  const items = feedItems(new Map(), [mark(1, "boot", "a"), mark(4, "crash", "b")]);
  expect([0, 1, 3, 4, 9].map((step) => lastItemAt(items, step))).toEqual([-1, 0, 0, 1, 1]);
});
