import { describe, expect, it } from "vitest";
import { feed, leader, server, shown, step } from "./notation.testkit.ts";

describe("a leader commits", () => {
  it("an entry of its term once a majority has stored it, itself included", () => {
    const s = leader("s1 t1");
    expect(step(s, "s1 reply t2 yes match=1")).toEqual([]);
    expect(step(s, "s2 reply t2 yes match=1")).toEqual(["apply 1/2"]);
  });

  it("without its own copy when a majority of others has it", () => {
    const s = leader("s1 t1");
    step(s, "s2 reply t2 yes match=1");
    expect(step(s, "s3 reply t2 yes match=1")).toEqual(["apply 1/2"]);
  });

  it("not by its own copy before that is kept: one of the others is no majority", () => {
    const s = leader("s1 t1");
    step(s, "s2 reply t2 yes match=1");
    expect(s.commitIndex).toBe(0);
  });

  it("with three of five, not with two", () => {
    const s = leader("s1 t1 of=5");
    for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=1`);
    expect(s.commitIndex).toBe(0);
    step(s, "s3 reply t2 yes match=1");
    expect(s.commitIndex).toBe(1);
  });

  it("not an entry of an earlier term by counting, though it is on a majority (Figure 8, c)", () => {
    const s = leader("s1 t3 log=1,2");
    for (const voter of ["s1", "s2", "s3"]) step(s, `${voter} reply t4 yes match=2`);
    expect(shown(s)).toBe("t4 leader vote=s1 commit=0 log=1,2,4");
  });

  it("entries of earlier terms together with one of its own that follows them (Figure 8, e)", () => {
    const s = leader("s1 t3 log=1,2");
    step(s, "s1 reply t4 yes match=3");
    expect(step(s, "s2 reply t4 yes match=3")).toEqual(["apply 1/1", "apply 2/2", "apply 3/4"]);
  });

  it("nothing by replies of an earlier term", () => {
    const s = leader("s1 t3 log=1");
    for (const voter of ["s1", "s2", "s3"]) step(s, `${voter} reply t3 yes match=2`);
    expect(s.commitIndex).toBe(0);
  });

  it("nothing by what it knew of others when it led before", () => {
    const s = leader("s1 t1 log=1,1,1");
    step(s, "s2 reply t2 yes match=4");
    step(s, "s3 AppendEntries t3 prev=3/1 log=3");
    step(s, "election");
    for (const voter of ["s2", "s3"]) step(s, `${voter} vote t4 yes`);
    step(s, "s1 reply t4 yes match=5");
    step(s, "s3 reply t4 yes match=3");
    expect(s.commitIndex).toBe(0);
    step(s, "s3 reply t4 yes match=5");
    expect(s.commitIndex).toBe(5);
  });

  it("nothing by refusals", () => {
    const s = leader("s1 t1");
    for (const voter of ["s2", "s3"]) step(s, `${voter} reply t2 no conflict=1/-`);
    expect(s.commitIndex).toBe(0);
  });

  it("nothing back: a late reply with less changes nothing", () => {
    const s = leader("s1 t1 log=1,1");
    for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=3`);
    step(s, "s2 reply t2 yes match=1");
    expect(s.commitIndex).toBe(3);
  });

  it("nothing beyond its log, whatever it is told", () => {
    const s = leader("s1 t1");
    for (const voter of ["s2", "s3"]) step(s, `${voter} reply t2 yes match=7`);
    expect(s.commitIndex).toBe(0);
  });
});

describe("a follower commits", () => {
  it("what the leader has committed, and applies it in order", () => {
    expect(step(server("s1 t1"), "s2 AppendEntries t1 prev=0/0 log=1,1 commit=2")).toEqual([
      "append 1/1,2/1",
      "apply 1/1",
      "apply 2/1",
      "to s2: AppendEntriesReply yes t1 match=2 owes t1 vote=- log=2/1",
    ]);
  });

  it("no further than the entries that the message vouches for", () => {
    const s = server("s1 t3 log=1,1,2");
    step(s, "s2 AppendEntries t3 prev=2/1 commit=3");
    expect(s.commitIndex).toBe(2);
  });

  it("nothing by a message that it refuses", () => {
    const s = server("s1 t3 log=1,1,2");
    step(s, "s2 AppendEntries t3 prev=3/3 commit=3");
    expect(s.commitIndex).toBe(0);
  });

  it("each entry once", () => {
    const s = server("s1 t1");
    step(s, "s2 AppendEntries t1 prev=0/0 log=1 commit=1");
    expect(step(s, "s2 AppendEntries t1 prev=0/0 log=1,1 commit=2")).toContain("apply 2/1");
    expect(s.lastApplied).toBe(2);
  });
});

it("applies at its start what storage knows to be committed", () => {
  expect(feed(server("s1 t1 log=1,1 commit=1"), { type: "start" })).toEqual(["apply 1/1"]);
});
