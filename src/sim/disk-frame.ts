import { liveImage, minimalImage } from "#disk/disk.ts";
import { fileViews, pendingEffects } from "#disk/pending.ts";
import type { CrashKind } from "#disk/types.ts";
import { faultsInWords } from "./fault-words.ts";
import type { DiskFrame, FileFrame, SpanFrame } from "./frame.ts";
import { machineOf, processOf, type World } from "./world.ts";

/**
 * A machine's files for the inspector: bytes, what they mean, and what of them would survive. `kind`: the crash that what is
 * pending is taken apart for.
 */
export function diskFrame(world: World, id: string, kind: CrashKind): DiskFrame {
  const machine = machineOf(world, id);
  const live = liveImage(machine.disk);
  const durable = minimalImage(machine.disk);
  const problems = machine.servers.flatMap((server) => {
    const { directory } = processOf(world, server);
    return world.system.codec.inspect(live, directory).problems;
  });
  const files: FileFrame[] = fileViews(machine.disk).map((view) => {
    const bytes = live.get(view.path) ?? new Uint8Array();
    const durableBytes = durable.get(view.path) ?? null;
    const spans = world.system.codec.annotate(view.path, bytes).map(
      ({ offset, length, kind, label, entry }): SpanFrame => ({
        offset,
        length,
        kind,
        label,
        index: entry?.index ?? null,
        term: entry?.term ?? null,
        durable: sameBytes(bytes, durableBytes, offset, length),
      }),
    );
    return {
      ...view,
      bytes,
      durableBytes,
      spans,
      problems: problems.filter(({ path }) => path === view.path),
    };
  });
  const { disk, power } = machine;
  return {
    machine: id,
    step: world.step,
    power,
    kind,
    options: disk.options,
    faults: faultsInWords(id, disk),
    files,
    pending: pendingEffects(disk, kind),
  };
}

function sameBytes(
  bytes: Uint8Array,
  durable: Uint8Array | null,
  offset: number,
  length: number,
): boolean {
  if (durable === null || durable.length < offset + length) return false;
  for (let i = offset; i < offset + length; i++) if (bytes[i] !== durable[i]) return false;
  return true;
}
