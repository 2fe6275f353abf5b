import { describe, expect, it } from "vitest";
import { protocol } from "./protocol.ts";
import {
  create,
  effectsOf,
  elect,
  give,
  leader,
  logOf,
  type Made,
  messageOf,
  tick,
  told,
  UNFIXED,
  write,
} from "./server.testkit.ts";

describe("an election", () => {
  it("starts with the next term, a vote for oneself, and a request to each connected node", () => {
    expect(elect(create("0,5", { links: ["C"] }))).toEqual(["C request_vote t1 last=2/5"]);
  });

  it("does not start without any connection, but the deadline stays passed", () => {
    const a = create("0", { links: [] });
    expect(elect(a)).toEqual([]);
    give(a, { type: "link", peer: "B", up: true });
    expect(tick(a)).toEqual(["B request_vote t1 last=1/0"]);
  });

  it("starts when the deadline is passed, not when it is reached", () => {
    const a = create("0");
    expect(tick(a, 400_000)).toEqual([]);
    expect(tick(a, 1)).toHaveLength(2);
  });

  it("is won by a node that is alone", () => {
    const a = create("0", { peers: [] });
    elect(a);
    expect(a.server.role).toBe("leader");
  });

  it("is won with two of three, and not with two of four", () => {
    const three = create("0");
    elect(three);
    expect(told(three, "B response_vote t1")[0]).toBe("append 2/1");
    const four = create("0", { peers: ["B", "C", "D"] });
    elect(four);
    expect(told(four, "B response_vote t1")).toEqual([]);
  });

  it("counts votes without asking whose they are: the same one twice elects", () => {
    const a = create("0", { peers: ["B", "C", "D", "E"] });
    elect(a);
    told(a, "B response_vote t1");
    told(a, "B response_vote t1");
    expect(a.server.role).toBe("leader");
  });

  it("is not won by votes of another term", () => {
    const a = create("0");
    elect(a);
    told(a, "B response_vote t2");
    expect(a.server.role).toBe("candidate");
  });

  it("makes a leader that appends, sends, and sends a heartbeat at once (useBatch off)", () => {
    const a = create("0", { links: ["B"] });
    elect(a);
    expect(told(a, "B response_vote t1")).toEqual([
      "append 2/1",
      "B append_entries t1 prev=1/0 commit=1 entries=1",
      "B append_entries t1 prev=2/1 commit=1",
    ]);
  });

  it("makes a leader that sends once (useBatch on)", () => {
    const a = create("0", { links: ["B"], options: { appendEntriesUseBatch: 1 } });
    elect(a);
    expect(told(a, "B response_vote t1")).toHaveLength(2);
  });
});

describe("a request_vote", () => {
  it("of a newer term with a log as good is granted, and the timer drawn again", () => {
    const a = create("0,1");
    a.now = 100;
    expect(told(a, "B request_vote t2 last=2/1")).toEqual(["B response_vote t2"]);
    expect(a.server).toMatchObject({ currentTerm: 2, votedFor: "B", electionDeadline: 400_100 });
  });

  it.each([
    ["of an older term", "B request_vote t0 last=9/9", "t1"],
    ["with an older last term", "B request_vote t2 last=9/0", "t2"],
    ["with a shorter log", "B request_vote t2 last=1/1", "t2"],
  ])("%s is refused without a word", (_, request, term) => {
    const a = create("0,1", { found: { currentTerm: 1 } });
    expect(told(a, request)).toEqual([]);
    expect(`t${a.server.currentTerm}`).toBe(term);
    expect(a.server.votedFor).toBeNull();
  });

  it("is not granted a second time, not even to the same candidate", () => {
    const a = create("0");
    told(a, "B request_vote t1 last=1/0");
    expect(told(a, "B request_vote t1 last=1/0")).toEqual([]);
  });

  it("of a newer term deposes a leader, whose deadline is long past", () => {
    const a = leader("0");
    a.now = 5_000_000;
    told(a, "B request_vote t2 last=1/0");
    expect(a.server).toMatchObject({ role: "follower", leader: null, electionDeadline: 400_000 });
    expect(tick(a)).toHaveLength(2);
  });

  it("of the leader's own term is ignored by it", () => {
    const a = leader("0");
    expect(told(a, "B request_vote t1 last=9/9")).toEqual([]);
    expect(a.server.role).toBe("leader");
  });
});

describe("append_entries", () => {
  it("that fits is appended, answered, and then raises the commit index", () => {
    const a = create("0");
    const input = "B append_entries t1 prev=1/0 commit=9 entries=1,1";
    expect(told(a, input)).toEqual([
      "append 2/1",
      "append 3/1",
      "B next_node_idx next_node_idx=4 reset=False success=True",
    ]);
    expect(a.server).toMatchObject({ commitIndex: 3, leader: "B", currentTerm: 1 });
  });

  it("of an older term is ignored without an answer", () => {
    const a = create("0", { found: { currentTerm: 2 } });
    expect(told(a, "B append_entries t1 prev=1/0 commit=1")).toEqual([]);
    expect(a.server.leader).toBeNull();
  });

  it.each([
    ["behind the end", "prev=5/1"],
    ["that the leader itself does not have", "prev=None"],
  ])("with a previous entry %s asks for what follows the end", (_, prev) => {
    const a = create("0,1");
    expect(told(a, `B append_entries t1 ${prev} commit=1`)).toEqual([
      "B next_node_idx next_node_idx=3 reset=True success=False",
    ]);
  });

  it("with a previous entry of another term goes one back", () => {
    const a = create("0,1,1");
    expect(told(a, "B append_entries t2 prev=3/2 commit=1")).toEqual([
      "B next_node_idx next_node_idx=3 reset=True success=False",
    ]);
    expect(logOf(a)).toBe("0,1,1");
  });

  it("cuts off everything behind the previous entry, even what is the same", () => {
    const a = create("0,1,1,1");
    expect(told(a, "B append_entries t1 prev=1/0 commit=1 entries=1")).toEqual([
      "truncate from 2",
      "append 2/1",
      "B next_node_idx next_node_idx=3 reset=False success=True",
    ]);
    expect(logOf(a)).toBe("0,1");
  });

  it("never lowers the commit index, not even when it cuts below it", () => {
    const a = create("0,1,1", { commit: 3 });
    told(a, "B append_entries t2 prev=1/0 commit=1 entries=2");
    expect(a.server).toMatchObject({ commitIndex: 3 });
    expect(logOf(a)).toBe("0,2");
  });

  it("of its own term makes a leader a follower", () => {
    const a = leader("0");
    told(a, "B append_entries t1 prev=1/0 commit=1");
    expect(a.server).toMatchObject({ role: "follower", leader: "B" });
  });

  it("without prevLogIdx raises the commit index and checks nothing", () => {
    const a = create("0,1,1");
    expect(told(a, "B append_entries t1 commit=9 serialized=None")).toEqual([]);
    expect(a.server.commitIndex).toBe(3);
  });
});

describe("next_node_idx", () => {
  it("takes an optimistic nextIndex back to what it confirms", () => {
    const a = leader("0", { links: ["B"] });
    expect(a.server.nextIndex.B).toBe(3);
    told(a, "B next_node_idx next_node_idx=2 reset=False success=True");
    expect(a.server).toMatchObject({ nextIndex: { B: 2 }, matchIndex: { B: 1 } });
  });

  it("with reset moves nextIndex and not matchIndex", () => {
    const a = leader("0", { links: ["B"] });
    told(a, "B next_node_idx next_node_idx=1 reset=True success=False");
    expect(a.server).toMatchObject({ nextIndex: { B: 1 }, matchIndex: { B: 0 } });
  });

  it("that sends nextIndex to the first entry is followed by the snapshot form", () => {
    const a = leader("0", { links: ["B"] });
    told(a, "B next_node_idx next_node_idx=1 reset=True success=False");
    expect(tick(a, 200_000)).toEqual(["B append_entries t1 commit=1 serialized=null"]);
  });

  it("that sends nextIndex behind the leader's end is followed by prevLogIdx None, for ever", () => {
    const a = leader("0", { links: ["B"] });
    told(a, "B next_node_idx next_node_idx=9 reset=True success=False");
    expect(tick(a, 200_000)).toEqual(["B append_entries t1 prev=None commit=1"]);
  });
});

describe("a tick", () => {
  it("commits what a majority has and the leader's own term wrote, and applies it", () => {
    const a = leader("0,0", { links: ["B"] });
    told(a, "B next_node_idx next_node_idx=3 reset=False success=True");
    tick(a);
    expect(a.server.commitIndex).toBe(1);
    told(a, "B next_node_idx next_node_idx=4 reset=False success=True");
    expect(tick(a)).toEqual([
      "apply 2 NO_OP",
      "apply 3 NO_OP",
      "B append_entries t1 prev=3/1 commit=3",
    ]);
  });

  it("applies what a restored commit index says is committed, before anybody was heard", () => {
    expect(tick(create("0,1,1", { commit: 3 }))).toEqual(["apply 2 NO_OP", "apply 3 NO_OP"]);
  });

  it("is ready when all that the leader says is committed is applied", () => {
    const a = create("0,1", { commit: 2 });
    told(a, "B append_entries t1 prev=2/1 commit=2");
    tick(a);
    expect(a.server.onReadyCalled).toBe(true);
  });

  it("is never ready while the commit index is past the end of the log", () => {
    const a = create("0,1", { commit: 5 });
    told(a, "B append_entries t1 prev=2/1 commit=5");
    expect(tick(a)).toEqual(["apply 2 NO_OP"]);
    expect(a.server.onReadyCalled).toBe(false);
  });

  it("sends a heartbeat more than appendEntriesPeriod after the last", () => {
    const a = leader("0", { links: ["B"] });
    expect(tick(a, 100_000)).toEqual([]);
    expect(tick(a, 1)).toEqual(["B append_entries t1 prev=2/1 commit=1"]);
  });

  it("sends again and again while the commit index is past the end, at the pace of idle ticks", () => {
    const a = leader("0", { commit: 9, links: ["B"] });
    expect(tick(a)).toContain("apply 2 NO_OP");
    expect(tick(a, 49_999)).toEqual([]);
    expect(tick(a, 1)).toEqual(["B append_entries t1 prev=2/1 commit=9"]);
  });

  it("makes a leader that no majority answers give up after 30 seconds", () => {
    const a = leader("0");
    tick(a, 29_999_999);
    expect(a.server.role).toBe("leader");
    tick(a, 1);
    expect(a.server).toMatchObject({ role: "follower", leader: null });
  });

  it("ends where an entry cannot be run, and does so again: nothing is received any more", () => {
    const a = create("0,1,1", { commit: 3 });
    a.server.log.entries[1] = { index: 2, term: 1, command: Uint8Array.of(0, 0x80, 2) };
    expect(tick(a)).toEqual([expect.stringMatching(/^EOFError: /)]);
    expect(told(a, "B request_vote t9 last=9/9")).toEqual([]);
    expect(tick(a)).toHaveLength(1);
    expect(a.server.lastApplied).toBe(1);
  });

  it("does not come before the thread has slept", () => {
    const a = create("0,1", { commit: 2, options: { firstTickDelay: 100_000 } });
    expect(tick(a, 99_999)).toEqual([]);
    expect(tick(a, 1)).toEqual(["apply 2 NO_OP"]);
  });
});

describe("the commit index", () => {
  it("is stored by the one-second timer, when it was set since the last time", () => {
    const a = create("0");
    told(a, "B append_entries t1 prev=1/0 commit=1");
    expect(tick(a, 1)).toContain("store meta 1");
    expect(tick(a, 300_000)).toEqual([]);
    told(a, "B append_entries t1 prev=1/0 commit=1");
    expect(tick(a, 300_000)).toEqual([]);
    told(a, "B append_entries t1 prev=1/0 commit=1");
    expect(tick(a, 399_999)).toEqual([]);
    expect(tick(a, 1)).toEqual(["store meta 1"]);
  });

  it("that a start has taken back is stored by the first tick", () => {
    const extra = { raftCommitIndex: 1, metaDirty: 1 };
    const a = create("0", { found: { extra }, options: { appendEntriesUseBatch: 1 } });
    expect(tick(a, 1)).toEqual(["store meta 1"]);
  });

  it("catches up by one second a tick", () => {
    const a = create("0");
    tick(a, 2_000_001);
    expect(a.server.oneSecondDumps).toBe(1);
    tick(a);
    tick(a);
    tick(a);
    expect(a.server.oneSecondDumps).toBe(3);
  });

  it.each([
    ["as it is", UNFIXED, 9],
    ["inside the log with PR #202, whatever else is saved", ["term-not-saved"], 1],
  ])("goes to the disk %s, and in memory stays", (_, bugs, stored) => {
    const a = create("0", { commit: 9, bugs });
    told(a, "B append_entries t0 prev=1/0 commit=1");
    expect(tick(a, 1)).toContain(`store meta ${stored}`);
    expect(a.server.commitIndex).toBe(9);
  });
});

describe("a client", () => {
  it("of the leader hears SUCCESS before lastApplied counts its entry", () => {
    const a = leader("0", { links: ["B"] });
    write(a, "k");
    expect(tick(a)).toEqual(["append 3/1", "B append_entries t1 prev=2/1 commit=1 entries=1"]);
    told(a, "B next_node_idx next_node_idx=4 reset=False success=True");
    const seen = appliedWhen(a, "reply");
    expect(seen).toEqual([["reply k SUCCESS", 2]]);
  });

  it("waits while no leader is known", () => {
    const a = create("0");
    write(a, "k");
    expect(tick(a)).toEqual([]);
    told(a, "B append_entries t1 prev=1/0 commit=1");
    expect(tick(a)).toEqual(["B apply_command request_id=1"]);
  });

  it("hears MISSING_LEADER when it is not to wait", () => {
    const a = create("0", { options: { commandsWaitLeader: 0 } });
    write(a, "k");
    expect(tick(a)).toEqual(["reply k MISSING_LEADER"]);
  });

  it("of a follower hears SUCCESS when the follower applies the entry", () => {
    const a = forwarded();
    told(a, "B apply_command_response request_id=1 log_idx=2 log_term=1");
    told(a, "B append_entries t1 prev=1/0 commit=2 entries=1");
    expect(tick(a)).toEqual(["apply 2 NO_OP", "reply k SUCCESS"]);
  });

  it("hears DISCARDED when another term's entry is applied in that place", () => {
    const a = forwarded();
    told(a, "B apply_command_response request_id=1 log_idx=2 log_term=1");
    told(a, "C append_entries t2 prev=1/0 commit=2 entries=2");
    expect(tick(a)).toContain("reply k DISCARDED");
  });

  it("hears LEADER_CHANGED when another leads before the answer came", () => {
    expect(told(forwarded(), "C append_entries t2 prev=1/0 commit=1")[0]).toBe(
      "reply k LEADER_CHANGED",
    );
  });

  it("hears what the leader refused", () => {
    expect(told(forwarded(), "B apply_command_response request_id=1 error=4")).toEqual([
      "reply k NOT_LEADER",
    ]);
  });

  it("of a node that has applied further than its place is never answered", () => {
    const a = forwarded();
    told(a, "B append_entries t1 prev=1/0 commit=3 entries=1,1");
    tick(a);
    expect(told(a, "B apply_command_response request_id=1 log_idx=3 log_term=1")).toEqual([
      expect.stringMatching(/^AssertionError: assert idx > self\.__raftLastApplied/),
    ]);
    expect(a.server.commandsWaitingCommit).toEqual([]);
  });

  it("reads from the node that it asks, whoever leads", () => {
    const a = create("0");
    const operation = { id: "r", client: "c", type: "read", key: "k", value: "" } as const;
    const input = { type: "client", command: new Uint8Array() } as const;
    expect(effectsOf(a, { ...input, operation: { ...operation, expected: null } })).toMatchObject([
      { type: "reply", operation: "r", readKey: "k", entry: null, result: { outcome: "ok" } },
    ]);
  });

  it("cannot compare and set", () => {
    const a = leader("0");
    const operation = {
      id: "x",
      client: "c",
      type: "compare-and-set",
      key: "k",
      value: "v",
    } as const;
    const input = { type: "client", command: new Uint8Array() } as const;
    expect(give(a, { ...input, operation: { ...operation, expected: null } })).toEqual([
      "reply x REQUEST_DENIED",
    ]);
  });

  it("is refused when the queue is full", () => {
    const a = create("0", { options: { commandsQueueSize: 1 } });
    write(a, "1");
    write(a, "2");
    expect(write(a, "3")).toEqual(["reply 3 QUEUE_FULL"]);
  });
});

describe("a forwarded command", () => {
  it("is given its place at once, and sent on", () => {
    const a = leader("0", { links: ["B"] });
    told(a, "B apply_command command=01 request_id=7");
    expect(tick(a)).toEqual([
      "append 3/1",
      "B apply_command_response request_id=7 log_idx=3 log_term=1",
      "B append_entries t1 prev=2/1 commit=1 entries=1",
    ]);
  });

  it("is not passed on a second time", () => {
    const a = create("0");
    told(a, "B append_entries t1 prev=1/0 commit=1");
    told(a, "C apply_command command=01 request_id=7");
    expect(tick(a)).toEqual(["C apply_command_response request_id=7 error=4"]);
  });
});

describe("PR #202 keeps term and vote before the message that tells of them", () => {
  const bugs: readonly string[] = [];

  it("as a candidate", () => {
    expect(elect(create("0", { bugs, links: ["B"] }))).toEqual([
      "keep t1 vote=A",
      "B request_vote t1 last=1/0",
    ]);
  });

  it("when it grants a vote: first the new term, then the vote", () => {
    expect(told(create("0", { bugs }), "B request_vote t3 last=1/0")).toEqual([
      "keep t3 vote=None",
      "keep t3 vote=B",
      "B response_vote t3",
    ]);
  });

  it("when a leader brings a newer term", () => {
    expect(told(create("0", { bugs }), "B append_entries t3 prev=1/0 commit=1")[0]).toBe(
      "keep t3 vote=None",
    );
  });

  it("and with them the commit index that was to be stored next", () => {
    const a = create("0", { bugs });
    told(a, "B append_entries t1 prev=1/0 commit=1");
    expect(told(a, "C request_vote t2 last=1/0").slice(0, 2)).toEqual([
      "store meta dict 1",
      "keep t2 vote=None",
    ]);
    expect(tick(a, 1)).toEqual([]);
  });

  it("each of the two alone when the other is not saved", () => {
    const term = create("0", { bugs: ["vote-not-saved"] });
    expect(told(term, "B request_vote t3 last=1/0")).toEqual([
      "keep t3 vote=None",
      "B response_vote t3",
    ]);
    const vote = create("0", { bugs: ["term-not-saved"] });
    expect(told(vote, "B request_vote t3 last=1/0")).toContain("keep t3 vote=B");
  });

  it("and 0.3.14 keeps neither", () => {
    expect(told(create("0"), "B request_vote t3 last=1/0")).toEqual(["B response_vote t3"]);
  });

  it("and says it loudly when it cuts below what is applied", () => {
    const cut = "B append_entries t2 prev=2/1 commit=1 entries=2";
    const others = UNFIXED.filter((bug) => bug !== "applied-truncation-unnoticed");
    const fixed = create("0,1,1", { bugs: others, commit: 3 });
    tick(fixed);
    expect(told(fixed, cut)).toContainEqual(expect.stringMatching(/^critical truncating the log/));
    const unfixed = create("0,1,1", { commit: 3 });
    tick(unfixed);
    expect(told(unfixed, cut).join()).not.toMatch(/critical/);
  });
});

describe("what a message promises", () => {
  it("is the vote of a request and of a grant, and the log of a success", () => {
    const a = create("0,1");
    const requests = sent(a, "B request_vote t2 last=2/1");
    expect(requests).toMatchObject([
      { obligation: { hardState: { term: 2, votedFor: "B" }, log: null } },
    ]);
    expect(sent(a, "B append_entries t2 prev=2/1 commit=1 entries=2")).toMatchObject([
      { obligation: { log: { index: 3, term: 2 } } },
    ]);
    expect(sent(a, "B append_entries t2 prev=9/9 commit=1")).toMatchObject([
      { obligation: { log: null } },
    ]);
  });

  it("is told to users for every message there is", () => {
    const told = protocol.obligations.map(({ message }) => message);
    expect(told.sort()).toEqual([
      "append_entries",
      "apply_command",
      "apply_command_response",
      "next_node_idx",
      "request_vote",
      "response_vote",
    ]);
  });
});

describe("a clone", () => {
  it("goes its own way", () => {
    const a = leader("0", { links: ["B"] });
    write(a, "k");
    const copy: Made = { server: protocol.clone(a.server) as Made["server"], now: a.now };
    const before = structuredClone(plain(a));
    tick(copy);
    told(copy, "B next_node_idx next_node_idx=4 reset=False success=True");
    tick(copy, 1_000_000);
    expect(plain(a)).toEqual(before);
    expect(copy.server.lastApplied).toBe(3);
  });
});

/** Logs share their entries; how many are its own is what a log knows. */
function plain(made: Made): object {
  return { ...made.server, config: null, log: logOf(made) };
}

/** A follower of B that has passed a client's command on, as request 1. */
function forwarded(): Made {
  const a = create("0");
  told(a, "B append_entries t1 prev=1/0 commit=1");
  tick(a);
  write(a, "k");
  tick(a);
  return a;
}

function appliedWhen(made: Made, type: string): unknown[] {
  const seen: unknown[] = [];
  const context = {
    now: made.now,
    choose: (_purpose: string, low: number) => low,
    emit: (effect: { type: string; operation?: string; result?: { code: string } }) => {
      if (effect.type !== type) return;
      seen.push([`reply ${effect.operation} ${effect.result?.code}`, made.server.lastApplied]);
    },
  };
  for (const phase of ["commit", "apply"]) {
    protocol.step(made.server, { type: "phase", phase }, context);
  }
  return seen;
}

function sent(made: Made, notation: string): unknown[] {
  const effects = effectsOf(made, { type: "receive", message: messageOf(notation) });
  return effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
}
