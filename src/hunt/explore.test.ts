import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDisk, type Disk } from "#disk/disk.ts";
import { fatesIn } from "#disk/fates.ts";
import { stateOf } from "#disk/ground.ts";
import { crashOptions } from "#disk/history.testkit.ts";
import { implicationsOf } from "#disk/rules.ts";
import { closedMasks } from "#disk/states.testkit.ts";
import { type DiskOptions, POLICIES, type Policy } from "#disk/types.ts";
import type { System } from "#system/contract.ts";
import { History } from "#system/history.testkit.ts";
import { Life } from "#system/life.testkit.ts";
import { SYSTEMS } from "#system/registry.ts";
import { recoverAfter } from "./again.ts";
import { patientOf } from "./bursts.ts";
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
        (seed, policy, options) => {
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
          const exploration = createExploration(system, disk, kind, patients);
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
      { numRuns: 150 },
    );
  });
});

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
