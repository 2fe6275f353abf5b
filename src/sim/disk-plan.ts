import { draw } from "#base/rng.ts";
import type { DiskPlan, Plan } from "./faults.ts";

const resolved = new WeakMap<Plan, Map<string, DiskPlan>>();

/** The disk of this machine: what is said of it alone, over what is said of all. Its garbage is drawn from seed and name. */
export function diskPlanOf(plan: Plan, machine: string): DiskPlan {
  let known = resolved.get(plan);
  if (known === undefined) {
    known = new Map();
    resolved.set(plan, known);
  }
  let disk = known.get(machine);
  if (disk === undefined) {
    const own = plan.machines.find(({ id }) => id === machine)?.disk ?? {};
    const both = { ...plan.disk, ...own };
    disk = { ...both, seed: draw(plan.seed, `disk/${machine}/${both.seed ?? 0}`) };
    known.set(machine, disk);
  }
  return disk;
}
