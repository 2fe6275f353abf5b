import type { Entry } from "#raft/types.ts";
import { type Dump, decodeDump } from "#system/pysyncobj/dump.ts";
import { endOf, type Places, restored, startOn } from "#system/pysyncobj/dump-load.ts";
import {
  decodeJournal,
  INITIAL_SIZE,
  metaContents,
  metaNumbers,
  NO_OP,
} from "#system/pysyncobj/format.ts";
import { type FindBroken, firstBroken, type Start, startedWith, type Version } from "./boots.ts";
import { bootedDump } from "./disks.ts";
import { TOO_MUCH } from "./dump.ts";
import type { ScannedJournal } from "./journal.ts";
import type { Numbers } from "./numbers.ts";
import type { ReadJournal } from "./read.ts";
import type { ServerFiles } from "./servers.ts";

/**
 * What a start makes of files that are too long to be put on a simulated disk: the same rules, on the files as they are.
 * `idOf`: the server of an address.
 */
export function bootOnPaper(
  server: ServerFiles,
  numbers: Numbers,
  idOf: (address: string) => string | null,
): (version: Version) => Start["end"] {
  const journal = asLoaded(server.journal);
  const log = logOf(journal, numbers);
  const dump = dumpOf(server, log, numbers);
  const meta = server.meta?.meta.ok ? server.meta.meta.value : null;
  const saved = meta === null ? null : metaNumbers(meta).raftCommitIndex;
  const term = meta === null ? null : metaNumbers(meta).currentTerm;
  const vote = meta === null ? null : metaContents(meta).votedForNodeId;
  const hard = {
    currentTerm: term === null ? null : numbers.nameOf(term),
    votedFor: vote === null ? null : (idOf(vote) ?? vote),
  };
  const findBroken = brokenIn(server.journal, log);
  return ({ bugs }) => {
    if (journal !== null && journal.loadError !== null) {
      return { started: false, ...journal.loadError };
    }
    const commit = saved === null ? 1 : numbers.nameOf(saved);
    const { entries: named, commitIndex } = startOn(log, commit, dump, bugs);
    const lastTerm = named.at(named.length - 1)?.term ?? 0;
    const { currentTerm, votedFor } = restored(hard, lastTerm, bugs);
    const loaded = dump === null ? null : dump.last.index;
    return startedWith(
      {
        currentTerm: currentTerm ?? 0,
        votedFor,
        commitIndex,
        named,
        dump: loaded,
        lastApplied: loaded ?? 1,
      },
      findBroken,
      numbers,
    );
  };
}

/** As the loader sees it: a file that is shorter than a new one is made as long (journal.py:88-94). */
function asLoaded(read: ReadJournal | null): ScannedJournal | null {
  if (read === null) return null;
  const { bytes } = read.file;
  if (bytes.length === 0 || bytes.length >= INITIAL_SIZE) return read.journal;
  const grown = new Uint8Array(INITIAL_SIZE);
  grown.set(bytes);
  return decodeJournal(grown);
}

/** The entries under the names of their numbers; an empty journal gets its first one (syncobj.py:164-165). */
function logOf(journal: ScannedJournal | null, { nameOf }: Numbers): Places {
  if (journal === null || journal.records.length === 0)
    return [{ index: 1, term: 0, command: NO_OP }];
  const { records } = journal;
  return {
    length: records.length,
    at(place): Entry | undefined {
      const record = records.at(place);
      if (record === undefined) return undefined;
      const { index, term, command } = record;
      return { index: nameOf(index), term: nameOf(term), command };
    },
  };
}

/** Of a dump that is too large to be looked into it is supposed that the journal begins with its end, as it should. */
function dumpOf(
  { dump }: ServerFiles,
  log: Places,
  numbers: Numbers,
): Pick<Dump, "previous" | "last"> | null {
  if (dump !== null && !dump.dump.ok && dump.dump.problem.reason === TOO_MUCH) {
    const [previous, last] = [log.at(0), log.at(1)];
    const isCut = previous !== undefined && previous.index > 1 && endOf(log) > 1;
    return isCut && last !== undefined ? { previous, last } : null;
  }
  const bytes = bootedDump(dump, numbers);
  const decoded = bytes === undefined ? null : decodeDump(bytes);
  return decoded?.ok ? decoded.value : null;
}

/** The commands were all looked at when the file was read. */
function brokenIn(read: ReadJournal | null, log: Places): FindBroken {
  const { first = [], count = 0 } = read?.broken ?? {};
  return (named, from, to) => {
    if (named !== log) return firstBroken(named, from, to);
    const known = first.find(({ place }) => place >= from && place < to);
    if (known !== undefined) return { place: known.place, reason: known.reason };
    return count > first.length ? firstBroken(named, from, to) : null;
  };
}
