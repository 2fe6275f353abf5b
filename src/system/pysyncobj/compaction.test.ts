import { describe, expect, it } from "vitest";
import { decodeDump } from "./dump.ts";
import { encodeRecord, NO_OP } from "./format.ts";
import {
  create,
  dump,
  dumped,
  effectsOf,
  give,
  leader,
  logOf,
  type Made,
  tick,
  told,
} from "./server.testkit.ts";

const STORE = 'store dump 3,["B","C","A"]';

/** Three entries, all applied. */
function applied(options: Readonly<Record<string, number>> = {}, links?: string[]): Made {
  const a = create("0,1,1", { commit: 3, options, ...(links === undefined ? {} : { links }) });
  tick(a);
  return a;
}

function force(made: Made): void {
  give(made, { type: "alarm", alarm: "compaction" });
}

describe("a compaction", () => {
  it("is due more than logCompactionMinTime after the start", () => {
    const a = applied({}, []);
    expect(tick(a, 300_000_000)).toEqual([]);
    expect(tick(a, 1)).toEqual([STORE]);
  });

  it("is due when the log is longer than logCompactionMinEntries", () => {
    const exactly = create("0,1,1", { commit: 3, options: { logCompactionMinEntries: 3 } });
    expect(tick(exactly)).not.toContain(STORE);
    const longer = create("0,1,1", { commit: 3, options: { logCompactionMinEntries: 2 } });
    expect(tick(longer)).toContain(STORE);
  });

  it("is due when it is forced, once", () => {
    const a = applied();
    force(a);
    expect(tick(a)).toEqual([STORE]);
    expect(a.server.forceLogCompaction).toBe(false);
  });

  it("dumps the last entry applied and the one before it", () => {
    const a = applied();
    force(a);
    const [store] = effectsOf(a, { type: "phase", phase: "compaction" });
    const records = [encodeRecord(2, 1, NO_OP), encodeRecord(3, 1, NO_OP)];
    const data = Uint8Array.from(records.flatMap((each) => [...each]));
    expect(store).toMatchObject({ type: "store", what: "dump", data });
  });

  it("needs two entries, and waits as long again where there is one", () => {
    const a = create("0", { links: [] });
    expect(tick(a, 300_000_001)).toEqual([]);
    expect(a.server.lastSerializedTime).toBe(300_000_001);
  });

  it("needs an entry applied since the last one", () => {
    const a = applied();
    force(a);
    tick(a);
    dumped(a, dump(3, [1, 1]));
    tick(a);
    force(a);
    expect(tick(a)).toEqual([]);
  });

  it("comes in the node's own part of the interval when they are split", () => {
    // A is the first of three: its part begins with each interval, and it may begin in the first three tenths of it.
    const started = (now: number): boolean => {
      const a = applied({ logCompactionSplit: 1, logCompactionMinTime: 3_000 });
      force(a);
      return tick(a, now).includes(STORE);
    };
    const times = [3_000, 3_299, 3_300, 3_999, 4_000, 5_999, 6_000];
    expect(times.map(started)).toEqual([true, true, false, false, false, false, true]);
  });
});

describe("the child that writes the dump", () => {
  it("is noticed by a later tick, which cuts the journal to begin before the dump's last entry", () => {
    const a = applied();
    force(a);
    tick(a);
    expect(dumped(a, dump(3, [1, 1]))).toEqual([]);
    expect(logOf(a)).toBe("0,1,1");
    expect(tick(a)).toEqual(["compaction from 2"]);
    expect(logOf(a)).toBe("1,1");
    expect(a.server.log).toMatchObject({ baseIndex: 1, baseTerm: 0 });
  });

  it("leaves what was appended since", () => {
    const a = applied();
    force(a);
    tick(a);
    told(a, "B append_entries t2 prev=3/1 commit=3 entries=2,2");
    dumped(a, dump(3, [1, 1]));
    tick(a);
    expect(logOf(a)).toBe("1,1,2,2");
  });

  it("is not started twice", () => {
    const a = applied({ logCompactionMinEntries: 2 });
    expect(a.server.serializer.state).toBe("busy");
    expect(tick(a)).toEqual([]);
  });

  it("may fail: the journal stays, and the next tick tries again", () => {
    const a = applied({ logCompactionMinEntries: 2 });
    give(a, { type: "told", subject: "dump failed", values: {} });
    expect(tick(a)).toEqual(["critical Failed to store full dump"]);
    expect(logOf(a)).toBe("0,1,1");
    expect(tick(a)).toEqual([STORE]);
  });

  it("has followers wait while it works, and until it is noticed", () => {
    const a = leader("0,1,1", { commit: 3, links: ["B"], found: { snapshot: dump(3, [0, 1]) } });
    tick(a);
    told(a, "B next_node_idx next_node_idx=1 reset=True success=False");
    force(a);
    tick(a);
    const waiting = ["B append_entries t1 commit=3 serialized=null"];
    expect(tick(a, 200_000)).toEqual(waiting);
    dumped(a, dump(3, [0, 1]));
    // The heartbeat of a tick comes before its look at the child.
    expect(tick(a, 200_000)).toEqual([...waiting, "compaction from 2"]);
    expect(tick(a, 200_000)[0]).toMatch(/isFirst=True isLast=False/);
  });

  it("that dumped what was cut off meanwhile leaves nothing, and from then on every tick ends at once", () => {
    const a = applied();
    force(a);
    tick(a);
    told(a, "B append_entries t2 prev=1/0 commit=1");
    dumped(a, dump(3, [1, 1]));
    tick(a);
    expect(logOf(a)).toBe("");
    expect(tick(a)).toEqual(["IndexError: list index out of range"]);
    expect(told(a, "C request_vote t9 last=9/9")).toEqual([]);
  });
});

describe("after a compaction", () => {
  it("the log is looked into by position from its new first entry", () => {
    const a = compacted();
    expect(told(a, "B append_entries t2 prev=3/1 commit=3 entries=2")).toEqual([
      "append 4/2",
      "B next_node_idx next_node_idx=5 reset=False success=True",
    ]);
  });

  it("what is before it is absent: a leader that goes back further is told the end, for ever", () => {
    const a = compacted();
    const reply = ["B next_node_idx next_node_idx=4 reset=True success=False"];
    expect(told(a, "B append_entries t2 prev=1/0 commit=1")).toEqual(reply);
    expect(told(a, "B append_entries t2 prev=None commit=1")).toEqual(reply);
    expect(logOf(a)).toBe("1,1");
  });

  it("the first entry is not cut, but can be compared", () => {
    const a = compacted();
    expect(told(a, "B append_entries t2 prev=2/1 commit=1 entries=2")).toEqual([
      "truncate from 3",
      "append 3/2",
      "B next_node_idx next_node_idx=4 reset=False success=True",
    ]);
  });

  it("the term of a candidate's log is still its last entry's", () => {
    const a = compacted();
    give(a, { type: "alarm", alarm: "election" });
    expect(tick(a)).toContain("B request_vote t1 last=3/1");
  });
});

it("a dump of the testkit is one that can be loaded", () => {
  expect(decodeDump(dump(3, [1, 1]))).toMatchObject({
    ok: true,
    value: { previous: { index: 2, term: 1 }, last: { index: 3, term: 1 } },
  });
});

function compacted(): Made {
  const a = applied();
  force(a);
  tick(a);
  dumped(a, dump(3, [1, 1]));
  tick(a);
  return a;
}
