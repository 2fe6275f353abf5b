import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes } from "#base/bytes.ts";
import { crash } from "#disk/crash.ts";
import { cloneDisk, createDisk, type Disk, liveImage, pendingCount, readFile } from "#disk/disk.ts";
import { injectFault } from "#disk/faults.ts";
import type { CrashKind, DiskOp } from "#disk/types.ts";
import { entriesFrom } from "#raft/log.ts";
import type { Recovered } from "#raft/protocol.ts";
import { systemEntry } from "./catalogue.ts";
import type { Actor, ActorContext, DiskContents, Step, StepResult, System } from "./contract.ts";
import { History } from "./history.testkit.ts";
import { DIRECTORY, Life } from "./life.testkit.ts";
import { decodeWal, WAL } from "./reference/format.ts";
import { reference } from "./reference/index.ts";
import { SYSTEMS } from "./registry.ts";

/** What a system claims with no bug on, and why no more. */
interface Claim {
  /** After these crashes it still has all that its messages promised. */
  readonly kinds: readonly CrashKind[];
  readonly why: string;
  /** Must its very first start run to its end, and why; null: a crash may fall there too. */
  readonly firstStart: string | null;
}

const CLAIMS: Readonly<Record<string, Claim>> = {
  reference: {
    kinds: ["process", "os", "power"],
    why: "every promise waits for a sync that covers it",
    firstStart: null,
  },
  pysyncobj: {
    kinds: ["process"],
    why: "nothing waits and nothing is synced: what it promises is in the page cache, which only a process crash leaves",
    firstStart:
      "it creates the journal empty and fills it after, and refuses an empty one ever after",
  },
};

const SEEDS = Array.from({ length: 400 }, (_, seed) => seed);
const ALL = Number.POSITIVE_INFINITY;
const KINDS: readonly CrashKind[] = ["process", "os", "power"];

it("every system says which crashes it claims to survive", () => {
  expect(SYSTEMS.map(({ id }) => id).sort()).toEqual(Object.keys(CLAIMS).sort());
});

describe.each(SYSTEMS)("$id", (system) => {
  const { kinds } = CLAIMS[system.id]!;

  it.each(kinds)("recovers whatever was released, wherever a crash falls: %s", (kind) => {
    const milder = KINDS.slice(0, KINDS.indexOf(kind) + 1);
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const renameAtomic = system.id === "pysyncobj" || seed % 2 === 0;
        expect(broken(system, [kind], seed, { renameAtomic })).toBeNull();
        expect(broken(system, milder, seed, { renameAtomic })).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  it("recovers whatever was released after a graceful stop", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(broken(system, ["stop"], seed)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });
});

describe.each(SYSTEMS.filter(({ id }) => CLAIMS[id]?.firstStart !== null))("$id", (system) => {
  it("refuses what some crash in its first start leaves", () => {
    const failures = Array.from({ length: 20 }, (_, steps) => {
      const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
      new Life(system, disk, ignore, steps, 0).attempt((life) => life.recover());
      crash(disk, "process", { type: "none" });
      const next = new Life(system, disk, ignore, ALL, 0);
      next.attempt((life) => life.recover());
      return next.failure;
    });
    expect(failures.some((each) => each !== null)).toBe(true);
  });
});

/** How many lives it takes at most to see a defect, and under which options where it hangs on one. */
const DEFECTS: Readonly<
  Record<string, { readonly within: number; readonly options?: Options; readonly faults?: boolean }>
> = {
  "release-before-sync": { within: 20 },
  "lazy-sync": { within: 20 },
  "no-directory-sync": { within: 40 },
  "vote-by-rename": { within: 100 },
  "vote-unsynced": { within: 40 },
  "no-checksum": { within: 800 },
  "pointer-before-record": { within: 200 },
  "sync-retried": { within: 150, faults: true },
  "cut-at-bad-record": { within: 300, faults: true },
  "unreadable-is-empty": { within: 300, faults: true },
  "compaction-in-place": { within: 150, options: { compactAbove: 300 } },
  "compaction-unsynced": { within: 300, options: { compactAbove: 300 } },
  "applied-index-apart": { within: 100, options: { keepState: 1 } },
};

describe("a defect of the reference", () => {
  it.each(Object.entries(DEFECTS))(
    "%s is found",
    (bug, { within, options = {}, faults = false }) => {
      const seeds = Array.from({ length: within }, (_, seed) => seed);
      const found = seeds.findIndex(
        (seed) =>
          broken(reference, ["os", "power"], seed, { bugs: [bug], options, faults }) !== null,
      );
      expect(found).toBeGreaterThanOrEqual(0);
    },
  );

  it("is each one that a scenario can turn on", () => {
    const ids = systemEntry("reference")?.bugs.map(({ id }) => id);
    expect(ids?.sort()).toEqual(Object.keys(DEFECTS).sort());
  });
});

describe("the reference on a failing disk", () => {
  it("may refuse to go on, and forgets nothing", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 500), (seed, compactAbove) => {
        const circumstances = { faults: true, options: { compactAbove } };
        expect(broken(reference, KINDS, seed, circumstances)).toBeNull();
      }),
      { numRuns: 400 },
    );
  });
});

describe("recovery of the reference", () => {
  it("comes to the same when it was cut by a crash before", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(30), fc.nat(), (seed, steps, draw) => {
        const history = new History(seed);
        const disk = drawnDisk(history, false);
        const life = new Life(reference, disk, ignore, 20 + history.choose(60), seed);
        live(life, history, "power", null);
        crash(disk, "power", { type: "seeded", draw: seed });
        const [whole, cut] = [cloneDisk(disk), cloneDisk(disk)];
        new Life(reference, cut, ignore, steps, seed).attempt((each) => each.recover());
        crash(cut, "power", { type: "seeded", draw });
        const [first, second] = [whole, cut].map((each) => {
          const next = new Life(reference, each, ignore, ALL, seed);
          next.recover();
          return { ...next.recovered, log: entriesFrom(next.recovered!.log, 1) };
        });
        expect(second).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the reference with a compaction", () => {
  it.each(KINDS)("recovers whatever was released, wherever a crash falls: %s", (kind) => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 100, max: 3000 }), (seed, compactAbove) => {
        expect(broken(reference, [kind], seed, { options: { compactAbove } })).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it("leans on renames being atomic, and without it on nothing that is renamed", () => {
    const circumstances = { options: { compactAbove: 300 }, renameAtomic: false };
    const isBroken = (seed: number) => broken(reference, ["os"], seed, circumstances) !== null;
    expect(SEEDS.some(isBroken)).toBe(true);
  });
});

describe("the reference with its state machine on the disk", () => {
  it.each(KINDS)("starts with what its applied index says, wherever a crash falls: %s", (kind) => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (seed, renameAtomic) => {
        const options = { keepState: 1, compactAbove: renameAtomic ? 500 : 0 };
        expect(broken(reference, [kind], seed, { options, renameAtomic })).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it("never starts with another one on a failing disk, either", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const circumstances = { faults: true, options: { keepState: 1 } };
        expect(broken(reference, KINDS, seed, circumstances)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });
});

const UNCLAIMED = SYSTEMS.flatMap((system) =>
  KINDS.filter((kind) => !CLAIMS[system.id]?.kinds.includes(kind)).map((kind) => ({
    system,
    kind,
  })),
);

it.each(UNCLAIMED)("$system.id loses promises to a crash that it does not claim: $kind", (each) => {
  expect(isEverBroken(each.system, [each.kind])).toBe(true);
});

describe("the check itself", () => {
  const CRASHES: readonly CrashKind[] = ["os", "power"];

  it.each(CRASHES)("finds a release before its sync: %s", (kind) => {
    const early = withSteps(reference, (step, { held }) =>
      isCall(step, "data-sync") ? [{ type: "release", upTo: held }, step] : [step],
    );
    expect(isEverBroken(early, [kind])).toBe(true);
  });

  it("finds a directory that is never synced", () => {
    const nameless = withSteps(reference, (step) => (isCall(step, "sync-directory") ? [] : [step]));
    expect(isEverBroken(nameless, ["power"])).toBe(true);
  });
});

type Options = Readonly<Record<string, number>>;

interface Circumstances {
  readonly bugs?: readonly string[];
  readonly options?: Options;
  /** Syncs fail, sectors rot or cannot be read: then a server may refuse to go on, but forget nothing. */
  readonly faults?: boolean;
  readonly renameAtomic?: boolean;
}

/** Some lives on one disk, each ended by the next of `ends` at a drawn step. What breaks first, or null. */
function broken(
  system: System,
  ends: readonly (CrashKind | "stop")[],
  seed: number,
  { bugs = [], options = {}, faults = false, renameAtomic = true }: Circumstances = {},
): string | null {
  const history = new History(seed);
  const disk = drawnDisk(history, renameAtomic);
  const born = (steps: number, draw: number): Life => {
    const life = new Life(system, disk, (sent) => history.left(sent), steps, draw);
    life.bugs = new Set(bugs);
    life.options = options;
    life.application = () => history.application();
    return life;
  };
  if (CLAIMS[system.id]?.firstStart !== null) born(ALL, seed).attempt((life) => life.recover());
  for (let count = 0; count < 4; count++) {
    const end = ends[history.choose(ends.length)] ?? "power";
    const steps = history.choose(4) === 0 ? history.choose(30) : history.choose(150);
    const life = born(steps, seed + count);
    const seen = system.codec.inspect(liveImage(disk), DIRECTORY, life.bugs);
    const problem = live(life, history, end, faults ? disk : null);
    if (system === reference && !faults) expectSeen(seen, life.recovered);
    if (life.failure !== null && !faults) return `life ${count + 1}: ${life.failure}`;
    if (problem !== null) return `life ${count + 1}: ${problem}`;
    const draw = history.choose(2 ** 32);
    // Killed between a sync that failed and the next call, nobody can know that the cache lies: the machine goes down too.
    const isUnaware = faults && isSync(life.steps.at(-1));
    const kind = end === "stop" || (end === "process" && !isUnaware) ? "process" : "os";
    crash(disk, end === "power" ? end : kind, { type: "seeded", draw });
    if (faults && pendingCount(disk) === 0) harm(disk, history);
  }
  const last = born(ALL, seed);
  last.attempt((life) => life.recover());
  if (last.recovered !== null) return history.judge(last.recovered);
  return faults ? null : (last.failure ?? "no recovery");
}

/** What a reader of the files says and what recovery makes of them are the same. */
function expectSeen(seen: DiskContents, recovered: Recovered | null): void {
  if (recovered === null) return;
  const { currentTerm, votedFor, log } = recovered;
  const found = entriesFrom(log, 1);
  const isSame =
    (seen.currentTerm ?? 0) === currentTerm &&
    seen.votedFor === votedFor &&
    JSON.stringify(seen.state ?? null) === JSON.stringify(recovered.state ?? null) &&
    seen.entries.length === found.length &&
    seen.entries.every(({ term, command }, at) => {
      const other = found[at];
      return other?.term === term && equalBytes(other.command, command);
    });
  if (!isSame) throw new Error("recovery and inspection disagree");
}

/** Recovers and works until the steps are used up, or 200 turns are done. `frail`: a disk whose syncs may fail. */
function live(
  life: Life,
  history: History,
  end: CrashKind | "stop",
  frail: Disk | null,
): string | null {
  let problem: string | null = null;
  life.attempt(() => {
    life.recover();
    const { recovered } = life;
    if (recovered === null) return;
    problem = history.judge(recovered);
    history.restart(recovered);
    for (let turn = 0; turn < 200; turn++) {
      for (const effect of history.next()) life.take(effect);
      const isKept = (life.options.keepState ?? 0) > 0;
      if (isKept && history.choose(2) === 0) for (const each of history.apply()) life.take(each);
      if (history.choose(4) === 0) life.persist();
      if (frail !== null && history.choose(20) === 0) {
        injectFault(frail, { type: "sync-fails", file: null, count: 1 }, turn);
      }
      if (end === "stop" && turn === 20) {
        life.stop();
        return;
      }
    }
  });
  return problem;
}

/** A bit of the log flips, or a sector of it is lost; not in the last flush, where nobody can tell it from a torn write. */
function harm(disk: Disk, history: History): void {
  const file = `${DIRECTORY}${WAL}`;
  const bytes = readFile(disk, file);
  if (bytes === null || history.choose(2) === 0) return;
  const below = decodeWal(bytes).reading.flush;
  if (below === 0) return;
  const offset = history.choose(below);
  const isLost = history.choose(2) === 0;
  if (isLost) injectFault(disk, { type: "unreadable", file, offset }, 0);
  else injectFault(disk, { type: "rot", file, offset, bit: history.choose(8) }, 0);
}

/** Every option of a disk that keeps its word, drawn. */
function drawnDisk(history: History, renameAtomic: boolean): Disk {
  const one = <Value>(...values: readonly [Value, ...Value[]]): Value =>
    values[history.choose(values.length)] ?? values[0];
  return createDisk({
    policy: one(
      "strict",
      "per-file",
      "data-first",
      "ordered-journal",
      "metadata-first",
      "adversarial",
    ),
    sectorSize: one(512, 512, 4096),
    writeBack: one(null, null, { dataAge: 20, wakeEvery: 7, metadataEvery: 9 }),
    syncScope: one("posix", "posix", "new-dent", "whole-journal"),
    tear: one("none", "page", "sector", "byte-prefix"),
    powersafeOverwrite: one(true, false),
    exposure: one("zeros", "garbage"),
    renameAtomic,
    storeGrain: one(null, 8),
    syncFailure: one("clean", "revert", "stay-dirty"),
    allocation: one("at-write", "at-sync"),
    seed: history.choose(2 ** 31),
  });
}

function isEverBroken(system: System, ends: readonly CrashKind[]): boolean {
  for (let seed = 0; seed < 400; seed++) if (broken(system, ends, seed) !== null) return true;
  return false;
}

function isSync(step: Step | undefined): boolean {
  return step !== undefined && (isCall(step, "data-sync") || isCall(step, "sync"));
}

function isCall(step: Step, call: DiskOp["type"]): boolean {
  return step.type === "disk" && step.op.type === call;
}

/** The same system, with each micro-step replaced by others; one that is left out seems to have gone well. */
function withSteps(
  system: System,
  change: (step: Step, context: ActorContext) => readonly Step[],
): System {
  return { ...system, actors: system.actors.map((actor) => changed(actor, change)) };
}

interface Changed {
  readonly inner: unknown;
  queue: readonly Step[];
  isSkipped: boolean;
}

function changed(
  actor: Actor,
  change: (step: Step, context: ActorContext) => readonly Step[],
): Actor<Changed> {
  const done: StepResult = { type: "disk", result: { ok: true, descriptor: -1 } };
  return {
    ...actor,
    start: () => ({ inner: actor.start(), queue: [], isSkipped: false }),
    clone: (state) => ({ ...state, inner: actor.clone(state.inner) }),
    receive: ({ inner }, note) => actor.receive(inner, note),
    next(state, context) {
      for (;;) {
        const [first, ...rest] = state.queue;
        state.queue = rest;
        if (first !== undefined) return first;
        const last = state.isSkipped ? done : context.last;
        const step = actor.next(state.inner, { ...context, last });
        state.isSkipped = false;
        if (step === null) return null;
        state.queue = change(step, context);
        state.isSkipped = state.queue.length === 0;
      }
    },
  };
}

function ignore(): void {}
