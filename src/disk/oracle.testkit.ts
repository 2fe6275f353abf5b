import { type Happening, INSTALLED, INSTALLED_BYTES, imageText } from "./history.testkit.ts";
import type { Path, Policy } from "./types.ts";

/**
 * The model a second time, as plainly as it can be said: the whole history is kept, everything is split into sectors,
 * rules are predicates on pairs, and a state is replayed from the first boot. Slow, and shares no code with the disk.
 */
export interface Oracle {
  readonly policy: Policy;
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
  | { readonly type: "data"; readonly offset: number; readonly bytes: Uint8Array }
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
    }
);

const PAGE = 4096;
const SECTOR = 512;

export function createOracle(policy: Policy): Oracle {
  return {
    policy,
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
        record(oracle, { type: "name", inode, from: null, to: op.file, replaces: false });
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
      for (let at = op.offset; at < end; ) {
        const next = Math.min(end, (Math.floor(at / SECTOR) + 1) * SECTOR);
        const bytes = op.bytes.slice(at - op.offset, next - op.offset);
        record(oracle, { type: "data", inode, offset: at, bytes });
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
      if (op.from === op.to) return;
      const inode = inodeOf(oracle, op.from);
      const replaces = names.has(op.to);
      record(oracle, { type: "name", inode, from: op.from, to: op.to, replaces });
      names.delete(op.from);
      names.set(op.to, inode);
      return;
    }
    case "unlink":
      record(oracle, {
        type: "name",
        inode: inodeOf(oracle, op.file),
        from: op.file,
        to: null,
        replaces: false,
      });
      names.delete(op.file);
      return;
    case "flush":
      settle(oracle, (part) => part.operation === op.of && part.type === op.kind);
      return;
    case "sync":
    case "data-sync": {
      const inode = inodeOf(oracle, op.file);
      settle(oracle, (part) => part.type !== "name" && part.inode === inode);
      return;
    }
    case "sync-directory":
      settle(
        oracle,
        (part) =>
          part.type === "name" &&
          [part.from, part.to].some((path) => path !== null && directory(path) === op.directory),
      );
      return;
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
    if (durable.has(i)) continue;
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

/** Does `later` surviving mean that `earlier` did? (Two sectors of one page's write need each other.) */
function requires(
  oracle: Oracle,
  later: number,
  earlier: number,
  kind: "os" | "power",
  writing: boolean,
): boolean {
  const { history, policy } = oracle;
  const y = history[later]!;
  const x = history[earlier]!;
  const cell = kind === "os" ? PAGE : SECTOR;
  if (later === earlier) return false;
  if (
    kind === "os" &&
    x.type === "data" &&
    y.type === "data" &&
    x.operation === y.operation &&
    sameCell(x.offset, y.offset, PAGE)
  )
    return true;
  if (earlier > later) return false;
  if (policy === "strict") return true;
  if (x.type === "name" && y.type === "name") {
    const paths = [y.from, y.to].filter((path) => path !== null);
    if (paths.some((path) => path === x.from || path === x.to)) return true;
    if (y.to !== null && x.from === null && x.inode === y.inode) return true;
    if (
      policy === "per-file" &&
      paths.some((path) =>
        [x.from, x.to].some((other) => other !== null && directory(other) === directory(path)),
      )
    )
      return true;
  }
  if (policy === "ordered-journal") {
    if (isMetadata(x) && isMetadata(y)) return true;
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
}

export function imageOf(oracle: Oracle, set: ReadonlySet<number>): Map<Path, Uint8Array> {
  const names = new Map([[INSTALLED, 1]]);
  const files = new Map<number, { size: number; bytes: Uint8Array }>();
  const fileOf = (inode: number) => {
    const file = files.get(inode) ?? { size: 0, bytes: new Uint8Array(4 * PAGE) };
    files.set(inode, file);
    return file;
  };
  fileOf(1).bytes.set(INSTALLED_BYTES);
  fileOf(1).size = INSTALLED_BYTES.length;
  for (const [i, part] of oracle.history.entries()) {
    if (!set.has(i)) continue;
    if (part.type === "name") {
      if (part.from !== null) names.delete(part.from);
      if (part.to !== null) names.set(part.to, part.inode);
    } else if (part.type === "data") fileOf(part.inode).bytes.set(part.bytes, part.offset);
    else {
      if (part.after < part.before) fileOf(part.inode).bytes.fill(0, part.after);
      fileOf(part.inode).size = part.after;
    }
  }
  return new Map(
    [...names]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, inode]) => [path, fileOf(inode).bytes.slice(0, fileOf(inode).size)]),
  );
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

function isMetadata(part: Part): boolean {
  return part.type === "name" || (part.type === "size" && part.cuts);
}

function sameCell(a: number, b: number, cell: number): boolean {
  return Math.floor(a / cell) === Math.floor(b / cell);
}

function directory(path: Path): Path {
  return path.slice(0, path.lastIndexOf("/"));
}
