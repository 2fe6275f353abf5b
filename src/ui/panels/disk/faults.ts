import type { DiskFault } from "#ui/contract.ts";

/** Kinds of faults as the form lists them. */
export type FaultKind = DiskFault["type"] | "room-again" | "swap";

type Field = "any-file" | "file" | "count" | "errno" | "bytes" | "offset" | "bit" | "flushing";

interface FaultWords {
  readonly label: string;
  readonly about: string;
  /** What has to be said besides. */
  readonly asks: readonly Field[];
}

export const FAULTS: Readonly<Record<FaultKind, FaultWords>> = {
  "sync-fails": {
    label: "fsync fails",
    about:
      "It answers EIO. What becomes of the data says the setting “after a failed fsync”; another try may well say that it worked.",
    asks: ["any-file", "count"],
  },
  "write-fails": {
    label: "a write fails",
    about: "The call gets an error, and nothing changes.",
    asks: ["any-file", "errno", "count"],
  },
  capacity: {
    label: "the disk is full at n bytes",
    about: "Of all files together, from now on. What needs more room gets ENOSPC.",
    asks: ["bytes"],
  },
  "room-again": { label: "there is room again", about: "No limit from now on.", asks: [] },
  "create-fails": {
    label: "a file cannot be created",
    about: "Nor renamed: there is no room in the directory.",
    asks: ["count"],
  },
  unreadable: {
    label: "this sector is unreadable",
    about: "Reading the sector that holds this byte fails with EIO, until it is written anew.",
    asks: ["file", "offset"],
  },
  rot: {
    label: "flip a bit here",
    about: "One bit of the platter flips, and nothing says so: only a checksum can tell.",
    asks: ["file", "offset", "bit"],
  },
  "lost-write": {
    label: "lose the next write",
    about: "It is acknowledged and synced like any other, and never reaches the medium.",
    asks: ["file"],
  },
  flushing: {
    label: "syncs lie from now on",
    about: "They say that they worked. What the disk does instead is yours to choose.",
    asks: ["flushing"],
  },
  evict: {
    label: "evict clean pages",
    about:
      "The kernel drops them from its cache: readers see the platter again, and what a failed sync had only pretended is gone.",
    asks: ["file"],
  },
  swap: {
    label: "swap the disk",
    about:
      "The power goes off, and an empty disk is in its place: all that the machine knew is gone.",
    asks: [],
  },
};

/** What the form holds; of each fault only the fields that it asks for count. */
export interface FaultDraft {
  readonly kind: FaultKind;
  readonly file: string;
  /** Whichever file comes next, where that is allowed. */
  readonly any: boolean;
  readonly count: number;
  readonly errno: "EIO" | "ENOSPC";
  readonly bytes: number;
  readonly offset: number;
  readonly bit: number;
  readonly flushing: "honest" | "device" | "total";
}

export function faultOf(draft: FaultDraft): DiskFault | "swap" {
  const { kind, file, count, errno, offset } = draft;
  const anyFile = draft.any ? null : file;
  switch (kind) {
    case "sync-fails":
      return { type: kind, file: anyFile, count };
    case "write-fails":
      return { type: kind, file: anyFile, errno, count };
    case "create-fails":
      return { type: kind, count };
    case "capacity":
      return { type: kind, bytes: draft.bytes };
    case "room-again":
      return { type: "capacity", bytes: null };
    case "unreadable":
      return { type: kind, file, offset };
    case "rot":
      return { type: kind, file, offset, bit: draft.bit };
    case "flushing":
      return { type: kind, flushing: draft.flushing };
    case "lost-write":
    case "evict":
      return { type: kind, file };
    case "swap":
      return "swap";
  }
}
