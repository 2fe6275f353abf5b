import { ok, refused } from "#base/result.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Cut, SideCut, Store, StoredCut, WriteOptions } from "./store.ts";

/** A store in memory: what it was asked to write, in order, and what it has. */
export interface MemoryStore extends Store {
  readonly writes: { readonly cut: Cut; readonly how: WriteOptions }[];
  readonly cuts: Map<string, StoredCut & { readonly writer: string }>;
  /** When not null, every operation fails with this sentence. */
  trouble: string | null;
  /** Nothing can be written: the browser gives no more room. */
  full: boolean;
}

export function memoryStore(): MemoryStore {
  const writes: MemoryStore["writes"] = [];
  const cuts: MemoryStore["cuts"] = new Map();
  const failed = (text: string) => refused({ kind: "failed", text } as const);
  return {
    writes,
    cuts,
    trouble: null,
    full: false,
    async list() {
      if (this.trouble !== null) return failed(this.trouble);
      return ok(
        [...cuts.values()].map(({ run, title, step, steps }) => ({
          ...{ run, title, step, steps },
          savedAt: 0,
        })),
      );
    },
    async read(run) {
      return this.trouble === null ? ok(cuts.get(run) ?? null) : failed(this.trouble);
    },
    async write(cut, how) {
      if (this.trouble !== null) return failed(this.trouble);
      if (this.full) return refused({ kind: "full", text: "No room." });
      const before = cuts.get(cut.run);
      if (before !== undefined && before.writer !== cut.writer && !how.claims) {
        return refused({ kind: "taken", text: "taken" });
      }
      writes.push({ cut, how });
      cuts.set(cut.run, { ...structuredClone(cut), engine: "test" });
      return ok(null);
    },
    async forget(run) {
      cuts.delete(run);
      return ok(null);
    },
  };
}

/** A cut whose every part says at which step it was made. */
export function cut(step: number, more: Partial<Cut> = {}): Cut {
  return {
    run: "r",
    writer: "w",
    title: "A run",
    base: { title: "A run" } as Scenario,
    edits: [],
    step,
    steps: 100,
    sides: [side(step, { A: `a${step}`, B: `b${step}` })],
    ...more,
  };
}

export function side(
  step: number,
  disks: Readonly<Record<string, string>>,
  which: SideCut["side"] = "main",
): SideCut {
  const platters = Object.entries(disks).map(([machine, digest]) => ({
    machine,
    digest,
    record: { content: digest },
  }));
  return { side: which, step, trace: `trace ${step}`, platters };
}
