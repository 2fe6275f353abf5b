import { describe, expect, it } from "vitest";
import { crash } from "#disk/crash.ts";
import { createDisk, type Disk, installFile, minimalImage } from "#disk/disk.ts";
import { injectFault } from "#disk/faults.ts";
import type { DiskFault, Survivors } from "#disk/types.ts";
import { lastIndex } from "#raft/log.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Step } from "#system/contract.ts";
import { DIRECTORY, Life } from "#system/life.testkit.ts";
import { codec, decodeWal } from "./format.ts";
import { reference } from "./index.ts";
import { encodeFlush } from "./record.ts";

const NOTHING: Survivors = { type: "none" };

describe("a flush", () => {
  it("writes once for all that was noted, syncs, and only then releases", () => {
    const life = booted(disk());
    life.take(term(1, "s1"));
    life.take(append(1, 1));
    life.take(append(2, 1));
    life.take(message());
    expect(during(life, () => life.persist())).toEqual(["write 0..100", "data-sync", "release 1"]);
  });

  it("goes to the end of the file", () => {
    const life = booted(disk());
    life.take(append(1, 1));
    life.persist();
    life.take(append(2, 1));
    expect(during(life, () => life.persist())).toEqual(["write 36..72", "data-sync"]);
  });

  it("is left out when there is nothing to write: what waits was kept before", () => {
    const life = booted(disk());
    life.take(message());
    expect(during(life, () => life.persist())).toEqual(["release 1"]);
  });

  it("is nothing when nothing was noted and nobody waits", () => {
    const life = booted(disk());
    expect(during(life, () => life.persist())).toEqual([]);
  });

  it("happens at a graceful stop too", () => {
    const life = booted(disk());
    life.take(append(1, 1));
    expect(during(life, () => life.stop())).toEqual(["write 0..36", "data-sync"]);
  });

  it("keeps entries that an acknowledgement waits for, before they are cut", () => {
    const life = booted(disk());
    life.take(append(1, 1));
    life.take(message());
    const cut = during(life, () => life.take({ type: "truncate", from: 1 }));
    expect(cut).toEqual(["write 0..36", "data-sync", "release 1"]);
    expect(during(life, () => life.persist())).toEqual(["write 36..61", "data-sync"]);
  });

  it("waits for the loop when there is nothing to keep before a cut", () => {
    const life = booted(disk());
    life.take(append(1, 1));
    life.persist();
    life.take(term(2, null));
    expect(during(life, () => life.take({ type: "truncate", from: 1 }))).toEqual([]);
  });
});

describe("messages", () => {
  it("wait when they promise anything", () => {
    expect(reference.holds(message().message)).toBe(true);
  });

  it("leave at once when they promise nothing", () => {
    const { message: each } = message();
    const free = { ...each, obligation: { hardState: null, log: null } };
    expect(reference.holds(free)).toBe(false);
  });
});

describe("recovery", () => {
  it("creates the file, and makes it and its name durable, before anything is promised", () => {
    const life = new Life(reference, disk(), () => {}, 99, 0);
    expect(during(life, () => life.recover())).toEqual([
      "read",
      "open",
      "close",
      "sync",
      "sync-directory",
      "recovered t0 vote=null log=0",
    ]);
  });

  it("finds term, vote and log", () => {
    const platter = disk();
    const life = booted(platter);
    for (const effect of [term(3, "s2"), append(1, 1), append(2, 3)]) life.take(effect);
    life.persist();
    crash(platter, "power", NOTHING);
    expect(booted(platter).recovered).toMatchObject({
      currentTerm: 3,
      votedFor: "s2",
      commitIndex: 0,
    });
    expect(logLength(platter)).toBe(2);
  });

  it("cuts a torn tail, durably, and says so", () => {
    const platter = disk();
    const whole = encodeFlush([{ type: "entry", entry: entry(1, 1) }], 0);
    install(platter, [...whole, 9, 9, 9]);
    const life = new Life(reference, platter, () => {}, 99, 0);
    expect(during(life, () => life.recover()).filter((each) => each !== "read")).toEqual([
      "notice s1/wal, offset 36: the file ends inside a record's head; cut there",
      "truncate 36",
      "sync",
      "sync-directory",
      "recovered t0 vote=null log=1",
    ]);
    expect(minimalImage(platter).get(`${DIRECTORY}wal`)).toEqual(whole);
  });

  it("refuses a file that is damaged inside: a later flush proves that it had been synced", () => {
    const platter = disk();
    const first = encodeFlush([{ type: "entry", entry: entry(1, 1) }], 0);
    const second = encodeFlush([{ type: "entry", entry: entry(2, 1) }], first.length);
    first[20]! ^= 1;
    install(platter, [...first, ...second]);
    const life = new Life(reference, platter, () => {}, 99, 0);
    life.attempt(() => life.recover());
    expect(life.failure).toBe("WAL_DAMAGED: s1/wal, offset 0: the checksum does not match");
    expect(life.recovered).toBeNull();
  });

  it("makes durable what it read from the page cache after a process crash", () => {
    const platter = disk();
    const life = new Life(reference, platter, () => {}, 7, 0);
    life.attempt(() => {
      life.recover();
      life.take(append(1, 1));
      life.persist(); // The seventh step is the write; there is none for the sync.
    });
    crash(platter, "process", NOTHING);
    booted(platter);
    crash(platter, "power", NOTHING);
    expect(logLength(platter)).toBe(1);
  });

  it("can be cut anywhere and repeated: it comes to the same", () => {
    for (let steps = 0; steps < 14; steps++) {
      for (const survivors of [NOTHING, { type: "all" } as const]) {
        const platter = disk();
        const whole = encodeFlush([{ type: "entry", entry: entry(1, 1) }], 0);
        install(platter, [...whole, 9, 9, 9]);
        new Life(reference, platter, () => {}, steps, 0).attempt((life) => life.recover());
        crash(platter, "power", survivors);
        booted(platter);
        expect(logLength(platter)).toBe(1);
        expect(decodeWal(minimalImage(platter).get(`${DIRECTORY}wal`)!).problem).toBeNull();
      }
    }
  });

  it("goes on at the end of what it found", () => {
    const platter = disk();
    install(platter, [...encodeFlush([{ type: "entry", entry: entry(1, 1) }], 0), 9, 9, 9]);
    const life = booted(platter);
    life.take(append(2, 1));
    life.persist();
    crash(platter, "power", NOTHING);
    expect(logLength(platter)).toBe(2);
  });
});

it("ends the process when the disk refuses", () => {
  const life = booted(disk());
  life.take(append(1, 1));
  life.persist();
  const calls = life.steps.filter((step) => step.type === "disk");
  const tried = calls.filter(({ onError }) => onError !== "exit").map(({ op }) => op.type);
  expect(tried).toEqual(["sync", "data-sync"]);
});

describe("a sync that fails", () => {
  const EIO: DiskFault = { type: "sync-fails", file: null, count: 1 };

  it("takes its flush out of the file, and ends the process without a word to anybody", () => {
    const platter = disk();
    const life = booted(platter);
    life.take(append(1, 1));
    life.persist();
    life.take(append(2, 1));
    life.take(message());
    injectFault(platter, EIO, 0);
    const steps = during(life, () => void life.attempt(() => life.persist()));
    expect(steps).toEqual(["write 36..72", "data-sync", "truncate 36", "fail"]);
    expect(life.failure).toBe("EIO: data-sync failed");
  });

  it("is not papered over by a process that finds the flush in the cache", () => {
    const platter = disk();
    const first = booted(platter);
    first.take(append(1, 1));
    injectFault(platter, EIO, 0);
    first.attempt(() => first.persist());
    crash(platter, "process", NOTHING);
    const found = booted(platter).recovered;
    crash(platter, "power", NOTHING);
    expect(lastIndex(found!.log)).toBe(logLength(platter));
  });

  it("in recovery leaves what was found to be written by the next one", () => {
    const platter = disk();
    const life = new Life(reference, platter, () => {}, 7, 0);
    life.attempt(() => {
      life.recover();
      life.take(append(1, 1));
      life.persist();
    });
    crash(platter, "process", NOTHING);
    injectFault(platter, EIO, 0);
    const second = new Life(reference, platter, () => {}, 99, 0);
    second.attempt((each) => each.recover());
    expect(second.failure).toBe("EIO: sync failed");
    crash(platter, "process", NOTHING);
    expect(lastIndex(booted(platter).recovered!.log)).toBe(1);
    crash(platter, "power", NOTHING);
    expect(logLength(platter)).toBe(1);
  });
});

describe("with a defect", () => {
  it("messages leave when the write returns, and the sync comes with the next round", () => {
    const life = booted(disk());
    life.bugs = new Set(["release-before-sync"]);
    life.take(append(1, 1));
    life.take(message());
    expect(during(life, () => life.persist())).toEqual(["write 0..36", "release 1"]);
    expect(during(life, () => life.persist())).toEqual(["data-sync"]);
  });

  it("a lazy sync waits for its time, or for a graceful stop", () => {
    const life = booted(disk());
    life.bugs = new Set(["lazy-sync"]);
    life.take(append(1, 1));
    expect(during(life, () => life.persist())).toEqual(["write 0..36"]);
    expect(during(life, () => life.stop())).toEqual(["data-sync"]);
  });

  it("a vote of its own file is written aside and renamed", () => {
    const life = booted(disk());
    life.bugs = new Set(["vote-by-rename"]);
    life.take(term(1, "s2"));
    const vote = ["open", "write 0..28", "sync", "close", "rename"];
    expect(during(life, () => life.persist())).toEqual(vote);
  });
});

describe("a compaction", () => {
  const tidied = (bugs: readonly string[]): string[] => {
    const life = booted(disk());
    life.bugs = new Set(bugs);
    life.options = { compactAbove: 20 };
    for (const number of [1, 2, 3]) life.take(term(number, "s2"));
    life.take(append(1, 3));
    life.persist();
    life.take(append(2, 3));
    return during(life, () => life.persist());
  };

  it("is a whole new file, durable under its name before anything is added", () => {
    expect(tidied([])).toEqual([
      ...["open", "write 0..92", "sync", "close", "rename", "sync-directory"],
      ...["write 92..128", "data-sync"],
    ]);
  });

  it("in place, or not synced, leaves out what makes it safe", () => {
    expect(tidied(["compaction-in-place"]).slice(0, 4)).toEqual([
      ...["open", "write 0..92", "sync", "close"],
    ]);
    expect(tidied(["compaction-unsynced"]).slice(0, 5)).toEqual([
      ...["open", "write 0..92", "close", "rename", "sync-directory"],
    ]);
  });
});

it("each flush has sectors of its own where a write puts its neighbours at risk", () => {
  const frail = createDisk({
    ...{ policy: "adversarial", sectorSize: 512, writeBack: null },
    powersafeOverwrite: false,
  });
  const life = booted(frail);
  life.take(append(1, 1));
  life.persist();
  life.take(append(2, 1));
  expect(during(life, () => life.persist())).toEqual(["write 512..1024", "data-sync"]);
});

it("copies of an actor's state go their own ways", () => {
  const [wal] = reference.actors.filter(({ id }) => id === "wal");
  const state = wal!.start();
  wal!.receive(state, { type: "effect", effect: append(1, 1) });
  const copy = wal!.clone(state);
  wal!.receive(state, { type: "effect", effect: append(2, 1) });
  expect(copy).not.toEqual(state);
  wal!.receive(copy, { type: "effect", effect: append(2, 1) });
  expect(copy).toEqual(state);
});

function disk(): Disk {
  return createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
}

function install(platter: Disk, bytes: readonly number[]): void {
  installFile(platter, `${DIRECTORY}wal`, Uint8Array.from(bytes));
}

function booted(platter: Disk): Life {
  const life = new Life(reference, platter, () => {}, Number.POSITIVE_INFINITY, 0);
  life.recover();
  return life;
}

function logLength(platter: Disk): number {
  return codec.inspect(minimalImage(platter), DIRECTORY).entries.length;
}

/** What happens meanwhile, in a word or two each. */
function during(life: Life, work: () => void): string[] {
  const from = life.steps.length;
  work();
  return life.steps.slice(from).map(inWords);
}

function inWords(step: Step): string {
  switch (step.type) {
    case "disk": {
      const { op } = step;
      if (op.type === "write") return `write ${op.offset}..${op.offset + op.bytes.length}`;
      return op.type === "truncate" ? `truncate ${op.size}` : op.type;
    }
    case "release":
      return `release ${step.upTo}`;
    case "notice":
      return `notice ${step.text}`;
    case "recovered": {
      const { currentTerm, votedFor, log } = step.recovered;
      return `recovered t${currentTerm} vote=${votedFor} log=${lastIndex(log)}`;
    }
    default:
      return step.type;
  }
}

function entry(index: number, ofTerm: number): Entry {
  return { index, term: ofTerm, command: Uint8Array.of(1, 2, 3) };
}

function append(index: number, ofTerm: number): Effect {
  return { type: "append", entries: [entry(index, ofTerm)] };
}

function term(number: number, votedFor: string | null): Effect {
  return { type: "hard-state", term: number, votedFor };
}

/** An answer that promises term 1. */
function message(): Extract<Effect, { type: "send" }> {
  return {
    type: "send",
    message: {
      from: "s1",
      to: "s2",
      kind: "vote-reply",
      name: "RequestVoteReply",
      term: 1,
      success: true,
      entries: [],
      fields: {},
      obligation: { hardState: { term: 1, votedFor: "s2" }, log: null },
    },
  };
}
