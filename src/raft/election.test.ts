import { describe, expect, it } from "vitest";
import { effectsOf, leader, receive, sent, server, shown, step } from "./notation.testkit.ts";
import type { Effect } from "./protocol.ts";
import { referenceProtocol } from "./reference.ts";
import type { ReferenceServer } from "./reference-server.ts";

describe("a server whose election timer rings", () => {
  it("keeps its new term and its vote for itself before it asks anybody", () => {
    expect(step(server("s1 t2 vote=s2 log=1,2"), "election")).toEqual([
      "keep t3 vote=s1",
      "to s1: RequestVoteReply yes t3 owes t3 vote=s1",
      "to s2: RequestVote t3 last=2/2 owes t3 vote=s1",
      "to s3: RequestVote t3 last=2/2 owes t3 vote=s1",
    ]);
  });

  it("asks again in a further term when nobody won", () => {
    const s = server("s1 t2");
    step(s, "election");
    step(s, "election");
    expect(shown(s)).toBe("t4 candidate vote=s1 commit=0 log=");
  });

  it("does nothing when it leads", () => {
    expect(step(leader("s1 t2"), "election")).toEqual([]);
  });
});

describe("a candidate", () => {
  it("is not elected by the others' refusals", () => {
    const s = candidate("s1 t1");
    for (const each of ["s1 vote t2 yes", "s2 vote t2 no", "s3 vote t2 no"]) step(s, each);
    expect(s.role).toBe("candidate");
  });

  it("does not count its own vote before that is kept: one other vote of three is no majority", () => {
    const s = candidate("s1 t1");
    step(s, "s2 vote t2 yes");
    expect(s.role).toBe("candidate");
    step(s, "s1 vote t2 yes");
    expect(s.role).toBe("leader");
  });

  it("may win by the others' votes alone", () => {
    const s = candidate("s1 t1");
    step(s, "s2 vote t2 yes");
    step(s, "s3 vote t2 yes");
    expect(s.role).toBe("leader");
  });

  it("counts a voter once, however often its vote arrives", () => {
    const s = candidate("s1 t1 of=5");
    for (let copy = 0; copy < 5; copy++) step(s, "s2 vote t2 yes");
    step(s, "s3 vote t2 yes");
    expect(s.role).toBe("candidate");
  });

  it("does not count votes of an earlier term", () => {
    const s = candidate("s1 t1");
    step(s, "election");
    for (const voter of ["s1", "s2", "s3"]) step(s, `${voter} vote t2 yes`);
    expect(s.role).toBe("candidate");
  });

  it("begins each term with no votes, whatever it had in the last", () => {
    const s = candidate("s1 t1 of=5");
    for (const voter of ["s1", "s2"]) step(s, `${voter} vote t2 yes`);
    step(s, "election");
    step(s, "s3 vote t3 yes");
    expect(s.role).toBe("candidate");
  });

  it("does not count votes of strangers", () => {
    const s = candidate("s1 t1");
    for (const voter of ["s7", "s8", "s1"]) step(s, `${voter} vote t2 yes`);
    expect(s.role).toBe("candidate");
  });

  it("follows whoever leads its term", () => {
    const s = candidate("s1 t1");
    step(s, "s2 AppendEntries t2 prev=0/0");
    expect([shown(s), s.leader]).toEqual(["t2 follower vote=s1 commit=0 log=", "s2"]);
  });

  it("stays a candidate when somebody claims to lead an earlier term", () => {
    const s = candidate("s1 t1");
    expect(step(s, "s2 AppendEntries t1 prev=0/0")).toEqual([
      "to s2: AppendEntriesReply no t2 owes t2 vote=s1",
    ]);
    expect(s.role).toBe("candidate");
  });

  it("follows as soon as it hears of a later term", () => {
    const s = candidate("s1 t1");
    step(s, "s2 vote t5 no");
    expect(shown(s)).toBe("t5 follower commit=0 log=");
  });
});

describe("a new leader", () => {
  it("puts an entry of its own term into its log, and sends it to everybody at once", () => {
    const s = candidate("s1 t1 log=1,1");
    step(s, "s2 vote t2 yes");
    expect(step(s, "s3 vote t2 yes")).toEqual([
      "append 3/2",
      "to s1: AppendEntriesReply yes t2 match=3 owes t2 vote=s1 log=3/2",
      "to s2: AppendEntries t2 prev=2/1 commit=0 log=3/2",
      "to s3: AppendEntries t2 prev=2/1 commit=0 log=3/2",
    ]);
  });

  it("is alone in a cluster of one, elects itself and commits", () => {
    const s = server("s1 t0 of=1");
    step(s, "election");
    step(s, "s1 vote t1 yes");
    expect(step(s, "s1 reply t1 yes match=1")).toEqual(["apply 1/1"]);
  });

  it("stops its election timer and starts its heartbeat", () => {
    const s = candidate("s1 t1");
    step(s, "s2 vote t2 yes");
    expect(alarms(s, "s3 vote t2 yes", 1000)).toEqual([
      { type: "alarm", alarm: "election", at: null },
      { type: "alarm", alarm: "heartbeat", at: 51_000 },
    ]);
    expect(s.electionDeadline).toBeNull();
  });
});

describe("a voter", () => {
  it("keeps its vote before it tells it", () => {
    expect(step(server("s1 t1"), "s2 RequestVote t1 last=0/0")).toEqual([
      "keep t1 vote=s2",
      "to s2: RequestVoteReply yes t1 owes t1 vote=s2",
    ]);
  });

  it("keeps a new term, then its vote in it", () => {
    expect(step(server("s1 t1 vote=s1"), "s2 RequestVote t4 last=0/0")).toEqual([
      "keep t4 vote=-",
      "keep t4 vote=s2",
      "to s2: RequestVoteReply yes t4 owes t4 vote=s2",
    ]);
  });

  it("votes once a term: a second candidate is refused", () => {
    expect(step(server("s1 t2 vote=s2 log=1,1,2"), "s3 RequestVote t2 last=3/2")).toEqual([
      "to s3: RequestVoteReply no t2 owes t2 vote=s2",
    ]);
  });

  it("repeats its vote to the candidate that has it already", () => {
    expect(step(server("s1 t2 vote=s2"), "s2 RequestVote t2 last=0/0")).toEqual([
      "to s2: RequestVoteReply yes t2 owes t2 vote=s2",
    ]);
  });

  it("refuses a candidate of an earlier term, and tells its own", () => {
    expect(step(server("s1 t3"), "s2 RequestVote t2 last=9/9")).toEqual([
      "to s2: RequestVoteReply no t3 owes t3 vote=-",
    ]);
  });

  it("refuses a shorter log that ends in the same term", () => {
    expect(answer("s1 t2 log=1,1,2", "last=2/2")).toBe("no");
  });

  it("refuses a longer log that ends in an earlier term", () => {
    expect(answer("s1 t2 log=1,2", "last=9/1")).toBe("no");
  });

  it("votes for an equal log, a longer one of the same term, and a shorter one of a later term", () => {
    expect(answer("s1 t2 log=1,1,2", "last=3/2")).toBe("yes");
    expect(answer("s1 t2 log=1,1,2", "last=4/2")).toBe("yes");
    expect(answer("s1 t4 log=1,1,2", "last=1/3")).toBe("yes");
  });

  it("takes the later term even of a candidate it refuses", () => {
    const s = server("s1 t2 vote=s1 log=2");
    expect(step(s, "s2 RequestVote t3 last=0/0")).toEqual([
      "keep t3 vote=-",
      "to s2: RequestVoteReply no t3 owes t3 vote=-",
    ]);
  });

  it("refuses while it leads the term itself", () => {
    const s = leader("s1 t1");
    expect(step(s, "s2 RequestVote t2 last=9/1")).toEqual([
      "to s2: RequestVoteReply no t2 owes t2 vote=s1",
    ]);
  });
});

describe("the election timer", () => {
  it("starts anew when a vote is granted", () => {
    expect(deadlineAfter("s2 RequestVote t1 last=1/1")).toBe(777_000 + 150_000);
  });

  it("runs on when a vote is refused", () => {
    expect(deadlineAfter("s2 RequestVote t1 last=0/0")).toBe(150_000);
  });

  it("starts anew when the leader of the term is heard", () => {
    expect(deadlineAfter("s2 AppendEntries t1 prev=7/1")).toBe(777_000 + 150_000);
  });

  it("runs on when a leader of an earlier term is heard", () => {
    expect(deadlineAfter("s2 AppendEntries t0 prev=0/0")).toBe(150_000);
  });

  it("runs again when a leader loses its term", () => {
    const s = leader("s1 t1");
    step(s, "s2 vote t9 no");
    expect(s.electionDeadline).toBe(150_000);
  });

  it("is drawn anew in each term, from a cause that names the term", () => {
    const purposes: string[] = [];
    const s = server("s1 t4");
    const context = {
      now: 0,
      emit: () => {},
      choose: (purpose: string, low: number) => {
        purposes.push(purpose);
        return low;
      },
    };
    const ring = { type: "alarm", alarm: "election" } as const;
    for (const input of [{ type: "start" } as const, ring, ring]) {
      referenceProtocol.step(s, input, context);
    }
    expect(purposes).toEqual([4, 5, 6].map((term) => `election-timeout/${term}`));
  });
});

function candidate(notation: string) {
  const s = server(notation);
  step(s, "election");
  return s;
}

/** How the server answers a candidate of its own term whose log ends so. */
function answer(notation: string, last: string): string {
  const s = server(notation);
  const [reply] = sent(step(s, `s2 RequestVote t${s.currentTerm} ${last}`));
  return reply?.includes("RequestVoteReply yes") ? "yes" : "no";
}

/** The deadline of a server of term 1 that started at 0 and received this at 777 ms. */
function deadlineAfter(notation: string): number | null {
  const s = server("s1 t1 log=1");
  effectsOf(s, { type: "start" }, 0);
  effectsOf(s, receive(s, notation), 777_000);
  return s.electionDeadline;
}

function alarms(s: ReferenceServer, notation: string, now: number): Effect[] {
  return effectsOf(s, receive(s, notation), now).filter(({ type }) => type === "alarm");
}
