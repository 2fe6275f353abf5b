import * as v from "valibot";
import { crashKind, filled, integer, LIMITS, list, micros, name, told, whole } from "./fields.ts";

/** Files that somebody names: as long as those of a machine may be. */
const path = filled(300);

/** Every setting of a disk by its name, with what it may be. */
export const DISK_SETTINGS = {
  policy: told(
    v.picklist([
      "strict",
      "per-file",
      "data-first",
      "ordered-journal",
      "metadata-first",
      "adversarial",
    ]),
    "The order in which writes reach the platter: which survive only together with which.",
  ),
  sectorSize: told(v.picklist([512, 4096]), "What a power loss keeps or loses as one, in bytes."),
  writeBack: told(
    v.nullable(
      v.strictObject({
        dataAge: integer(1, LIMITS.time),
        wakeEvery: integer(1, LIMITS.time),
        metadataEvery: integer(1, LIMITS.time),
      }),
    ),
    "When the kernel writes on its own; null: never, until a crash decides.",
  ),
  writeTime: told(micros, "How long a write takes, in microseconds."),
  syncTime: told(micros, "How long a sync takes, in microseconds."),
  admits: told(list(crashKind, 3), "The crashes that durability is judged under."),
  syncScope: told(
    v.picklist(["posix", "new-dent", "whole-journal"]),
    "What an fsync of a file covers besides it: nothing, its first name, or every earlier change of names and sizes.",
  ),
  tear: told(
    v.picklist(["none", "page", "sector", "byte-prefix"]),
    "What a power loss may leave of one write: all or nothing, any pages, any sectors, or also a sector cut at a byte.",
  ),
  powersafeOverwrite: told(
    v.boolean(),
    "False: a sector that was being written when the power failed may hold garbage.",
  ),
  exposure: told(
    v.picklist(["zeros", "garbage"]),
    "What is read where a file's size is on the platter and its data is not.",
  ),
  renameAtomic: told(v.boolean(), "False: a rename over a name may be left half done."),
  storeGrain: told(
    v.nullable(integer(1, 4096)),
    "Stores through a mapping are written back in pieces of so many bytes; null: as a whole within a page.",
  ),
  syncFailure: told(
    v.picklist(["clean", "revert", "stay-dirty"]),
    "What becomes of data whose fsync failed: forgotten as if written, taken back, or tried again.",
  ),
  flushing: told(
    v.picklist(["honest", "device", "total"]),
    "What a sync does that says it worked: its work, no more than reach the device's cache, or nothing.",
  ),
  capacity: told(v.nullable(whole), "Bytes that all files together may have; null: no limit."),
  allocation: told(
    v.picklist(["at-write", "at-sync"]),
    "When a full disk says so: as the write is made, or only as it is synced.",
  ),
} as const;

const is = DISK_SETTINGS;

/** The disk of every machine. Defaults are those of the modelled disk; its own fields are added at the end, never between. */
export const DISK = v.strictObject({
  policy: v.optional(is.policy, "ordered-journal"),
  sectorSize: v.optional(is.sectorSize, 512),
  writeBack: v.optional(is.writeBack, null),
  writeTime: v.optional(is.writeTime, 10),
  syncTime: v.optional(is.syncTime, 500),
  admits: v.optional(is.admits, ["process", "os", "power"]),
  syncScope: v.optional(is.syncScope, "posix"),
  tear: v.optional(is.tear, "sector"),
  powersafeOverwrite: v.optional(is.powersafeOverwrite, true),
  exposure: v.optional(is.exposure, "zeros"),
  renameAtomic: v.optional(is.renameAtomic, true),
  storeGrain: v.optional(is.storeGrain, null),
  syncFailure: v.optional(is.syncFailure, "clean"),
  flushing: v.optional(is.flushing, "honest"),
  capacity: v.optional(is.capacity, null),
  allocation: v.optional(is.allocation, "at-write"),
});

/** Where one machine's disk differs: what is left out is as on every machine, whatever its value. */
export const DISK_PATCH = v.strictObject({
  policy: v.exactOptional(is.policy),
  sectorSize: v.exactOptional(is.sectorSize),
  writeBack: v.exactOptional(is.writeBack),
  writeTime: v.exactOptional(is.writeTime),
  syncTime: v.exactOptional(is.syncTime),
  admits: v.exactOptional(is.admits),
  syncScope: v.exactOptional(is.syncScope),
  tear: v.exactOptional(is.tear),
  powersafeOverwrite: v.exactOptional(is.powersafeOverwrite),
  exposure: v.exactOptional(is.exposure),
  renameAtomic: v.exactOptional(is.renameAtomic),
  storeGrain: v.exactOptional(is.storeGrain),
  syncFailure: v.exactOptional(is.syncFailure),
  flushing: v.exactOptional(is.flushing),
  capacity: v.exactOptional(is.capacity),
  allocation: v.exactOptional(is.allocation),
});

const count = v.optional(told(integer(1, 1_000_000), "How often it happens."), 1);
const anyFile = v.optional(told(v.nullable(path), "Null: whichever file comes next."), null);

/** What goes wrong with a disk. Paths are those of the moment, from the machine's root: A/raft.journal. */
export const DISK_FAULT = v.variant("type", [
  v.strictObject({ type: v.literal("sync-fails"), file: anyFile, count }),
  v.strictObject({
    type: v.literal("write-fails"),
    file: anyFile,
    errno: v.optional(v.picklist(["EIO", "ENOSPC"]), "EIO"),
    count,
  }),
  v.strictObject({ type: v.literal("create-fails"), count }),
  v.strictObject({
    type: v.literal("capacity"),
    bytes: told(v.nullable(whole), "Of all files together, from now on; null: no limit."),
  }),
  v.strictObject({ type: v.literal("unreadable"), file: path, offset: whole }),
  v.strictObject({
    type: v.literal("rot"),
    file: path,
    offset: told(whole, "Of the byte, in the file."),
    bit: told(integer(0, 7), "Which of its bits has flipped; 0 is the lowest."),
  }),
  v.strictObject({ type: v.literal("lost-write"), file: path }),
  v.strictObject({ type: v.literal("flushing"), flushing: is.flushing }),
  v.strictObject({ type: v.literal("evict"), file: path }),
]);

const EFFECTS_MOST = 100_000;
export const effects = list(whole, EFFECTS_MOST);

const SURVIVORS = [
  v.strictObject({ type: v.literal("none") }),
  v.strictObject({ type: v.literal("all") }),
  v.strictObject({ type: v.literal("seeded"), draw: integer(0, 0xffffffff) }),
  v.strictObject({ type: v.literal("chosen"), effects }),
] as const;

/** Of a crash: what it keeps of the effects that no sync covers. */
export const survivors = v.optional(
  v.variant("type", [
    ...SURVIVORS,
    v.strictObject({
      type: v.literal("by-machine"),
      of: told(
        v.record(name, v.variant("type", SURVIVORS)),
        "Each machine's own; of one that is not named nothing survives.",
      ),
    }),
  ]),
  { type: "none" },
);
