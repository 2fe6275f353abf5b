import { useEffect, useState } from "react";
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
  const hash = useRun((state) => state.hash);
  const [read, setRead] = useState<{ readonly hash: string; readonly disk: DiskFrame } | null>(
    null,
  );
  const { step } = frame;
  useEffect(() => {
    if (machine === null) return;
    let wanted = true;
    const timer = setTimeout(() => {
      void session.disk(side, machine, step, kind).then((disk) => {
        if (wanted && disk !== null) setRead({ hash, disk });
      });
    }, WAIT);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [session, side, machine, step, kind, hash]);
  if (read === null || read.disk.machine !== machine) return null;
  const { disk } = read;
  return {
    disk,
    current: read.hash === hash && disk.step === step && disk.kind === kind,
  };
}
