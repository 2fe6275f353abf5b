import { describe, expect, it } from "vitest";
import { create, dump, leader, logOf, type Made, tick, told, UNFIXED } from "./server.testkit.ts";

const WHOLE = dump(7, [2, 2]);
const HALF = Math.ceil(WHOLE.length / 2);

/** A leader whose log begins with the dump's two entries, and B wants what is before them. */
function behind(options: Readonly<Record<string, number>> = {}): Made {
  const entries = [6, 7].map((index) => ({ index, term: 2, command: Uint8Array.of(1) }));
  const log = { baseIndex: 5, baseTerm: 0, entries, length: 2 };
  const a = leader("0", {
    links: ["B"],
    options: { logCompactionBatchSize: HALF, ...options },
    found: { log, snapshot: WHOLE, currentTerm: 2 },
  });
  told(a, "B next_node_idx next_node_idx=2 reset=True success=False");
  return a;
}

describe("a leader whose log begins too late sends its dump", () => {
  it("in pieces and an empty last one, and then the entries that follow", () => {
    expect(tick(behind(), 200_000)).toEqual([
      `B append_entries t3 commit=1 isFirst=True isLast=False data=${HALF}`,
      `B append_entries t3 commit=1 isFirst=False isLast=False data=${WHOLE.length - HALF}`,
      "B append_entries t3 commit=1 isFirst=False isLast=True data=0",
      "B append_entries t3 prev=7/2 commit=1 entries=3",
    ]);
  });

  it("in several rounds, when one takes longer than appendEntriesPeriod", () => {
    const a = behind({ sendTime: 100_001 });
    expect(tick(a, 200_000)).toHaveLength(1);
    expect(tick(a, 200_000)).toEqual([expect.stringMatching(/isFirst=False isLast=False/)]);
    expect(tick(a, 200_000)).toEqual([expect.stringMatching(/isFirst=False isLast=True/)]);
    expect(tick(a, 200_000)).toEqual(["B append_entries t3 prev=7/2 commit=1 entries=3"]);
  });

  it("from its beginning again after the connection was lost", () => {
    const a = behind({ sendTime: 100_001 });
    tick(a, 200_000);
    link(a, false);
    tick(a, 200_000);
    link(a, true);
    expect(tick(a, 200_000)).toEqual([expect.stringMatching(/isFirst=True/)]);
  });

  it("and where there is none sends None, once a round", () => {
    const a = leader("0", { links: ["B"] });
    told(a, "B next_node_idx next_node_idx=1 reset=True success=False");
    expect(tick(a, 200_000)).toEqual(["B append_entries t1 commit=1 serialized=null"]);
  });
});

describe("a dump from a leader", () => {
  it("is stored piece by piece, and loaded when the last has come", () => {
    const a = create("0,1,1");
    expect(told(a, first("1"), WHOLE.subarray(0, HALF))).toEqual(["store snapshot chunk 1,0"]);
    expect(told(a, next("1"), WHOLE.subarray(HALF))).toEqual(["store snapshot chunk 0,0"]);
    expect(told(a, last("1"), new Uint8Array())).toEqual([
      "store snapshot chunk 0,1",
      "snapshot from 6",
      "restore at 7",
      "B next_node_idx next_node_idx=8 reset=False success=True",
    ]);
    expect(logOf(a)).toBe("2,2");
    expect(a.server.lastApplied).toBe(7);
  });

  it("whose beginning was missed is ignored", () => {
    const a = create("0,1,1");
    expect(told(a, next("1"), WHOLE)).toEqual([]);
    expect(told(a, last("1"), new Uint8Array())).toEqual([]);
    expect(logOf(a)).toBe("0,1,1");
  });

  it("is not stored where dumps have no file", () => {
    const a = create("0,1,1", { options: { fullDumpFile: 0 } });
    expect(received(a, "1").join()).not.toMatch(/\bstore\b/);
    expect(a.server).toMatchObject({ lastApplied: 7, dump: WHOLE });
  });

  it("may begin anew in the middle", () => {
    const a = create("0");
    told(a, first("1"), WHOLE.subarray(0, 5));
    expect(received(a, "1")).toContain("restore at 7");
  });

  it("that cannot be loaded is answered as a success all the same", () => {
    const a = create("0,1,1");
    told(a, first("1"), Uint8Array.of(1, 2, 3));
    const [, notice, reply] = told(a, last("1"), new Uint8Array());
    expect(notice).toMatch(/^critical failed to load full dump/);
    expect(reply).toBe("B next_node_idx next_node_idx=4 reset=False success=True");
    expect(logOf(a)).toBe("0,1,1");
  });

  it("can be sent on by who received it", () => {
    const a = create("0", { links: ["B"] });
    received(a, "1");
    expect(a.server.dump).toEqual(WHOLE);
  });

  it("raises the commit index with its first piece, when nothing was compared yet", () => {
    const a = create("0,1,1");
    told(a, first("9"), WHOLE.subarray(0, HALF));
    expect(a.server.commitIndex).toBe(3);
  });

  it("replaces a longer log that has the dump's last entry", () => {
    const a = create("0,2,2,2,2,2,2,2,2");
    received(a, "1");
    expect(logOf(a)).toBe("2,2");
  });

  it("leaves a commit index past its end alone", () => {
    const a = create("0,1,1", { commit: 9 });
    received(a, "1");
    expect(a.server.commitIndex).toBe(9);
  });

  it("says who the members are, where they may change", () => {
    const changing = create("0", { options: { dynamicMembershipChange: 1 } });
    received(changing, "1", dump(7, [2, 2], ["A", "B", "D"]));
    expect(changing.server.peers).toEqual(["B", "D"]);
    const fixed = create("0");
    received(fixed, "1", dump(7, [2, 2], ["A", "B", "D"]));
    expect(fixed.server.peers).toEqual(["B", "C"]);
  });
});

describe("with the repairs, a dump from a leader", () => {
  it("raises the commit index when it is loaded, up to its last entry", () => {
    const a = create("0,1,1", { bugs: without("commit-beyond-verified") });
    told(a, first("9"), WHOLE);
    expect(a.server.commitIndex).toBe(1);
    told(a, last("9"), new Uint8Array());
    expect(a.server.commitIndex).toBe(7);
  });

  it("leaves what follows its last entry in the log, and promises only the dump", () => {
    const a = create("0,2,2,2,2,2,2,2,2", { bugs: without("dump-load-drops-journal") });
    expect(received(a, "1")).toContain("B next_node_idx next_node_idx=8 reset=False success=True");
    expect(logOf(a)).toBe("2,2,2,2");
  });

  it("replaces a log that has another term in its place", () => {
    const a = create("0,1,1,1,1,1,1,1,1", { bugs: without("dump-load-drops-journal") });
    received(a, "1");
    expect(logOf(a)).toBe("2,2");
  });

  it("takes a commit index past its end back, to be stored at the next second", () => {
    const a = create("0,1,1", { commit: 9, bugs: without("dump-load-leaves-commit-index") });
    received(a, "1");
    expect(a.server.commitIndex).toBe(7);
    expect(tick(a, 1)).toContain("store meta 7");
  });
});

it("a server that loaded a dump at its start goes on after it", () => {
  const state = { lastApplied: 7, values: [], beyond: "0000000000000000" };
  const a = create("0,1,1,1,1,1,1,1", { commit: 8, found: { state, snapshot: WHOLE } });
  expect(tick(a)).toEqual(["apply 8 NO_OP"]);
});

it("serialized None raises the commit index, and with the repair does not", () => {
  const commits = [UNFIXED, without("commit-beyond-verified")].map((bugs) => {
    const a = create("0,1,1", { bugs });
    told(a, "B append_entries t1 commit=9 serialized=None");
    return a.server.commitIndex;
  });
  expect(commits).toEqual([3, 1]);
});

function without(bug: string): readonly string[] {
  return UNFIXED.filter((each) => each !== bug);
}

function first(commit: string): string {
  return `B append_entries t2 commit=${commit} isFirst=True isLast=False`;
}

function next(commit: string): string {
  return `B append_entries t2 commit=${commit} isFirst=False isLast=False`;
}

function last(commit: string): string {
  return `B append_entries t2 commit=${commit} isFirst=False isLast=True`;
}

function received(made: Made, commit: string, bytes = WHOLE): string[] {
  return [...told(made, first(commit), bytes), ...told(made, last(commit), new Uint8Array())];
}

function link({ server }: Made, up: boolean): void {
  server.connectedNodes = up ? ["B"] : [];
}
