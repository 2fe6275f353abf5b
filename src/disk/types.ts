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
  /** fdatasync(2), and msync(MS_SYNC) of the whole mapping. */
  | { readonly type: "data-sync"; readonly file: FileRef }
  | { readonly type: "sync-directory"; readonly directory: Path };

export type Errno =
  | "ENOENT"
  | "EBADF"
  | "EINVAL"
  | "EIO"
  | "ENOSPC"
  | "EFBIG"
  | "EISDIR"
  | "ENOTDIR";

export type OpResult =
  /** `descriptor` after an open; -1 otherwise. */
  | { readonly ok: true; readonly descriptor: Descriptor }
  | { readonly ok: false; readonly errno: Errno };

/** Ordering rules of `shared` write-back (ARCHITECTURE.md, "The disk"). */
export type Policy = "strict" | "per-file" | "ordered-journal" | "adversarial";

export type CrashKind = "process" | "os" | "power";

/** Which of the effects that no sync covers a crash keeps. What is chosen is closed under the policy. */
export type Survivors =
  | { readonly type: "none" }
  | { readonly type: "all" }
  /** Any state the policy allows, drawn from this number. */
  | { readonly type: "seeded"; readonly draw: number }
  /** Exactly these effects and what they need; the `user` policy. */
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
}

/** All files of a machine as some reader would see them, by path. */
export type Image = ReadonlyMap<Path, Uint8Array>;

/** One effect that has not reached the platter, for the picture. */
export interface PendingEffect {
  readonly sequence: number;
  /** The path under which the file is known now. */
  readonly path: Path;
  readonly kind: "data" | "size" | "name";
  /** In words: "bytes 36..39", "size 1024 -> 2048", "rename raft.journal.meta.tmp -> raft.journal.meta". */
  readonly text: string;
  /** Byte range of a data effect; 0, 0 otherwise. */
  readonly offset: number;
  readonly length: number;
  readonly since: DiskTime;
  /** Effects that must survive if this one does (their sequence numbers, direct ones only). */
  readonly needs: readonly number[];
}

/** A 4096-byte page of a file, for the picture. */
export interface PageView {
  readonly page: number;
  /** `clean`: platter and cache agree. `torn`: sectors of the page differ in whether they agree. */
  readonly state: "clean" | "dirty" | "torn";
  /** Effects pending on this page. */
  readonly pending: readonly number[];
}

export interface FileView {
  readonly path: Path;
  readonly size: number;
  /** The size the file has if nothing pending survives; null: then the name is not there. */
  readonly durableSize: number | null;
  readonly pages: readonly PageView[];
}
