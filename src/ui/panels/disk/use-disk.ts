import { useEffect, useState } from "react";
import type { Scenario } from "#scenario/types.ts";
import type { DiskFrame } from "#sim/frame.ts";
import type { CrashKind } from "#ui/contract.ts";
import { useRun } from "#ui/run-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { RunView } from "#worker/protocol.ts";

/** Before the disk is asked for, so that steps that go by quickly do not ask. Milliseconds. */
const WAIT = 60;

export interface DiskRead {
  readonly disk: DiskFrame;
  /** It is the disk of the run and the step that are shown, and not yet an older one. */
  readonly current: boolean;
}

/** A machine's disk at the step shown; while steps go by quickly, the last one that was read. */
export function useDisk(
  { side, frame }: RunView,
  machine: string | null,
  kind: CrashKind,
): DiskRead | null {
  const { session } = useTools();
  // Of each load anew: other disks may well leave the same trace.
  const scenario = useRun((state) => state.scenario);
  const [read, setRead] = useState<{
    readonly scenario: Scenario | null;
    readonly disk: DiskFrame;
  } | null>(null);
  const { step } = frame;
  useEffect(() => {
    if (machine === null) return;
    let wanted = true;
    const timer = setTimeout(() => {
      void session.disk(side, machine, step, kind).then((disk) => {
        if (wanted && disk !== null) setRead({ scenario, disk });
      });
    }, WAIT);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [session, side, machine, step, kind, scenario]);
  if (read === null || read.disk.machine !== machine) return null;
  const { disk } = read;
  return {
    disk,
    current: read.scenario === scenario && disk.step === step && disk.kind === kind,
  };
}
