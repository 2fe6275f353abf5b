import { assert } from "#base/assert.ts";
import { addPlain, createDigest } from "#base/digest.ts";
import { crash } from "./crash.ts";
import { cloneDisk, type Disk, ownInode, readRange } from "./disk.ts";
import { type Factors, fatesIn, gathered, narrowed } from "./fates.ts";
import {
  addName,
  decide,
  type Fate,
  type Found,
  type Ground,
  type GroundFile,
  type GroundRange,
  lookAt,
  namedBy,
  rangeOf,
  sizeMost,
  stateOf,
  UNDECIDED,
  undecide,
} from "./ground.ts";
import { perform } from "./perform.ts";
import type { Piece } from "./pieces.ts";
import type { Seal } from "./seal.ts";
import { sealedStates } from "./sealed.ts";
import type { CrashKind, DiskOp, Errno, OpResult, Path } from "./types.ts";

/**
 * A disk after a crash of which it is not yet decided what survived: all states at once that nobody could tell apart so
 * far. A reader's question splits it by the answers; what nobody asks is never decided. Over that lies what was done to it since.
 */
export interface SymbolicDisk {
  readonly ground: Ground;
  readonly kind: Exclude<CrashKind, "process">;
  /** Which states: all closed sets that agree with these. What independent questions decided is kept apart. */
  readonly factors: Factors;
  /** What has been done since the crash, in order. */
  done: readonly DiskOp[];
  /** Names and descriptors as they are now, as far as they are decided. Its bytes mean nothing. */
  readonly skeleton: Disk;
  /** The paths that it knows, beside those that nothing pending could change. */
  readonly resolved: Set<Path>;
  /** By inode: what has been changed of it since the crash. */
  readonly changed: Map<number, Changed>;
  /** Some of its states may have matched a checksum by accident, and were taken for such as do not (`SealedStates`). */
  readonly trusts: boolean;
  /** Once every piece had to be decided: the disk itself. */
  real: Disk | null;
}

/** The part of the disk on which the answer is the same, and the answer. */
export interface Branch<Answer> {
  readonly disk: SymbolicDisk;
  readonly answer: Answer;
}

/** Null: there are too many states to tell apart. */
export type Branches<Answer> = readonly Branch<Answer>[] | null;

/** What a read found, as `StepResult` has it: a missing file has no bytes and no errno. */
export interface ReadAnswer {
  readonly bytes: Uint8Array | null;
  readonly value: unknown;
  readonly errno: Errno | null;
}

/** What was done to a file since the crash; `start` null: it was created then. */
interface Changed {
  readonly start: number | null;
  readonly changes: readonly Change[];
}

type Change =
  | { readonly type: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: "resize"; readonly size: number };

/** What one question may cost (`Effort.spent`); different bytes that it sees; and those of the sets it is split into. */
const COST_MOST = 150_000_000;
const BYTES_MOST = 8_000_000;
const FATES_SIZE_MOST = 32_000_000;
/** What a state by itself counts for, in bytes: it becomes a disk. */
const STATE_SIZE = 8_000;
/** What a question costs that splits nothing, and one assignment that it is asked about; about nanoseconds. */
const SPLIT_COST = 2_000;
const ASK_COST = 300;
/** For each byte that a reader takes something from. */
const TAKE_COST = 10;
const NO_CHANGES: readonly Change[] = [];
const NOTHING = new Uint8Array();

export function createSymbolicDisk(
  ground: Ground,
  kind: Exclude<CrashKind, "process">,
): SymbolicDisk {
  return {
    ground,
    kind,
    factors: [[ground.undecided]],
    done: [],
    skeleton: ground.skeleton,
    resolved: new Set(),
    changed: new Map(),
    trusts: false,
    real: null,
  };
}

/**
 * Reads as `readRange` does, and takes from the bytes what `as` says (null: the bytes); equal values are one answer. With a
 * seal: bytes that do not match it are told apart from those that do without being looked at one by one.
 */
export function readSymbolic(
  disk: SymbolicDisk,
  path: Path,
  offset: number,
  length: number,
  as: ((bytes: Uint8Array) => unknown) | null,
  seal: Seal | null = null,
): Branches<ReadAnswer> {
  const { real } = disk;
  if (real !== null) {
    const result = readRange(real, path, offset, length);
    const answer = result.ok ? answerOf(result.bytes, as) : failed(result.errno);
    return [{ disk, answer }];
  }
  return chain(resolve(disk, path), (branch, inode) => {
    if (inode === null) return [{ disk: branch, answer: failed("ENOENT") }];
    return readInode(branch, inode, offset, offset + length, as, seal);
  });
}

/** Performs a call as `perform` would, on every state. */
export function performSymbolic(disk: SymbolicDisk, op: DiskOp): Branches<OpResult> {
  if (disk.real === null && needsAll(disk, op)) {
    return chain(decideAll(disk), (branch) => performSymbolic(branch, op));
  }
  if (disk.real !== null) {
    const own = copyOf(disk);
    const real = cloneDisk(disk.real);
    own.real = real;
    return [{ disk: own, answer: perform(real, op, real.clock) }];
  }
  let branches: Branches<Resolved> = [{ disk, answer: [] }];
  for (const path of pathsOf(disk, op)) {
    branches = chain(branches, (branch, resolved) =>
      chain(resolve(branch, path), (own, inode) => [
        { disk: own, answer: [...resolved, [path, inode]] },
      ]),
    );
  }
  return chain(branches, (branch, resolved) => change(withNames(branch, resolved), op));
}

/** Paths, and the inodes that they have turned out to lead to. */
type Resolved = readonly (readonly [Path, number | null])[];

// Asking

/** The same key for the same answer. */
interface Keyed<Answer> {
  readonly key: string;
  readonly answer: Answer;
}

/** States that have one answer. */
interface Share<Answer> extends Keyed<Answer> {
  readonly fate: Fate;
  readonly trusts: boolean;
}

/**
 * Splits the states by the answer to a question that depends on these pieces. Where several pieces are undecided they are
 * decided one by one, in order, and what makes no difference is taken back. Who answers may still split what it is asked
 * about, or give up (null); all that the answer depends on is in `depends`.
 */
function split<Answer>(
  disk: SymbolicDisk,
  pieces: readonly number[],
  ask: (fate: Fate) => Keyed<Answer> | readonly Share<Answer>[] | null,
  depends = pieces,
): Branches<Answer> {
  const { undecided, effort } = disk.ground;
  effort.asked?.(depends);
  const fatesMost = Math.floor(FATES_SIZE_MOST / (undecided.length + 1));
  const asked = gathered(disk.factors, depends, undecided, fatesMost);
  if (asked === null) return null;
  effort.spent += SPLIT_COST + asked.fates.length * (undecided.length + depends.length);
  let room = FATES_SIZE_MOST;
  const found = new Map<string, { readonly fates: Fate[]; readonly answer: Answer }>();
  const trusting = new Set<string>();
  /** Of states that differ elsewhere alone the answer is known: by what is decided of the pieces it depends on. */
  const uniform = new Map<string, string>();
  const most = effort.spent + COST_MOST;
  let isRefused = false;

  function isTooMuch(): boolean {
    return isRefused || effort.spent > most || room < 0;
  }

  function note(key: string, fate: Fate): void {
    found.get(key)?.fates.push(fate);
    room -= fate.length;
    effort.spent += fate.length;
  }

  function know({ key, answer }: Keyed<Answer>): void {
    if (!found.has(key)) found.set(key, { fates: [], answer });
  }

  /** The key of the answer when it is the same throughout; else null, and the answers have been noted. */
  function askAbout(fate: Fate): string | null {
    effort.spent += ASK_COST;
    const said = ask(fate);
    if (said === null) isRefused = true;
    if (said === null || !("key" in said)) {
      for (const share of said ?? []) {
        know(share);
        note(share.key, share.fate);
        if (share.trusts) trusting.add(share.key);
      }
      return null;
    }
    know(said);
    return said.key;
  }

  /** The key of the answer when it is the same throughout; else null, and the answers have been noted. */
  function explore(fate: Fate, from: number, trail: number[]): string | null {
    let at = from;
    while (at < pieces.length && fate[pieces[at] as number] !== UNDECIDED) at++;
    if (at === pieces.length) return askAbout(fate);
    if (isTooMuch()) return null;
    const piece = pieces[at] as number;
    const length = trail.length;
    decide(disk.ground, fate, piece, false, trail);
    const ifLost = explore(fate, at + 1, trail);
    undecide(fate, trail, length);
    decide(disk.ground, fate, piece, true, trail);
    const ifKept = explore(fate, at + 1, trail);
    const isSame = ifLost !== null && ifLost === ifKept;
    if (!isSame && ifKept !== null) note(ifKept, fate.slice());
    undecide(fate, trail, length);
    if (isSame) return ifKept;
    if (ifLost !== null) {
      decide(disk.ground, fate, piece, false, trail);
      note(ifLost, fate.slice());
      undecide(fate, trail, length);
    }
    return null;
  }

  for (const fate of asked.fates) {
    const decided = String.fromCharCode(...depends.map((piece) => fate[piece] as number));
    let key = uniform.get(decided) ?? null;
    if (key === null) {
      const isOpen = pieces.some((piece) => fate[piece] === UNDECIDED);
      key = isOpen ? explore(fate.slice(), 0, []) : askAbout(fate);
      if (isTooMuch()) return null;
      if (key !== null) uniform.set(decided, key);
    }
    if (key !== null) found.get(key)?.fates.push(fate);
  }
  return [...found].map(([key, { fates, answer }]) => {
    const trusts = disk.trusts || trusting.has(key);
    const factors = found.size === 1 ? disk.factors : narrowed(fates, asked.others);
    return { disk: { ...disk, factors, trusts }, answer };
  });
}

function chain<One, Other>(
  branches: Branches<One>,
  next: (disk: SymbolicDisk, answer: One) => Branches<Other>,
): Branches<Other> {
  if (branches === null) return null;
  const all: Branch<Other>[] = [];
  for (const { disk, answer } of branches) {
    const further = next(disk, answer);
    if (further === null) return null;
    all.push(...further);
  }
  return all;
}

/** A copy to be changed. */
function copyOf(disk: SymbolicDisk): SymbolicDisk {
  return {
    ...disk,
    skeleton: cloneDisk(disk.skeleton),
    resolved: new Set(disk.resolved),
    changed: new Map(disk.changed),
  };
}

/** The inode that a path leads to; null: none. */
function resolve(disk: SymbolicDisk, path: Path): Branches<number | null> {
  const { ground, skeleton, resolved } = disk;
  const pieces = ground.names.get(path);
  if (pieces === undefined || resolved.has(path)) {
    return [{ disk, answer: skeleton.names.get(path) ?? null }];
  }
  return split(disk, pieces, (fate) => {
    const answer = namedBy(ground, fate, path);
    return { key: `${answer}`, answer };
  });
}

function readInode(
  disk: SymbolicDisk,
  inode: number,
  offset: number,
  end: number,
  as: ((bytes: Uint8Array) => unknown) | null,
  seal: Seal | null = null,
): Branches<ReadAnswer> {
  const { ground, changed } = disk;
  const { start, changes } = changed.get(inode) ?? { start: inode, changes: NO_CHANGES };
  const file = start === null ? undefined : ground.files.get(start);
  const answers = new Map<Found | null, Keyed<ReadAnswer>>();
  const look = (found: Found | null): Keyed<ReadAnswer> => {
    const known = answers.get(found);
    if (known !== undefined) return known;
    const isFailed = found?.errno != null;
    const before = found === null ? NOTHING : found.bytes;
    const bytes = changes.length === 0 ? before : applied(before, changes, offset, end);
    const answer = isFailed ? failed(found.errno) : answerOf(bytes, as);
    const key = isFailed ? `!${found.errno}` : keyOf(answer.value);
    ground.effort.spent += bytes.length * TAKE_COST;
    const one = { key, answer };
    answers.set(found, one);
    return one;
  };
  if (file === undefined) return [{ disk, answer: look(null).answer }];
  const range = rangeOf(ground, file, offset, end);
  if (seal !== null && changes.length === 0 && ground.disk.unreadable.size === 0) {
    const asked = { ground, file, range, seal, look };
    const branches = split(disk, range.sizes, (fate) => askSealed(asked, fate), range.pieces);
    if (branches !== null) return branches;
  }
  const size = Math.max(1, Math.min(end, sizeMost(ground, file)) - offset);
  return split(disk, range.pieces, (fate) => {
    const isSeen = answers.size * size <= BYTES_MOST;
    return isSeen ? look(lookAt(ground, file, range, fate)) : null;
  });
}

interface SealedRead {
  readonly ground: Ground;
  readonly file: GroundFile;
  readonly range: GroundRange;
  readonly seal: Seal;
  look(found: Found): Keyed<ReadAnswer>;
}

/** By the checksum: one answer for all states in which it does not match. */
function askSealed(
  { ground, file, range, seal, look }: SealedRead,
  fate: Fate,
): readonly Share<ReadAnswer>[] | Keyed<ReadAnswer> | null {
  const states = sealedStates(ground, file, range, fate, seal);
  if (states === null) return null;
  const { cubes, trusts } = states;
  let broken: Keyed<ReadAnswer> | null = null;
  const shares = cubes.map(({ fate: own, matches }): Share<ReadAnswer> => {
    if (matches) return { ...look(lookAt(ground, file, range, own)), fate: own, trusts: false };
    broken ??= look(lookAt(ground, file, range, own));
    return { ...broken, fate: own, trusts };
  });
  // The promise of the seal, held against the bytes that are most unlike the first.
  const last = cubes.findLast(({ matches }) => !matches);
  if (last !== undefined && broken !== null && !trusts) {
    const { key } = look(lookAt(ground, file, range, last.fate));
    assert(key === (broken as Keyed<ReadAnswer>).key, "what a broken seal covers is read alike");
  }
  const [only] = shares;
  return only !== undefined && shares.length === 1 && !trusts ? only : shares;
}

/** Equal for equal values. */
function keyOf(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const digest = createDigest();
    addPlain(digest, value);
    return `${digest.high} ${digest.low}`;
  }
  return `=${typeof value}${String(value)}`;
}

function answerOf(bytes: Uint8Array, as: ((bytes: Uint8Array) => unknown) | null): ReadAnswer {
  return { bytes, value: as === null ? bytes : as(bytes), errno: null };
}

function failed(errno: Errno): ReadAnswer {
  return { bytes: null, value: null, errno: errno === "ENOENT" ? null : errno };
}

/** What a range holds after the changes; `before`: what it held, up to the end of the file. */
function applied(
  before: Uint8Array,
  changes: readonly Change[],
  offset: number,
  end: number,
): Uint8Array {
  // How far the file goes, where that lies inside the range; else its nearer edge.
  let size = offset + before.length;
  const parts: { at: number; readonly bytes: Uint8Array }[] = [{ at: offset, bytes: before }];
  const clip = (at: number): number => Math.max(offset, Math.min(end, at));
  for (const each of changes) {
    if (each.type === "write") {
      const from = clip(each.offset);
      const to = clip(each.offset + each.bytes.length);
      if (from < to) {
        const bytes = each.bytes.subarray(from - each.offset, to - each.offset);
        parts.push({ at: from, bytes });
      }
      size = Math.max(size, to);
      continue;
    }
    const after = clip(each.size);
    for (const [index, { at, bytes }] of parts.entries()) {
      if (at + bytes.length <= after) continue;
      parts[index] = { at, bytes: bytes.subarray(0, Math.max(0, after - at)) };
    }
    size = after;
  }
  const bytes = new Uint8Array(size - offset);
  for (const part of parts) if (part.bytes.length > 0) bytes.set(part.bytes, part.at - offset);
  return bytes;
}

// Doing

/** The paths whose being there decides how a call ends, as far as that is not known yet. */
function pathsOf({ ground, resolved }: SymbolicDisk, op: DiskOp): readonly Path[] {
  const { names, paths } = ground;
  if (names.size === resolved.size) return [];
  const asked: Path[] = [];
  if (op.type === "rename") asked.push(op.from, op.to);
  else if (op.type === "sync-directory") asked.push(op.directory, op.directory.replace(/\/$/, ""));
  else if (op.type !== "close" && typeof op.file === "string") asked.push(op.file);
  const found = new Set<Path>();
  for (const path of asked) {
    found.add(path);
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      found.add(path.slice(0, at));
    }
    const prefix = path.endsWith("/") ? path : `${path}/`;
    for (const other of paths) if (other.startsWith(prefix)) found.add(other);
  }
  return [...found].filter((path) => names.has(path) && !resolved.has(path));
}

/** Makes what has been resolved part of the skeleton. */
function withNames(disk: SymbolicDisk, resolved: Resolved): SymbolicDisk {
  if (resolved.length === 0) return disk;
  const own = copyOf(disk);
  for (const [path, inode] of resolved) {
    own.resolved.add(path);
    if (inode !== null) addName(own.skeleton, path, inode);
  }
  return own;
}

function change(disk: SymbolicDisk, op: DiskOp): Branches<OpResult> {
  const inode = inodeBy(disk, op);
  if (isSync(op)) {
    // It changes nothing that anybody could see: the skeleton may be one that others use as well.
    return [{ disk: { ...disk, done: [...disk.done, op] }, answer: perform(disk.skeleton, op, 0) }];
  }
  if (op.type !== "store" || inode === null) return [changeSkeleton(copyOf(disk), op, inode)];
  // A store needs the file to be that long.
  const end = op.offset + op.bytes.length;
  if (!Number.isSafeInteger(end) || end < 1) return [changeSkeleton(copyOf(disk), op, inode)];
  const reaches = readInode(disk, inode, end - 1, end, (bytes) => bytes.length === 1);
  return chain(reaches, (branch, { value }) => {
    const own = copyOf(branch);
    ownInode(own.skeleton, inode).liveSize = value === true ? end : end - 1;
    return [changeSkeleton(own, op, inode)];
  });
}

function isSync(op: DiskOp): boolean {
  return op.type === "sync" || op.type === "data-sync" || op.type === "sync-directory";
}

/** The file that a call changes, by the skeleton. */
function inodeBy({ skeleton }: SymbolicDisk, op: DiskOp): number | null {
  switch (op.type) {
    case "write":
    case "store":
    case "truncate": {
      const { descriptors, names } = skeleton;
      return (typeof op.file === "number" ? descriptors.get(op.file) : names.get(op.file)) ?? null;
    }
    case "open":
      return skeleton.names.get(op.file) ?? null;
    default:
      return null;
  }
}

/** In place. */
function changeSkeleton(disk: SymbolicDisk, op: DiskOp, inode: number | null): Branch<OpResult> {
  const { skeleton, changed } = disk;
  const result = perform(skeleton, op, 0);
  disk.done = [...disk.done, op];
  if (!result.ok) return { disk, answer: result };
  if (op.type === "open" && inode === null) {
    const created = skeleton.names.get(op.file);
    if (created !== undefined) changed.set(created, { start: null, changes: [] });
  }
  const next = changeBy(op);
  if (next !== null && inode !== null) {
    const { start, changes } = changed.get(inode) ?? { start: inode, changes: [] };
    changed.set(inode, { start, changes: [...changes, next] });
  }
  return { disk, answer: result };
}

function changeBy(op: DiskOp): Change | null {
  switch (op.type) {
    case "write":
    case "store": {
      const { offset, bytes } = op;
      return bytes.length === 0 ? null : { type: "write", offset, bytes };
    }
    case "truncate":
      return { type: "resize", size: op.size };
    case "open":
      return op.truncate ? { type: "resize", size: 0 } : null;
    default:
      return null;
  }
}

/** Does how the call ends depend on more than names and sizes: on faults, or on the room that is left? */
function needsAll({ ground, done }: SymbolicDisk, op: DiskOp): boolean {
  const { disk } = ground;
  if (disk.armed.length > 0 || disk.unreadable.size > 0) return true;
  if (disk.capacity === null) return false;
  let most = 0;
  for (const { liveSize, platterSize, log } of disk.inodes.values()) {
    let size = Math.max(liveSize, platterSize);
    for (let i = 0; i < log.count; i++) {
      const effect = log.items[i];
      if (effect?.type === "size") size = Math.max(size, effect.after);
    }
    most += size;
  }
  for (const each of [...done, op]) {
    if (each.type === "write" || each.type === "store") most += each.offset + each.bytes.length;
    if (each.type === "truncate") most += each.size;
  }
  // On a full disk there is no room for a new name either.
  return most >= disk.capacity;
}

/** Every state by itself, on a disk of its own. */
function decideAll(disk: SymbolicDisk): Branches<null> {
  const { ground, kind, done } = disk;
  const all = ground.implications.pieces.map((_: Piece, i) => i);
  let room = BYTES_MOST;
  const branches = split(disk, all, (fate) => {
    room -= Math.max(STATE_SIZE, all.length);
    return room < 0 ? null : { key: fate.join(""), answer: null };
  });
  return chain(branches, (branch) => {
    const own = copyOf(branch);
    const fate = fatesIn(own.factors, 1)[0] as Fate;
    const real = cloneDisk(ground.disk);
    crash(real, kind, { type: "chosen", effects: stateOf(ground, fate, "least") });
    for (const op of done) perform(real, op, real.clock);
    own.real = real;
    return [{ disk: own, answer: null }];
  });
}
