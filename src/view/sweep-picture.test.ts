import { describe, expect, it } from "vitest";
import { server } from "./frames.testkit.ts";
import { outcome } from "./sweep.testkit.ts";
import { pictureOf, pictureText, type ServerPicture } from "./sweep-picture.ts";

describe("the log after the boot, beside the one in memory", () => {
  it("tells what is kept, lost, changed, and what came back", () => {
    const picture = pictured("B t6 log=1@1,2@4,4@6", "B t6 log=1@1,2@2,3@2");
    expect(cells(picture)).toBe("1@1 kept, 2@4 changed, 3@2 lost, 4@6 risen");
    expect(picture.counts).toEqual({ kept: 1, lost: 1, changed: 1, risen: 1 });
  });

  it("shows the last entries, and counts those before", () => {
    const picture = pictured("B log=1-30@1", "B log=28@1,29@1,30@1,31@1", 3);
    expect(cells(picture)).toBe("29@1 kept, 30@1 kept, 31@1 lost");
    expect(picture.earlier).toBe(28);
  });

  it("is all lost when nothing came back", () => {
    expect(cells(pictured("B", "B log=1@1,2@1"))).toBe("1@1 lost, 2@1 lost");
  });

  it("ends somewhere, whatever garbage says", () => {
    const picture = pictured("B log=1-4000000000@1", "B log=1@1", 5);
    expect(picture.cells).toHaveLength(5);
  });
});

describe("term and vote", () => {
  it("are lost when they are older than what the server believed", () => {
    const { term, vote } = pictured("B t5", "B follower t6 vote=A");
    expect(term).toEqual({ value: 5, was: 6, fate: "lost" });
    expect(vote).toEqual({ value: null, was: "A", fate: "lost" });
  });

  it("are kept when they are what it believed, and changed when they are neither", () => {
    expect(pictured("B t6 vote=A", "B follower t6 vote=A")).toMatchObject({
      term: { fate: "kept" },
      vote: { fate: "kept" },
    });
    expect(pictured("B t9 vote=C", "B follower t6 vote=A")).toMatchObject({
      term: { fate: "changed" },
      vote: { fate: "changed" },
    });
  });
});

it("a picture in words names what differs from memory, and else what stops the boot", () => {
  expect(pictureText(pictured("B t5 log=1@1", "B follower t6 vote=A log=1@1,2@6"))).toBe(
    "B boots, term 5 (was 6), vote for nobody (was A), entries: 1 kept, 1 lost",
  );
  expect(pictureText(pictured("B fails: a record of size 0", "B t6"))).toBe(
    "B does not boot: a record of size 0",
  );
});

it("there is a picture for each server of the machine", () => {
  const both = outcome("B1 t1; B2 t1");
  expect(pictureOf(both, [server("B1"), server("B2")], 4).map((each) => each.server)).toEqual([
    "B1",
    "B2",
  ]);
});

function pictured(after: string, before: string, width = 10): ServerPicture {
  const [picture] = pictureOf(outcome(after), [server(before)], width);
  if (picture === undefined) throw new Error("there is a picture");
  return picture;
}

function cells({ cells: all }: ServerPicture): string {
  return all.map(({ index, term, fate }) => `${index}@${term} ${fate}`).join(", ");
}
