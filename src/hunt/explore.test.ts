import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDisk, type Disk } from "#disk/disk.ts";
import { fatesIn } from "#disk/fates.ts";
import { stateOf } from "#disk/ground.ts";
import { crashOptions } from "#disk/history.testkit.ts";
import { perform } from "#disk/perform.ts";
import { implicationsOf } from "#disk/rules.ts";
import { closedMasks } from "#disk/states.testkit.ts";
import { type DiskOptions, POLICIES, type Policy } from "#disk/types.ts";
import type { Actor, System } from "#system/contract.ts";
import { History } from "#system/history.testkit.ts";
import { Life } from "#system/life.testkit.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import { SYSTEMS } from "#system/registry.ts";
import { recoverAfter } from "./again.ts";
import { appends, burstOf, patientOf } from "./bursts.ts";
import { createExploration, nextLeaf } from "./explore.ts";
import { idOf } from "./outcomes.ts";

const KINDS = ["os", "power"] as const;

describe.each(SYSTEMS)("$id", (system) => {
  it.each(KINDS)("lazy exploration finds what recovering every state finds: %s", (kind) => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(...POLICIES),
        crashOptions(),
        fc.constantFrom(0, 3, 1000),
        (seed, policy, options, patience) => {
          const disk = livedOn(system, seed, policy, options);
          const rules = implicationsOf(disk, kind);
          if (rules.pieces.length > 12) return;
          const patients = [patientOf(system, "s1")];
          const eager = new Set<string>();
          for (const mask of closedMasks(rules)) {
            const kept = rules.pieces
              .filter((_, i) => mask[i] === 1)
              .map(({ sequence }) => sequence);
            eager.add(idOf(recoverAfter(system, disk, kind, kept, patients)));
          }
          const exploration = createExploration(system, disk, kind, patients, { patience });
          const lazy = new Set<string>();
          for (let leaf = nextLeaf(exploration); leaf !== null; leaf = nextLeaf(exploration)) {
            lazy.add(idOf(leaf.outcomes));
            for (const fate of fatesIn(leaf.factors, 1000)) {
              for (const which of ["least", "most"] as const) {
                const kept = stateOf(exploration.ground, fate, which);
                const real = recoverAfter(system, disk, kind, kept, patients);
                expect(idOf(real)).toBe(idOf(leaf.outcomes));
              }
            }
          }
          expect(exploration.tooMany).toBe(false);
          expect(lazy).toEqual(eager);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("what has been explored is not explored again", () => {
  const explored = (count: number, patience: number) => {
    const settings = { policy: "adversarial", sectorSize: 512, writeBack: null } as const;
    const options = { ...settings, powersafeOverwrite: false };
    const { system, disk, patients } = burstOf(reference, "A", options, appends(count, 600));
    const exploration = createExploration(system, disk, "power", patients, { patience });
    const outcomes = new Set<string>();
    for (let leaf = nextLeaf(exploration); leaf !== null; leaf = nextLeaf(exploration)) {
      outcomes.add(idOf(leaf.outcomes));
    }
    return { exploration, outcomes };
  };

  it("and every outcome is found", () => {
    const [all, some] = [explored(9, Number.POSITIVE_INFINITY), explored(9, 0)];
    expect(some.outcomes).toEqual(all.outcomes);
    expect(all.exploration.merges).toBe(false);
    expect(some.exploration.merges).toBe(true);
    expect(some.exploration.leaves).toBeLessThan(all.exploration.leaves / 4);
  });

  it("unless what was forgotten is asked again", () => {
    expect(endsOf(readingSectors(0, 0))).toEqual(["0", "1"]);
    expect(endsOf(readingSectors(0, 1))).toEqual(["0", "1"]);
    expect(endsOf(readingSectors(0, 1, 0))).toEqual(["0", "1"]);
    expect(endsOf(readingSectors(0, 1, 2))).toEqual(["0", "1"]);
  });

  it("so that a burst four times as long takes a handful of times as many recoveries", () => {
    const [short, long] = [explored(8, 0), explored(32, 0)];
    expect(long.exploration.leaves).toBeLessThan(6 * short.exploration.leaves);
    expect(long.exploration.tooMany).toBe(false);
  });
});

describe("an exploration that cannot tell all apart", () => {
  it("goes on where it can", () => {
    const settings = { policy: "adversarial", sectorSize: 512, writeBack: null } as const;
    const command = Uint8Array.from({ length: 32_768 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
    const effects = [{ type: "append", entries: [{ index: 2, term: 1, command }] }] as const;
    const { system, disk, patients } = burstOf(pysyncobj, "A", settings, effects);
    const exploration = createExploration(system, disk, "power", patients);
    let after = 0;
    for (let leaf = nextLeaf(exploration); leaf !== null; leaf = nextLeaf(exploration)) {
      if (exploration.tooMany) after++;
    }
    expect(exploration.tooMany).toBe(true);
    expect(after).toBeGreaterThan(0);
  });

  it("ends when it has cost what it may", () => {
    const settings = { policy: "adversarial", sectorSize: 512, writeBack: null } as const;
    const { system, disk, patients } = burstOf(reference, "A", settings, appends(8, 600), 633);
    const exploration = createExploration(system, disk, "power", patients, { effort: 3_000_000 });
    while (nextLeaf(exploration) !== null);
    expect(exploration.tooMany).toBe(true);
    expect(exploration.ground.effort.spent).toBeLessThan(10_000_000);
    expect(exploration.leaves).toBeGreaterThan(0);
  });
});

/** Every end that a recovery comes to on a disk with three unsynced sectors, each as often as it does. */
function endsOf(system: System): readonly string[] {
  const disk = createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
  const file = "s1/file";
  perform(disk, { type: "open", file, create: true, truncate: false }, 0);
  perform(disk, { type: "truncate", file, size: 1536 }, 0);
  perform(disk, { type: "sync", file }, 0);
  perform(disk, { type: "sync-directory", directory: "s1" }, 0);
  perform(disk, { type: "write", file, offset: 0, bytes: new Uint8Array(1536).fill(1) }, 0);
  const exploration = createExploration(system, disk, "power", [patientOf(system, "s1")], {
    patience: 0,
  });
  const ends: string[] = [];
  for (let leaf = nextLeaf(exploration); leaf !== null; leaf = nextLeaf(exploration)) {
    ends.push(...leaf.outcomes.map((outcome) => (outcome.ok ? "" : outcome.name)));
  }
  return ends.sort();
}

/** A recovery that reads one byte after the other, knows only the last, and ends by that. */
function readingSectors(...sectors: readonly number[]): System {
  const actor: Actor<{ at: number }> = {
    id: "recovery",
    process: "server",
    start: () => ({ at: 0 }),
    clone: (state) => ({ ...state }),
    receive() {},
    next(state, { last, directory }) {
      const sector = sectors[state.at++];
      if (sector !== undefined) {
        const as = ([byte]: Uint8Array) => byte;
        return { type: "read", file: `${directory}file`, offset: 512 * sector, length: 1, as };
      }
      return { type: "fail", name: last.type === "read" ? `${last.value}` : "", text: "" };
    },
  };
  return { ...reference, actors: [actor], recovery: "recovery" };
}

/** A disk on which a server has lived and is cut off. */
function livedOn(
  system: System,
  seed: number,
  policy: Policy,
  options: Partial<DiskOptions>,
): Disk {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null, ...options });
  const history = new History(seed);
  const steps = history.choose(90);
  new Life(system, disk, (sent) => history.left(sent), steps, seed).attempt((life) => {
    life.recover();
    for (let turn = 0; turn < 30; turn++) {
      for (const effect of history.next()) life.take(effect);
      if (history.choose(4) === 0) life.persist();
    }
  });
  return disk;
}
