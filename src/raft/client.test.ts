import { describe, expect, it } from "vitest";
import { ask, leader, sent, server, step } from "./notation.testkit.ts";

describe("a write", () => {
  it("becomes an entry, and is answered when that is applied", () => {
    const s = leader("s1 t1");
    expect(ask(s, "write a")[0]).toBe("append 2/2");
    step(s, "s1 reply t2 yes match=2");
    expect(step(s, "s2 reply t2 yes match=2")).toEqual([
      "apply 1/2",
      "apply 2/2",
      "answer a: ok SUCCESS",
    ]);
  });

  it("is refused by a follower, which names the leader", () => {
    const s = server("s1 t1");
    expect(ask(s, "write a")).toEqual(["answer a: failed NOT_LEADER"]);
  });

  it("is refused by a candidate", () => {
    const s = server("s1 t1");
    step(s, "election");
    expect(ask(s, "write a")).toEqual(["answer a: failed NOT_LEADER"]);
  });

  it("may or may not have happened when leadership is lost before it is committed", () => {
    const s = leader("s1 t1");
    ask(s, "write a");
    expect(step(s, "s2 vote t9 no")).toEqual([
      "keep t9 vote=-",
      "answer a: unknown LEADERSHIP_LOST",
    ]);
  });

  it("is answered once, also when its entry is applied under another leader later", () => {
    const s = leader("s1 t1");
    ask(s, "write a");
    step(s, "s2 vote t9 no");
    expect(step(s, "s2 AppendEntries t9 prev=2/2 commit=2").slice(0, 2)).toEqual([
      "apply 1/2",
      "apply 2/2",
    ]);
  });
});

describe("a retry with the same id", () => {
  it("joins the entry that waits", () => {
    const s = leader("s1 t1");
    ask(s, "write a");
    expect(ask(s, "write a")).toEqual([]);
  });

  it("is answered again when the entry is applied", () => {
    const s = leader("s1 t1");
    ask(s, "write a");
    for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=2`);
    expect(ask(s, "write a")).toEqual(["answer a: ok SUCCESS"]);
  });

  it("is remembered for a bounded number of operations", () => {
    const s = leader("s1 t1");
    for (let count = 2; count <= 1000; count++) {
      ask(s, `write op${count}`);
      for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=${count}`);
    }
    expect(s.placed.size).toBeLessThan(300);
    expect(ask(s, "write op1000")).toEqual(["answer op1000: ok SUCCESS"]);
  });
});

describe("a compare-and-set", () => {
  it("is an entry like a write, answered with what is there after it", () => {
    const s = leader("s1 t1");
    expect(ask(s, "set-if a")[0]).toBe("append 2/2");
    step(s, "s1 reply t2 yes match=2");
    expect(step(s, "s2 reply t2 yes match=2").at(-1)).toBe("answer a: ok SUCCESS with x");
  });
});

describe("a read", () => {
  it("is no entry: it asks a majority who leads", () => {
    const s = leader("s1 t1");
    for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=1`);
    expect(sent(ask(s, "read r"))).toEqual([
      "to s2: AppendEntries t2 prev=1/2 commit=1",
      "to s3: AppendEntries t2 prev=0/0 commit=1",
    ]);
    expect(step(s, "s3 reply t2 yes match=1 round=1")).toEqual(["answer r: ok SUCCESS with x"]);
  });

  it("is not answered by replies to rounds before it", () => {
    const s = leader("s1 t1");
    for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=1`);
    ask(s, "read r1");
    ask(s, "read r2");
    expect(step(s, "s3 reply t2 yes match=1 round=1")).toEqual(["answer r1: ok SUCCESS with x"]);
  });

  it("waits until the leader's first entry is committed: before that it cannot know what is", () => {
    const s = leader("s1 t1 log=1");
    ask(s, "read r");
    expect(sent(step(s, "s3 reply t2 yes match=1 round=1"))).toHaveLength(1);
    expect(s.reads).toHaveLength(1);
    step(s, "s1 reply t2 yes match=2");
    expect(step(s, "s3 reply t2 yes match=2 round=1").at(-1)).toBe("answer r: ok SUCCESS with x");
  });

  it("takes a follower's refusal of entries for a sign that it still follows", () => {
    const s = leader("s1 t1");
    for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=1`);
    ask(s, "read r");
    expect(step(s, "s3 reply t2 no conflict=1/- round=1")).toContain("answer r: ok SUCCESS with x");
  });

  it("did not happen when leadership is lost", () => {
    const s = leader("s1 t1");
    ask(s, "read r");
    expect(step(s, "s2 vote t9 no")).toContain("answer r: failed NOT_LEADER");
  });

  it("is answered at once in a cluster of one, when all is applied", () => {
    const s = leader("s1 t1 of=1");
    step(s, "s1 reply t2 yes match=1");
    expect(ask(s, "read r")).toEqual(["answer r: ok SUCCESS with x"]);
  });

  it("is refused by a follower", () => {
    expect(ask(server("s1 t1"), "read r")).toEqual(["answer r: failed NOT_LEADER"]);
  });
});
