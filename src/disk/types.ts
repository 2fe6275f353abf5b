/** A path as a design writes it, directories separated by "/": "A/raft.journal". */
export type Path = string;
/** A descriptor that `open` gave; it keeps naming its inode after a rename or an unlink. */
export type Descriptor = number;
export type FileRef = Path | Descriptor;
/** Microseconds of virtual time. */
export type DiskTime = number;

export const PAGE_SIZE = 4096;

/** One system call as a design issues it. Data, so it can be drawn, recorded, reordered and lost. */
export type DiskOp =
  /** Opens a file for reading and writing. `create`: makes an empty one when there is none; `truncate`: empties it. */
  | {
      readonly type: "open";
      readonly file: Path;
      readonly create: boolean;
      readonly truncate: boolean;
    }
  | { readonly type: "close"; readonly descriptor: Descriptor }
  /** pwrite(2): extends the file when it ends beyond its size. */
  | {
      readonly type: "write";
      readonly file: FileRef;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** A store through a MAP_SHARED mapping: inside the file's size only, in the page cache at once. */
  | {
      readonly type: "store";
      readonly file: FileRef;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "truncate"; readonly file: FileRef; readonly size: number }
  | { readonly type: "rename"; readonly from: Path; readonly to: Path }
  | { readonly type: "unlink"; readonly file: Path }
  | { readonly type: "sync"; readonly file: FileRef }
  /** fdatasync(2); with a range of bytes msync(2) with MS_SYNC, which writes the pages that it touches. */
  | { readonly type: "data-sync"; readonly file: FileRef; readonly range?: ByteRange }
  | { readonly type: "sync-directory"; readonly directory: Path };

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a reader of a part of a file got. Fewer bytes than asked for: the file ends there. */
export type ReadResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly errno: Errno };

export type Errno =
  | "ENOENT"
  | "EBADF"
  | "EINVAL"
  | "EIO"
  | "ENOSPC"
  | "EFBIG"
  | "EISDIR"
  | "ENOTDIR"
  | "ENAMETOOLONG";

export type OpResult =
  /** `descriptor` after an open; -1 otherwise. */
  | { readonly ok: true; readonly descriptor: Descriptor }
  | { readonly ok: false; readonly errno: Errno };

/** Ordering rules of write-back (README, "The model"): which effects survive only together with which. */
export type Policy = (typeof POLICIES)[number];
export const POLICIES = [
  "strict",
  "per-file",
  "data-first",
  "ordered-journal",
  "metadata-first",
  "adversarial",
] as const;

/**
 * What an fsync of a file covers besides its data and size. `new-dent`: the name it was created under as well;
 * `whole-journal`: every earlier change of names and sizes, as a file system with one journal does by accident.
 */
export type SyncScope = "posix" | "new-dent" | "whole-journal";

/**
 * What power loss may leave of one write: all or nothing (`none`), any of its pages, any of its sectors, or any of its
 * sectors with one cut at any byte (`byte-prefix`: the bytes before the cut are new).
 */
export type Tear = "none" | "page" | "sector" | "byte-prefix";

/**
 * What becomes of dirty data whose fsync failed. `clean`: the pages count as clean, readers see the new bytes until a crash
 * or an eviction, and no later fsync writes them; `revert`: memory goes back to what the platter holds, at once;
 * `stay-dirty`: as before the call, and a retry is a real one.
 */
export type SyncFailure = "clean" | "revert" | "stay-dirty";

/**
 * What an fsync does that says it worked. `device`: the data has reached the device's own cache, which an OS crash drains
 * and a power loss takes; `total`: nothing at all.
 */
export type Flushing = "honest" | "device" | "total";

export type CrashKind = "process" | "os" | "power";

/** Which of the effects that no sync covers a crash keeps. What is chosen is closed under the policy. */
export type Survivors =
  | { readonly type: "none" }
  | { readonly type: "all" }
  /** Any state the policy allows, drawn from this number. */
  | { readonly type: "seeded"; readonly draw: number }
  /** Exactly these effects and what they need: the `user` policy. */
  | { readonly type: "chosen"; readonly effects: readonly number[] };

/** When the kernel writes dirty data back on its own. Null: never, until a crash or the user decides. */
export interface WriteBack {
  /** A dirty page older than this is written at the next wake-up. Microseconds; ext4 defaults 30 s and 5 s. */
  readonly dataAge: DiskTime;
  readonly wakeEvery: DiskTime;
  /** Names, sizes and renames are committed every so often. Microseconds; ext4's default is 5 s. */
  readonly metadataEvery: DiskTime;
}

export interface DiskOptions {
  readonly policy: Policy;
  readonly sectorSize: 512 | 4096;
  readonly writeBack: WriteBack | null;
  readonly syncScope: SyncScope;
  readonly tear: Tear;
  /** False: a sector that was being written when power failed may hold garbage, the bytes beside the write included. */
  readonly powersafeOverwrite: boolean;
  /** What is read where a size is on the platter and its data is not. Garbage comes from the seed, fixed for each sector. */
  readonly exposure: "zeros" | "garbage";
  /** False: a rename over a name may be left half done: the old name gone, both there, or neither. */
  readonly renameAtomic: boolean;
  /** A store through a mapping is written back in pieces of so many bytes; null: as a whole within its page. */
  readonly storeGrain: number | null;
  readonly syncFailure: SyncFailure;
  readonly flushing: Flushing;
  /** Bytes that all files together may have; null: no limit. */
  readonly capacity: number | null;
  /** When a full disk says so: as the write is made, or (delayed allocation) only as it is synced. */
  readonly allocation: "at-write" | "at-sync";
  /** Garbage of this disk is drawn from this number. */
  readonly seed: number;
}

/** Options as callers give them: what is left out is as in `DISK_DEFAULTS`. */
export type DiskSettings = Pick<DiskOptions, "policy" | "sectorSize" | "writeBack"> &
  Partial<DiskOptions>;

export const DISK_DEFAULTS: Omit<DiskOptions, "policy" | "sectorSize" | "writeBack"> = {
  syncScope: "posix",
  tear: "sector",
  powersafeOverwrite: true,
  exposure: "zeros",
  renameAtomic: true,
  storeGrain: null,
  syncFailure: "clean",
  flushing: "honest",
  capacity: null,
  allocation: "at-write",
  seed: 0,
};

/** The defaults that were measured on ext4 (data=ordered, Linux): pages after 30 s, looked for every 5 s; a commit every 5 s. */
export const EXT4_LIKE_WRITE_BACK: WriteBack = {
  dataAge: 30_000_000,
  wakeEvery: 5_000_000,
  metadataEvery: 5_000_000,
};

/** Something that goes wrong with a disk, put there by hand or by a script. Paths are those of the moment. */
export type DiskFault =
  /** The next so many syncs of this file (null: of any) fail with EIO; what becomes of the data says `syncFailure`. */
  | { readonly type: "sync-fails"; readonly file: Path | null; readonly count: number }
  /** The next so many writes of this file (null: of any) fail, and change nothing. */
  | {
      readonly type: "write-fails";
      readonly file: Path | null;
      readonly errno: "EIO" | "ENOSPC";
      readonly count: number;
    }
  /** The next so many files cannot be created or renamed: no room in the directory. */
  | { readonly type: "create-fails"; readonly count: number }
  /** This much room from now on, in bytes; null: no limit. */
  | { readonly type: "capacity"; readonly bytes: number | null }
  /** The sector at this offset cannot be read any more (EIO) until it is written anew. */
  | { readonly type: "unreadable"; readonly file: Path; readonly offset: number }
  /** One bit of the byte at this offset of the platter has flipped. */
  | { readonly type: "rot"; readonly file: Path; readonly offset: number; readonly bit: number }
  /** The next write to this file is acknowledged and synced like any other, and never reaches the medium. */
  | { readonly type: "lost-write"; readonly file: Path }
  /** From now on syncs are honest, or lie. */
  | { readonly type: "flushing"; readonly flushing: Flushing }
  /** The kernel drops clean pages from its cache: readers see the platter where nothing is pending. */
  | { readonly type: "evict"; readonly file: Path };

/** All files of a machine as some reader would see them, by path. */
export type Image = ReadonlyMap<Path, Uint8Array>;

/** One effect that has not reached the platter, for the picture. */
export interface PendingEffect {
  readonly sequence: number;
  /** The path under which the file is known now. */
  readonly path: Path;
  /** `garble`: what a power loss may make of a sector that is being written, when overwrites are not power-safe. */
  readonly kind: "data" | "size" | "name" | "garble";
  /** In words: "bytes 36..39", "size 1024 -> 2048", "rename raft.journal.meta.tmp -> raft.journal.meta". */
  readonly text: string;
  /** Byte range of a data effect; 0, 0 otherwise. */
  readonly offset: number;
  readonly length: number;
  readonly since: DiskTime;
  /** Effects that must survive if this one does (their sequence numbers, direct ones only), and by which rule. */
  readonly needs: readonly number[];
  readonly why: readonly Need[];
  /** A sync said that this was on the platter, and lied. */
  readonly forsworn: boolean;
  /** A crash of the kind that was asked about leaves it in any case, whatever is chosen. */
  readonly forced: boolean;
}

/** Why an effect survives only together with an earlier one. */
export interface Need {
  readonly sequence: number;
  readonly rule: Rule;
}

/** The rules by name; `RULE_WORDS` of pending.ts says each in a sentence. */
export type Rule =
  | "same-cell"
  | "first-name"
  | "truncate-first"
  | "whole-page"
  | "program-order"
  | "file-order"
  | "directory-order"
  | "data-before-metadata"
  | "metadata-order"
  | "exposed-data"
  | "replaced-file"
  | "byte-order";

/** A 4096-byte page of a file, for the picture. */
export interface PageView {
  readonly page: number;
  /** `clean`: platter and cache agree. `torn`: sectors of the page differ in whether they agree. */
  readonly state: "clean" | "dirty" | "torn";
  /** Effects pending on this page. */
  readonly pending: readonly number[];
  readonly sectors: readonly SectorView[];
}

/** A sector of a page, for the picture. */
export interface SectorView {
  /** Counted from the start of the file. */
  readonly sector: number;
  /**
   * `durable`: cache and platter agree. `written`: newer in the cache. `in-flight`: newer in the cache, and a sync has said
   * that it is durable though it only reached the device. `forgotten`: newer in the cache and counted as
   * clean, so that no sync writes it (its fsync failed, or its write was acknowledged and lost). `torn`: a crash left a part
   * of a write here. `rotten`: a bit has flipped. `unreadable`: EIO.
   */
  readonly state:
    | "durable"
    | "written"
    | "in-flight"
    | "forgotten"
    | "torn"
    | "rotten"
    | "unreadable";
  /** Versions of it that a crash may leave, the durable one included; 1 when nothing is pending. */
  readonly versions: number;
  readonly pending: readonly number[];
}

export interface FileView {
  readonly path: Path;
  readonly size: number;
  /** The size the file has if nothing pending survives; null: then the name is not there. */
  readonly durableSize: number | null;
  readonly pages: readonly PageView[];
}
