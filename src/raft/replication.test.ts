import { describe, expect, it } from "vitest";
import { entriesFrom } from "./log.ts";
import { ask, effectsOf, leader, sent, server, shown, step } from "./notation.testkit.ts";
import type { Input } from "./protocol.ts";
import type { ReferenceServer } from "./reference-server.ts";
import type { Message } from "./types.ts";

describe("a follower that is sent entries", () => {
  it("keeps them before it accepts them, and owes its log up to the last", () => {
    expect(step(server("s1 t2 log=1"), "s2 AppendEntries t2 prev=1/1 log=2,2")).toEqual([
      "append 2/2,3/2",
      "to s2: AppendEntriesReply yes t2 match=3 owes t2 vote=- log=3/2",
    ]);
  });

  it("keeps a new term before all", () => {
    expect(step(server("s1 t1 vote=s1"), "s2 AppendEntries t2 prev=0/0 log=2")).toEqual([
      "keep t2 vote=-",
      "append 1/2",
      "to s2: AppendEntriesReply yes t2 match=1 owes t2 vote=- log=1/2",
    ]);
  });

  it("refuses a leader of an earlier term", () => {
    expect(step(server("s1 t3 log=1"), "s2 AppendEntries t2 prev=1/1 log=2")).toEqual([
      "to s2: AppendEntriesReply no t3 owes t3 vote=-",
    ]);
  });

  it("knows its leader from then on", () => {
    const s = server("s1 t2");
    step(s, "s3 AppendEntries t2 prev=0/0");
    expect(s.leader).toBe("s3");
  });
});

describe("log matching", () => {
  it("refuses what does not follow on: the log ends before", () => {
    expect(step(server("s1 t2 log=1,1"), "s2 AppendEntries t2 prev=5/2 log=2")).toEqual([
      "to s2: AppendEntriesReply no t2 conflict=3/- owes t2 vote=-",
    ]);
  });

  it("refuses what does not follow on: another term is there, and names where that term begins", () => {
    expect(step(server("s1 t5 log=1,2,2,2,3"), "s2 AppendEntries t5 prev=4/4 log=5")).toEqual([
      "to s2: AppendEntriesReply no t5 conflict=2/2 owes t5 vote=-",
    ]);
  });

  it("cuts a conflicting entry and all that follow it", () => {
    const s = server("s1 t3 log=1,2,2,2");
    expect(step(s, "s2 AppendEntries t3 prev=1/1 log=3")).toEqual([
      "cut from 2",
      "append 2/3",
      "to s2: AppendEntriesReply yes t3 match=2 owes t3 vote=- log=2/3",
    ]);
    expect(shown(s)).toBe("t3 follower commit=0 log=1,3");
  });

  it("cuts at the conflict and not before", () => {
    expect(step(server("s1 t3 log=1,1,2,2"), "s2 AppendEntries t3 prev=1/1 log=1,3,3")).toEqual([
      "cut from 3",
      "append 3/3,4/3",
      "to s2: AppendEntriesReply yes t3 match=4 owes t3 vote=- log=4/3",
    ]);
  });

  it("takes nothing away for a message that is merely old: the entries that follow agree", () => {
    const s = server("s1 t2 log=1,2,2,2");
    expect(step(s, "s2 AppendEntries t2 prev=1/1 log=2")).toEqual([
      "to s2: AppendEntriesReply yes t2 match=2 owes t2 vote=- log=2/2",
    ]);
    expect(shown(s)).toBe("t2 follower commit=0 log=1,2,2,2");
  });

  it("accepts a heartbeat for what it proves, not for all that the log holds", () => {
    const [reply] = step(server("s1 t3 log=1,2,2"), "s2 AppendEntries t3 prev=1/1");
    expect(reply).toBe("to s2: AppendEntriesReply yes t3 match=1 owes t3 vote=- log=1/1");
  });

  it("adds only what is new when entries arrive twice", () => {
    const s = server("s1 t2");
    step(s, "s2 AppendEntries t2 prev=0/0 log=1,1");
    expect(step(s, "s2 AppendEntries t2 prev=0/0 log=1,1,2")[0]).toBe("append 3/2");
  });

  it("takes entries below its base for what they are: compacted, so committed", () => {
    const s = server("s1 t3 base=4/2 log=3");
    expect(step(s, "s2 AppendEntries t3 prev=2/1 log=1,2,3,3")[0]).toBe("append 6/3");
  });

  it("does not cut what is committed, and says so", () => {
    const s = server("s1 t2 log=1,1 commit=2");
    expect(step(s, "s2 AppendEntries t2 prev=0/0 log=2")).toEqual(["error COMMITTED_CONFLICT"]);
    expect(shown(s)).toBe("t2 follower commit=2 log=1,1");
  });
});

describe("a leader", () => {
  it("does not follow another that claims its term", () => {
    const s = leader("s1 t1");
    expect(step(s, "s2 AppendEntries t2 prev=0/0")).toEqual(["notice"]);
    expect(s.role).toBe("leader");
  });

  it("follows a leader of a later term", () => {
    const s = leader("s1 t1");
    step(s, "s2 AppendEntries t3 prev=0/0");
    expect([s.role, s.leader, s.currentTerm]).toEqual(["follower", "s2", 3]);
  });

  it("learns of a later term from a refusal", () => {
    const s = leader("s1 t1");
    expect(step(s, "s2 reply t4 no conflict=")).toEqual(["keep t4 vote=-"]);
    expect(s.role).toBe("follower");
  });

  it("sends heartbeats without entries to those it has not heard of", () => {
    expect(step(leader("s1 t1 log=1"), "heartbeat")).toEqual([
      "to s2: AppendEntries t2 prev=1/1 commit=0",
      "to s3: AppendEntries t2 prev=1/1 commit=0",
    ]);
  });

  it("tells the commit index with each heartbeat", () => {
    const s = leader("s1 t1");
    for (const voter of ["s1", "s2"]) step(s, `${voter} reply t2 yes match=1`);
    expect(step(s, "heartbeat")[0]).toBe("to s2: AppendEntries t2 prev=1/2 commit=1");
  });

  it("sends entries at once to those who are close, without waiting for replies", () => {
    const s = leader("s1 t1");
    step(s, "s2 reply t2 yes match=1");
    ask(s, "write a");
    expect(sent(ask(s, "write b"))).toContain("to s2: AppendEntries t2 prev=2/2 commit=0 log=3/2");
  });

  it("sends nothing but heartbeats to those it still probes", () => {
    expect(sent(ask(leader("s1 t1"), "write a"))).toEqual([
      "to s1: AppendEntriesReply yes t2 match=2 owes t2 vote=s1 log=2/2",
    ]);
  });

  it("steps back by a whole term of the follower's at a refusal", () => {
    const s = leader("s1 t8 log=1,1,1,4,4,5,5,6,6,6");
    expect(step(s, "s2 reply t9 no conflict=4/2")).toEqual([
      "to s2: AppendEntries t9 prev=3/1 commit=0 log=4/4,5/4,6/5,7/5,8/6,9/6,10/6,11/9",
    ]);
  });

  it("steps back to its own last entry of the follower's term, if it has any", () => {
    const s = leader("s1 t8 log=1,1,1,4,4,5,5,6,6,6");
    expect(step(s, "s2 reply t9 no conflict=4/4")[0]).toMatch(/prev=5\/4/);
  });

  it("steps back to the end of a short log", () => {
    const s = leader("s1 t8 log=1,1,1,4,4,5,5,6,6,6");
    expect(step(s, "s2 reply t9 no conflict=5/-")[0]).toMatch(/prev=4\/4/);
  });

  it("lets a refusal of an older probe be", () => {
    const s = leader("s1 t8 log=1,1,1,4,4,5,5,6,6,6");
    step(s, "s2 reply t9 no conflict=2/-");
    expect(step(s, "s2 reply t9 no conflict=5/-")).toEqual([]);
  });

  it("never steps back into what it has compacted", () => {
    const s = leader("s1 t2 base=4/1 log=2");
    expect(step(s, "s2 reply t3 no conflict=1/-")[0]).toMatch(/prev=4\/1/);
  });

  it("sends a long log in windows, the next when one is accepted", () => {
    const s = leader("s1 t1 log=1,1,1,1 max=2");
    const first = step(s, "s2 reply t2 no conflict=1/-");
    const second = step(s, "s2 reply t2 yes match=2");
    expect([...first, ...second]).toEqual([
      "to s2: AppendEntries t2 prev=0/0 commit=0 log=1/1,2/1",
      "to s2: AppendEntries t2 prev=2/1 commit=0 log=3/1,4/1",
    ]);
  });

  it("does not think more of a follower than its own log holds", () => {
    const s = leader("s1 t1");
    step(s, "s2 reply t2 yes match=99");
    expect(step(s, "heartbeat")[0]).toBe("to s2: AppendEntries t2 prev=1/2 commit=0");
  });

  it("repairs every log of Figure 7 with a refusal for each term that is wrong", () => {
    const leaderLog = "1,1,1,4,4,5,5,6,6,6";
    const refusals = (log: string) => refusalsUntilRepaired(`s1 t8 log=${leaderLog}`, log);
    expect({
      a: refusals("1,1,1,4,4,5,5,6,6"),
      b: refusals("1,1,1,4"),
      c: refusals(`${leaderLog},6`),
      d: refusals(`${leaderLog},7,7`),
      e: refusals("1,1,1,4,4,4,4"),
      f: refusals("1,1,1,2,2,2,3,3,3,3,3"),
    }).toEqual({ a: 1, b: 1, c: 0, d: 0, e: 2, f: 2 });
  });
});

/** How often the follower refuses before its log is the leader's. */
function refusalsUntilRepaired(leaderNotation: string, log: string): number {
  const s1 = leader(leaderNotation);
  const s2 = server(`s2 t8 log=${log}`);
  let refusals = 0;
  let messages = handedOut(s1, { type: "alarm", alarm: "heartbeat" });
  while (messages.length > 0) {
    const replies = messages
      .filter(({ to }) => to === "s2")
      .flatMap((message) => handedOut(s2, { type: "receive", message }));
    refusals += replies.filter(({ success }) => success === false).length;
    messages = replies.flatMap((message) => handedOut(s1, { type: "receive", message }));
  }
  expect(entriesFrom(s2.log, 1)).toEqual(entriesFrom(s1.log, 1));
  return refusals;
}

function handedOut(subject: ReferenceServer, input: Input): Message[] {
  return effectsOf(subject, input).flatMap((effect) =>
    effect.type === "send" ? [effect.message] : [],
  );
}
