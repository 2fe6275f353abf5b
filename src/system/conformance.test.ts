import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crash } from "#disk/crash.ts";
import { createDisk, type Disk } from "#disk/disk.ts";
import type { CrashKind, DiskOp } from "#disk/types.ts";
import type { Actor, ActorContext, Step, StepResult, System } from "./contract.ts";
import { History } from "./history.testkit.ts";
import { Life } from "./life.testkit.ts";
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
        expect(broken(system, [kind], seed)).toBeNull();
        expect(broken(system, milder, seed)).toBeNull();
      }),
      { numRuns: 150 },
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

/** Some lives on one disk, each ended by the next of `ends` at a drawn step. What breaks first, or null. */
function broken(
  system: System,
  ends: readonly (CrashKind | "stop")[],
  seed: number,
): string | null {
  const history = new History(seed);
  const disk = drawnDisk(history);
  if (CLAIMS[system.id]?.firstStart !== null)
    new Life(system, disk, ignore, ALL, seed).attempt((life) => life.recover());
  for (let count = 0; count < 4; count++) {
    const end = ends[history.choose(ends.length)] ?? "power";
    const steps = history.choose(4) === 0 ? history.choose(8) : history.choose(120);
    const problem = live(
      new Life(system, disk, (sent) => history.left(sent), steps, seed + count),
      history,
      end,
    );
    if (problem !== null) return `life ${count + 1}: ${problem}`;
    crash(disk, end === "stop" ? "process" : end, {
      type: "seeded",
      draw: history.choose(2 ** 32),
    });
  }
  const last = new Life(system, disk, ignore, ALL, seed);
  last.attempt((life) => life.recover());
  return last.failure ?? (last.recovered === null ? "no recovery" : history.judge(last.recovered));
}

/** Recovers and works until the steps are used up, or 200 turns are done. */
function live(life: Life, history: History, end: CrashKind | "stop"): string | null {
  let problem: string | null = null;
  life.attempt(() => {
    life.recover();
    const { recovered } = life;
    if (recovered === null) return;
    problem = history.judge(recovered);
    history.restart(recovered);
    for (let turn = 0; turn < 200; turn++) {
      for (const effect of history.next()) life.take(effect);
      if (history.choose(4) === 0) life.persist();
      if (end === "stop" && turn === 20) {
        life.stop();
        return;
      }
    }
  });
  return life.failure ?? problem;
}

function drawnDisk(history: History): Disk {
  const policies = ["strict", "per-file", "ordered-journal", "adversarial"] as const;
  const policy = policies[history.choose(policies.length)] ?? "strict";
  const sectorSize = history.choose(4) === 0 ? 4096 : 512;
  return createDisk({ policy, sectorSize, writeBack: null });
}

function isEverBroken(system: System, ends: readonly CrashKind[]): boolean {
  for (let seed = 0; seed < 400; seed++) if (broken(system, ends, seed) !== null) return true;
  return false;
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
