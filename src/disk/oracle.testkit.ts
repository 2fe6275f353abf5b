import { cutsOf, garbageOf } from "./garbage.ts";
import { type Happening, INSTALLED, INSTALLED_BYTES, imageText } from "./history.testkit.ts";
import type { DiskOptions, Path } from "./types.ts";

/**
 * The model a second time, as plainly as it can be said: the whole history is kept, everything is split as finely as it can
 * break, rules are predicates on pairs, and a state is replayed from the first boot. Slow. Of the disk's code it uses where
 * a byte prefix is cut and what garbage looks like, and nothing else.
 */
export interface Oracle {
  readonly options: DiskOptions;
  readonly history: Part[];
  /** Indices into the history. */
  readonly durable: Set<number>;
  readonly names: Map<Path, number>;
  readonly descriptors: Map<number, number>;
  readonly sizes: Map<number, number>;
  operation: number;
  nextDescriptor: number;
}

type Part = { readonly operation: number; readonly inode: number } & (
  | DataPart
  | {
      readonly type: "size";
      readonly before: number;
      readonly after: number;
      readonly cuts: boolean;
    }
  | {
      readonly type: "name";
      readonly from: Path | null;
      readonly to: Path | null;
      readonly replaces: boolean;
      /** One of the steps of a rename. */
      readonly isStep: boolean;
    }
  /** What power loss leaves of sectors that were being written; `unit` and `group` are those of the data. */
  | { readonly type: "garble"; readonly unit: number; readonly group: string }
);

interface DataPart {
  readonly type: "data";
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** A write call, or one grain of a store. */
  readonly unit: number;
  /** The parts that are garbage together. */
  readonly group: string;
}

const PAGE = 4096;
const SECTOR = 512;

export function createOracle(options: DiskOptions): Oracle {
  return {
    options,
    history: [],
    durable: new Set(),
    names: new Map([[INSTALLED, 1]]),
    descriptors: new Map(),
    sizes: new Map([[1, INSTALLED_BYTES.length]]),
    operation: 0,
    nextDescriptor: 3,
  };
}

/** Takes what happened at this time, if the disk accepted it. */
export function follow(oracle: Oracle, op: Happening, operation: number): void {
  oracle.operation = operation;
  const { names, sizes, descriptors } = oracle;
  switch (op.type) {
    case "open": {
      let inode = names.get(op.file);
      if (inode === undefined) {
        inode = sizes.size + 1;
        sizes.set(inode, 0);
        names.set(op.file, inode);
        recordName(oracle, inode, null, op.file, false);
      } else if (op.truncate) resize(oracle, inode, 0);
      descriptors.set(oracle.nextDescriptor++, inode);
      return;
    }
    case "close":
      descriptors.delete(op.descriptor);
      return;
    case "write":
    case "store": {
      const inode = inodeOf(oracle, op.file);
      const end = op.offset + op.bytes.length;
      const grain = op.type === "store" ? (oracle.options.storeGrain ?? 2 ** 30) : 2 ** 30;
      for (let at = op.offset; at < end; ) {
        const next = Math.min(end, (Math.floor(at / grain) + 1) * grain);
        recordData(oracle, inode, at, op.bytes.slice(at - op.offset, next - op.offset));
        at = next;
      }
      const before = sizes.get(inode) ?? 0;
      if (end > before) {
        record(oracle, { type: "size", inode, before, after: end, cuts: false });
        sizes.set(inode, end);
      }
      return;
    }
    case "truncate":
      resize(oracle, inodeOf(oracle, op.file), op.size);
      return;
    case "rename": {
      const inode = inodeOf(oracle, op.from);
      const replaces = names.has(op.to);
      if (op.from === op.to) return;
      recordName(oracle, inode, op.from, op.to, replaces);
      names.delete(op.from);
      names.set(op.to, inode);
      return;
    }
    case "unlink":
      recordName(oracle, inodeOf(oracle, op.file), op.file, null, false);
      names.delete(op.file);
      return;
    case "flush":
      settle(oracle, (part) => part.operation === op.of && part.type === op.kind);
      return;
    case "sync":
    case "data-sync": {
      const inode = inodeOf(oracle, op.file);
      const scope = op.type === "sync" ? oracle.options.syncScope : "posix";
      const range = op.type === "data-sync" ? op.range : undefined;
      settle(oracle, (part) => {
        if (part.type === "data")
          return part.inode === inode && (range === undefined || isInPages(part.offset, range));
        if (part.type === "size") return part.inode === inode || scope === "whole-journal";
        if (part.type !== "name") return false;
        return (
          scope === "whole-journal" ||
          (scope === "new-dent" && part.inode === inode && isCreation(part))
        );
      });
      return;
    }
    case "sync-directory": {
      const takesJournal = oracle.options.syncScope === "whole-journal";
      settle(oracle, (part) => {
        if (takesJournal && (part.type === "name" || part.type === "size")) return true;
        const paths = part.type === "name" ? [part.from, part.to] : [];
        return paths.some((path) => path !== null && directory(path) === op.directory);
      });
      return;
    }
  }
}

/** The texts of all images that a crash may leave. Null: too many to try. */
export function possibleImages(
  oracle: Oracle,
  kind: "os" | "power",
  most: number,
): Set<string> | null {
  const images = new Set<string>();
  const sets = closedSets(oracle, kind, most);
  if (sets === null) return null;
  for (const set of sets) images.add(imageText(imageOf(oracle, set)));
  return images;
}

/** All states as sets of parts of the whole history. */
export function closedSets(
  oracle: Oracle,
  kind: "os" | "power",
  most: number,
): Set<number>[] | null {
  const { history, durable } = oracle;
  const needs = history.map((_, later) =>
    history.map((_, i) => i).filter((earlier) => requires(oracle, later, earlier, kind, false)),
  );
  let sets = [new Set(durable)];
  for (let i = 0; i < history.length; i++) {
    if (durable.has(i) || (kind === "os" && history[i]!.type === "garble")) continue;
    const grown = sets
      .filter((set) => needs[i]!.every((needed) => needed > i || set.has(needed)))
      .map((set) => new Set([...set, i]));
    sets = [...sets, ...grown];
    if (sets.length > most) return null;
  }
  // What needs something later (the other sectors of its page) shows only at the end.
  return sets.filter((set) =>
    [...set].every((i) => durable.has(i) || needs[i]!.every((needed) => set.has(needed))),
  );
}

/** Is nothing in the set without what it needs, durable or not? */
export function isClosed(oracle: Oracle, set: ReadonlySet<number>): boolean {
  const all = oracle.history.keys();
  return [...all].every(
    (i) =>
      !set.has(i) ||
      [...oracle.history.keys()].every(
        (k) => set.has(k) || !requires(oracle, i, k, "power", false),
      ),
  );
}

/** Does `later` surviving mean that `earlier` did? (Two sectors of one page's write need each other.) */
function requires(
  oracle: Oracle,
  later: number,
  earlier: number,
  kind: "os" | "power",
  writing: boolean,
): boolean {
  const { history } = oracle;
  const { policy, tear } = oracle.options;
  const y = history[later]!;
  const x = history[earlier]!;
  const isCoarse = kind === "os" || tear === "none" || tear === "page";
  const cell = isCoarse ? PAGE : SECTOR;
  if (later === earlier) return false;
  if (kind === "os" && (x.type === "garble" || y.type === "garble")) return false;
  if (x.type === "garble" && isOf(y, x)) return true;
  if (isCoarse && x.type === "data" && y.type === "data" && x.unit === y.unit) {
    if (tear === "none" && (kind === "power" || writing)) return true;
    if (sameCell(x.offset, y.offset, PAGE)) return true;
  }
  const isOneRename = x.type === "name" && y.type === "name" && x.operation === y.operation;
  if (writing && isOneRename) return true;
  if (earlier > later) return false;
  if (policy === "strict") return true;
  // Garbage can come where the writing of the data could begin.
  if (y.type === "garble")
    return history.some(
      (data, i) => i > later && isOf(data, y) && requires(oracle, i, earlier, kind, writing),
    );
  if (x.type === "garble") return false;
  if (x.type === "name" && y.type === "name") {
    const paths = [y.from, y.to].filter((path) => path !== null);
    if (paths.some((path) => path === x.from || path === x.to)) return true;
    if (y.to !== null && isCreation(x) && x.inode === y.inode) return true;
    if (
      policy === "per-file" &&
      paths.some((path) =>
        [x.from, x.to].some((other) => other !== null && directory(other) === directory(path)),
      )
    )
      return true;
  }
  if (policy === "data-first" && y.type !== "data") return true;
  if (policy === "ordered-journal" || policy === "metadata-first") {
    if (isJournalled(x) && isJournalled(y)) return true;
  }
  if (policy === "ordered-journal") {
    if (y.type === "name" && y.replaces && x.type !== "name" && x.inode === y.inode) return true;
    if (
      y.type === "size" &&
      !y.cuts &&
      x.type === "data" &&
      x.operation === y.operation &&
      x.offset < y.after &&
      x.offset + x.bytes.length > y.before
    )
      return true;
  }
  if (x.type === "name" || y.type === "name" || x.inode !== y.inode) return false;
  if (policy === "per-file") return true;
  if (x.type === "size" && y.type === "size") return true;
  if (y.type === "data") {
    if (x.type === "data")
      return (
        sameCell(x.offset, y.offset, cell) && !cutBetween(oracle, earlier, later, y.offset, cell)
      );
    if (x.after >= x.before) return false;
    if (sameCell(y.offset, x.after, cell) && x.after % cell !== 0)
      return !cutBetween(oracle, earlier, later, y.offset, cell);
    return (policy !== "adversarial" || writing) && y.offset >= x.after;
  }
  // A truncate writes the rest of the cell it ends in.
  if (y.after >= y.before || y.after % cell === 0) return false;
  return (
    x.type === "data" &&
    sameCell(x.offset, y.after, cell) &&
    !cutBetween(oracle, earlier, later, y.after, cell)
  );
}

/** Was the cell with this byte cut off whole in between? Then its versions start anew. */
function cutBetween(
  { history }: Oracle,
  from: number,
  to: number,
  offset: number,
  cell: number,
): boolean {
  const inode = history[to]!.inode;
  const start = offset - (offset % cell);
  return history
    .slice(from + 1, to)
    .some(
      (part) =>
        part.type === "size" &&
        part.inode === inode &&
        part.after < part.before &&
        part.after <= start,
    );
}

function settle(oracle: Oracle, isChosen: (part: Part) => boolean): void {
  const { history, durable } = oracle;
  const todo = history.map((_, i) => i).filter((i) => !durable.has(i) && isChosen(history[i]!));
  for (let i = todo.pop(); i !== undefined; i = todo.pop()) {
    if (durable.has(i)) continue;
    durable.add(i);
    for (let k = 0; k < history.length; k++) if (requires(oracle, i, k, "os", true)) todo.push(k);
  }
  // Nothing is left of what was being written.
  for (const [i, garble] of history.entries()) {
    const isLeft = history.some((part, k) => isOf(part, garble) && !durable.has(k));
    if (garble.type === "garble" && !isLeft) durable.add(i);
  }
}

export function imageOf(oracle: Oracle, set: ReadonlySet<number>): Map<Path, Uint8Array> {
  const { history, durable, options } = oracle;
  const names = new Map([[INSTALLED, 1]]);
  const files = new Map<number, { size: number; bytes: Uint8Array }>();
  const fileOf = (inode: number) => {
    const file = files.get(inode) ?? { size: 0, bytes: new Uint8Array(4 * PAGE) };
    files.set(inode, file);
    return file;
  };
  const putGarbage = (inode: number, from: number, to: number) => {
    if (from >= to) return;
    fileOf(inode).bytes.set(garbageOf(options, inode, from, to - from), from);
  };
  fileOf(1).bytes.set(INSTALLED_BYTES);
  fileOf(1).size = INSTALLED_BYTES.length;
  for (const [i, part] of history.entries()) {
    if (!set.has(i)) continue;
    if (part.type === "name") {
      if (part.from !== null) names.delete(part.from);
      if (part.to !== null) names.set(part.to, part.inode);
    } else if (part.type === "data") fileOf(part.inode).bytes.set(part.bytes, part.offset);
    else if (part.type === "garble") {
      const isLeft = (each: Part, k: number) => isOf(each, part) && !durable.has(k);
      const data = history.flatMap((each, k) => (isLeft(each, k) ? [{ each, k }] : []));
      if (data.some(({ k }) => set.has(k))) continue;
      for (const { each } of data) {
        const start = Math.floor((each as DataPart).offset / SECTOR) * SECTOR;
        putGarbage(part.inode, start, start + SECTOR);
      }
    } else {
      if (part.after < part.before) fileOf(part.inode).bytes.fill(0, part.after);
      fileOf(part.inode).size = part.after;
      if (part.cuts || options.exposure === "zeros") continue;
      for (const [k, data] of history.entries()) {
        if (data.type !== "data" || data.operation !== part.operation || set.has(k)) continue;
        const from = Math.max(data.offset, part.before);
        putGarbage(part.inode, from, Math.min(data.offset + data.bytes.length, part.after));
      }
    }
  }
  return new Map(
    [...names]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, inode]) => [path, fileOf(inode).bytes.slice(0, fileOf(inode).size)]),
  );
}

/** One write call, or one grain of a store, as finely as power loss may take it apart. */
function recordData(oracle: Oracle, inode: number, offset: number, bytes: Uint8Array): void {
  const { tear, powersafeOverwrite, seed } = oracle.options;
  const unit = oracle.history.length;
  const end = offset + bytes.length;
  let lastGroup = "";
  for (let at = offset; at < end; ) {
    const next = Math.min(end, (Math.floor(at / SECTOR) + 1) * SECTOR);
    const size = tear === "none" ? 2 ** 30 : tear === "page" ? PAGE : SECTOR;
    const group = `${unit} ${Math.floor(at / size)}`;
    if (!powersafeOverwrite && group !== lastGroup)
      record(oracle, { type: "garble", inode, unit, group });
    lastGroup = group;
    const cuts = tear === "byte-prefix" ? cutsOf(seed, inode, oracle.operation, at, next) : [];
    for (const [k, from] of [at, ...cuts].entries()) {
      const to = [...cuts, next][k]!;
      const own = bytes.slice(from - offset, to - offset);
      record(oracle, { type: "data", inode, offset: from, bytes: own, unit, group });
    }
    at = next;
  }
}

function recordName(
  oracle: Oracle,
  inode: number,
  from: Path | null,
  to: Path | null,
  replaces: boolean,
): void {
  const one = { type: "name" as const, inode, from, to, replaces, isStep: false };
  if (oracle.options.renameAtomic || from === null || to === null) {
    record(oracle, one);
    return;
  }
  const isStep = true;
  if (replaces) record(oracle, { ...one, from: to, to: null, replaces: false, isStep });
  record(oracle, { ...one, to: null, replaces: false, isStep });
  record(oracle, { ...one, from: null, isStep });
}

function resize(oracle: Oracle, inode: number, after: number): void {
  const before = oracle.sizes.get(inode) ?? 0;
  if (before === after) return;
  record(oracle, { type: "size", inode, before, after, cuts: true });
  oracle.sizes.set(inode, after);
}

type WithoutOperation<Kind> = Kind extends unknown ? Omit<Kind, "operation"> : never;

function record(oracle: Oracle, part: WithoutOperation<Part>): void {
  oracle.history.push({ ...part, operation: oracle.operation });
}

function inodeOf({ names, descriptors }: Oracle, file: Path | number): number {
  const inode = typeof file === "number" ? descriptors.get(file) : names.get(file);
  if (inode === undefined) throw new Error(`the disk found ${file}`);
  return inode;
}

function isOf(data: Part, garble: Part): boolean {
  return data.type === "data" && garble.type === "garble" && data.group === garble.group;
}

function isCreation(part: Part): boolean {
  return part.type === "name" && part.from === null && !part.isStep;
}

function isJournalled(part: Part): boolean {
  return part.type === "name" || (part.type === "size" && part.cuts);
}

function isInPages(at: number, { offset, length }: { offset: number; length: number }): boolean {
  const page = Math.floor(at / PAGE);
  return page >= Math.floor(offset / PAGE) && page <= Math.floor((offset + length - 1) / PAGE);
}

function sameCell(a: number, b: number, cell: number): boolean {
  return Math.floor(a / cell) === Math.floor(b / cell);
}

function directory(path: Path): Path {
  return path.slice(0, path.lastIndexOf("/"));
}
