import { unreachable } from "#base/assert.ts";
import type { DiskOp, Path } from "#disk/types.ts";
import type { ActorContext, OnError, Step } from "#system/contract.ts";

/** A file that is written aside and renamed over the one it replaces. Changes as it goes on. */
export interface Replacing {
  readonly aside: Path;
  readonly target: Path;
  readonly bytes: Uint8Array;
  readonly onError: OnError;
  /** Between opening and writing: what its bytes take to be made, in microseconds. */
  readonly work: { readonly micros: number; readonly text: string } | null;
  stage: "open" | "opened" | "write" | "sync" | "close" | "rename" | "sync-directory" | "done";
  descriptor: number;
}

export function replacing(
  aside: Path,
  target: Path,
  bytes: Uint8Array,
  { onError = "abort-handler", work = null }: Partial<Pick<Replacing, "onError" | "work">> = {},
): Replacing {
  return { aside, target, bytes, onError, work, stage: "open", descriptor: -1 };
}

/**
 * The next step; null: it is done. As MetaStorer.storeMeta (journal.py:138-142) and Serializer.serialize (serializer.py:83-99)
 * do it, which sync neither the file nor its name.
 */
export function replaceNext(work: Replacing, context: ActorContext): Step | null {
  const { last, bugs } = context;
  const isSynced = !bugs.has("meta-not-synced");
  const call = (op: DiskOp, then: Replacing["stage"]): Step => {
    work.stage = then;
    return { type: "disk", op, onError: work.onError };
  };
  const { aside, target, descriptor } = work;
  switch (work.stage) {
    case "open":
      return call({ type: "open", file: aside, create: true, truncate: true }, "opened");
    case "opened":
      if (last.type === "disk" && last.result.ok) work.descriptor = last.result.descriptor;
      work.stage = "write";
      return work.work === null ? replaceNext(work, context) : { type: "work", ...work.work };
    case "write": {
      const { bytes } = work;
      const then = isSynced ? "sync" : "close";
      return call({ type: "write", file: descriptor, offset: 0, bytes }, then);
    }
    case "sync":
      return call({ type: "sync", file: descriptor }, "close");
    case "close":
      return call({ type: "close", descriptor }, "rename");
    case "rename":
      return call(
        { type: "rename", from: aside, to: target },
        isSynced ? "sync-directory" : "done",
      );
    case "sync-directory":
      return call({ type: "sync-directory", directory: context.directory }, "done");
    case "done":
      return null;
    default:
      return unreachable(work.stage);
  }
}
