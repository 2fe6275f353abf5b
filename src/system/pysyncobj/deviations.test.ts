import { describe, expect, it } from "vitest";
import { encodeSet } from "./format.ts";
import {
  create,
  effectsOf,
  elect,
  entriesOf,
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

// Where the library leaves the paper, and what its repairs change. Each case stands for itself.

const PAPER = UNFIXED.filter(
  (bug) => bug !== "append-cuts-everything" && bug !== "commit-beyond-verified",
);

describe("a batch that is sent again, shorter", () => {
  const batch = "B append_entries t1 prev=1/0 commit=1 entries=1,1,1";
  const again = "B append_entries t1 prev=1/0 commit=1 entries=1";

  it("takes away what was acknowledged behind it", () => {
    const a = create("0");
    expect(told(a, batch)).toContain("B next_node_idx next_node_idx=5 reset=False success=True");
    told(a, again);
    expect(logOf(a)).toBe("0,1");
  });

  it("changes nothing by the paper's rule, and promises no more than it said", () => {
    const a = create("0", { bugs: PAPER });
    told(a, batch);
    expect(told(a, again)).toEqual(["B next_node_idx next_node_idx=3 reset=False success=True"]);
    expect(logOf(a)).toBe("0,1,1,1");
  });

  it("is sent again because a success takes nextIndex back behind what was sent since", () => {
    const a = leader("0", { links: ["B"], options: { appendEntriesBatchSizeBytes: 40 } });
    for (const key of ["1", "2", "3", "4"]) write(a, key);
    tick(a);
    expect(a.server.nextIndex.B).toBe(7);
    told(a, "B next_node_idx next_node_idx=3 reset=False success=True");
    expect(a.server.nextIndex.B).toBe(3);
    expect(tick(a, 200_000)).toContainEqual(
      expect.stringMatching(/append_entries t1 prev=2\/1 .* entries=1/),
    );
  });
});

describe("by the paper's rule entries are cut off only where one conflicts", () => {
  it.each([
    ["nothing new", "prev=1/0 commit=1", "0,1,1"],
    ["the same ones", "prev=1/0 commit=1 entries=1,1", "0,1,1"],
    ["one that is the same and a new one", "prev=2/1 commit=1 entries=1,2", "0,1,1,2"],
    ["a conflict in the middle", "prev=1/0 commit=1 entries=1,2", "0,1,2"],
    ["a conflict at once", "prev=1/0 commit=1 entries=2", "0,2"],
  ])("%s", (_, words, log) => {
    const a = create("0,1,1", { bugs: PAPER });
    told(a, `B append_entries t2 ${words}`);
    expect(logOf(a)).toBe(log);
  });
});

describe("the leader's commit index", () => {
  const stale = "B append_entries t2 prev=1/0 commit=9";

  it("is believed up to the own end, also for entries that nobody compared", () => {
    // The library cuts those off first: what is not compared is what a snapshot form leaves.
    const a = create("0,1,1");
    told(a, "B append_entries t2 commit=9 serialized=None");
    expect(a.server.commitIndex).toBe(3);
  });

  it("counts up to the last entry of the message by the paper's rule", () => {
    const a = create("0,1,1", { bugs: PAPER });
    told(a, stale);
    expect(a.server.commitIndex).toBe(1);
    told(a, "B append_entries t2 prev=1/0 commit=9 entries=1");
    expect(a.server.commitIndex).toBe(2);
  });
});

describe("a commit index past the end of the log", () => {
  it.each([
    ["stays where the leader's is not larger", 9, 9],
    ["comes back to the end where the leader's is larger", 10, 1],
  ])("%s", (_, theirs, after) => {
    const a = create("0", { commit: 9 });
    told(a, `B append_entries t1 prev=1/0 commit=${theirs}`);
    expect(a.server.commitIndex).toBe(after);
  });

  it("is not taken back by the paper's rule either, which only ever raises it", () => {
    const a = create("0", { commit: 9, bugs: PAPER });
    told(a, "B append_entries t1 prev=1/0 commit=10");
    expect(a.server.commitIndex).toBe(9);
  });
});

describe("entries below lastApplied", () => {
  it("are replaced, and what takes their place is never applied", () => {
    const a = create("0,1,1", { commit: 3 });
    tick(a);
    told(a, "B append_entries t2 prev=1/0 commit=3 entries=2,2");
    expect(tick(a)).toEqual([]);
    expect(a.server.lastApplied).toBe(3);
    told(a, "B append_entries t2 prev=3/2 commit=4 entries=2");
    expect(tick(a)).toEqual(["apply 4 NO_OP"]);
  });
});

describe("a term that begins again", () => {
  it("lets a second leader of the same term overwrite what the first has", () => {
    const a = leader("0", { links: ["B"] });
    write(a, "k");
    tick(a);
    told(a, "B append_entries t1 prev=1/0 commit=1 entries=1");
    expect(a.server.role).toBe("follower");
    expect(logOf(a)).toBe("0,1");
  });

  it("makes two entries of one index and term, and the comparison does not see the difference", () => {
    const a = create("0,1");
    const other = { index: 2, term: 1, command: encodeSet("k", "v") };
    a.server.log.entries[1] = other;
    expect(told(a, "B append_entries t1 prev=2/1 commit=2")).toContain(
      "B next_node_idx next_node_idx=3 reset=False success=True",
    );
    expect(a.server).toMatchObject({ commitIndex: 2, log: { entries: [{}, other] } });
  });
});

describe("a journal with a hole", () => {
  const holed = () => {
    const [one, two, , four, five] = entriesOf(1, "0,1,1,1,2");
    const entries = [one, two, four, five].filter((each) => each !== undefined);
    const log = { baseIndex: 0, baseTerm: 0, entries, length: 4 };
    return create("0", { links: ["B"], found: { log } });
  };

  it("is looked into by position: what is found at 4 is entry 5", () => {
    expect(told(holed(), "B append_entries t3 prev=4/2 commit=1")).toContain(
      "B next_node_idx next_node_idx=5 reset=False success=True",
    );
  });

  it("has nothing where its last index is", () => {
    expect(told(holed(), "B append_entries t3 prev=5/2 commit=1")).toEqual([
      "B next_node_idx next_node_idx=6 reset=True success=False",
    ]);
  });

  it("applies the wrong entry in the place of the missing one", () => {
    const a = holed();
    told(a, "B append_entries t3 prev=4/2 commit=3");
    const applied = effectsOf(a, { type: "phase", phase: "apply" });
    expect(applied).toMatchObject([{ entry: { index: 2 } }, { entry: { index: 4 } }]);
    expect(a.server.lastApplied).toBe(3);
  });
});

describe("a term that damage made", () => {
  const WILD = 9_000_000_000_000_000;

  it("wins against every log", () => {
    const a = create("0,1,1,1,1");
    expect(told(a, `B request_vote t1 last=2/${WILD}`)).toEqual(["B response_vote t1"]);
  });

  it("refuses every other candidate", () => {
    expect(told(create(`0,${WILD}`), "B request_vote t9 last=50/8")).toEqual([]);
  });
});

describe("a leader", () => {
  it("counts its own entry as soon as it is in memory: alone it commits in the tick of its election", () => {
    const a = create("0", { peers: [] });
    expect(elect(a)).toEqual(["append 2/1", "apply 2 NO_OP"]);
  });

  it("that was deposed elsewhere leads on, for nobody answers its older term", () => {
    const old = leader("0", { links: ["B"] });
    const follower = create("0", { found: { currentTerm: 2 } });
    expect(told(follower, "B append_entries t1 prev=2/1 commit=1")).toEqual([]);
    tick(old, 29_000_000);
    expect(old.server.role).toBe("leader");
  });
});

describe("a node that compacted past the point where two logs part", () => {
  it("and a leader without what it asks for say the same to each other for ever", () => {
    const node = compacted();
    const a = leader("0,0,0,0,0,0,0,0,0,0,0,0", { links: ["B"] });
    const asked: string[] = [];
    for (let round = 0; round < 3; round++) {
      const [reply = ""] = told(node, "B append_entries t3 prev=11/0 commit=1");
      asked.push(reply);
      told(a, "B next_node_idx next_node_idx=15 reset=True success=False");
      asked.push(...tick(a, 200_000));
    }
    expect(new Set(asked)).toEqual(
      new Set([
        "B next_node_idx next_node_idx=15 reset=True success=False",
        "B append_entries t1 prev=None commit=1",
      ]),
    );
  });
});

/** Its log begins at 13. */
function compacted(): Made {
  const entries = entriesOf(13, "2,2");
  const log = { baseIndex: 12, baseTerm: 0, entries, length: 2 };
  return create("0", { found: { log, currentTerm: 2 } });
}

it("votes are the same to a candidate, whoever sends them", () => {
  const a = create("0", { peers: ["B", "C", "D", "E"] });
  elect(a);
  for (let copy = 0; copy < 2; copy++) {
    give(a, { type: "receive", message: messageOf("B response_vote t1") });
  }
  expect(a.server.role).toBe("leader");
});
