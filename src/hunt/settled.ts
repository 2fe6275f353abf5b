import { assert } from "#base/assert.ts";
import { crash } from "#disk/crash.ts";
import { cloneDisk } from "#disk/disk.ts";
import { type Log, lastIndex } from "#raft/log.ts";
import { majority } from "#raft/quorum.ts";
import type { Index, ServerId, ServerMemory, Term } from "#raft/types.ts";
import { recoverOn } from "#sim/recovery.ts";
import type { Scene, SettledEntry } from "./scene.ts";

/**
 * Entries that a client was told are kept, that a server held and that it has not recovered: their indexes, in order. Left out
 * are those that a majority has on the disk without it: a server need not keep what did not count on it.
 */
export function settledLost(
  scene: Scene,
  before: ServerMemory | null,
  { id, log }: ServerMemory,
): readonly Index[] {
  if (before === null) return [];
  const lost = scene.settled.filter((entry) => {
    const isGone = entry.index > log.baseIndex && !holds(log, entry);
    return entry.acknowledged && isGone && holds(before.log, entry);
  });
  if (lost.length === 0) return [];
  const others = [...durableLogs(scene)].filter(([server]) => server !== id);
  const needed = majority(others.length + 1);
  return lost
    .filter((entry) => others.filter(([, each]) => keeps(each, entry)).length < needed)
    .map(({ index }) => index);
}

function holds(log: Log, { index, term }: SettledEntry): boolean {
  return termIn(log, index) === term;
}

/** Also where a snapshot stands for it. */
function keeps(log: Log | null, entry: SettledEntry): boolean {
  return log !== null && (entry.index <= log.baseIndex || holds(log, entry));
}

function termIn(log: Log, index: Index): Term | null {
  if (index <= log.baseIndex || index > lastIndex(log)) return null;
  return log.entries[index - log.baseIndex - 1]?.term ?? null;
}

const known = new WeakMap<Scene, ReadonlyMap<ServerId, Log | null>>();

/** What each server would boot with if nothing survived that is not synced; null: it would not boot. */
function durableLogs(scene: Scene): ReadonlyMap<ServerId, Log | null> {
  let logs = known.get(scene);
  if (logs === undefined) {
    logs = new Map(
      scene.servers.map(({ machine, patient }) => {
        const disk = scene.disks.get(machine);
        assert(disk !== undefined, `the scene has the disk of ${machine}`);
        const bare = cloneDisk(disk);
        crash(bare, "power", { type: "chosen", effects: [] });
        const outcome = recoverOn(scene.system, bare, patient);
        return [patient.server, outcome?.ok === true ? outcome.recovered.log : null];
      }),
    );
    known.set(scene, logs);
  }
  return logs;
}
