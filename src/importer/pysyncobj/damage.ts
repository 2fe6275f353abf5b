import type { Finding } from "#importer/contract.ts";
import { TOO_MUCH } from "./dump.ts";
import { problemsOf, type ReadFile, type ReadJournal } from "./read.ts";
import { filesOf, type ServerFiles } from "./servers.ts";

/** What is wrong with single files: name, offset, reason and what can be done. */
export function damage(
  files: readonly ReadFile[],
  servers: readonly ServerFiles[],
): readonly Finding[] {
  return files.flatMap((read) => {
    const { path } = read.file;
    const [first, ...more] = problemsOf(read);
    if (first === undefined) return [];
    const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
    const owner = servers.find((server) => filesOf(server).includes(read));
    return [
      {
        kind: kindOf(read, first.reason),
        severity: severityOf(read),
        servers: owner === undefined ? [] : [owner.id],
        files: [{ path, offset: first.offset }],
        text: `${path}, byte ${first.offset}: ${first.reason}${others}. ${remedy(read, servers)}`,
      },
    ];
  });
}

function kindOf(read: ReadFile, reason: string): string {
  if (reason.startsWith("the size behind the record")) return "trailing-size";
  if (reason.endsWith("beyond 2^53")) return "impossible-number";
  return `${read.kind.replaceAll(" ", "-")}-damaged`;
}

function severityOf(read: ReadFile): Finding["severity"] {
  if (read.kind === "journal") return read.journal.loadError === null ? "warning" : "stuck";
  return read.kind === "dump" && !read.dump.ok ? "loss" : "note";
}

/** What the library does with such a file was measured with 0.3.14 (fixtures/07-torn). */
function remedy(read: ReadFile, servers: readonly ServerFiles[]): string {
  if (read.kind === "unfinished dump" || read.kind === "incoming dump") {
    return "The library does not read it at a start, and writes over it. Nothing needs to be done.";
  }
  if (read.kind === "dump" && read.dump.ok) {
    return "The library loads it as it is. Compare it with the dump of another server before you trust it.";
  }
  if (read.kind === "dump" && !read.dump.ok && read.dump.problem.reason === TOO_MUCH) {
    return "Nothing is known to be wrong with it; what is said about a start here supposes that it fits its journal.";
  }
  if (read.kind === "dump") {
    return "The library would log this and go on with an empty state machine. Take the dump of another server.";
  }
  if (read.kind !== "journal") {
    return "The library takes an unreadable meta for an empty one and starts with raftCommitIndex 1. Nothing needs to be done.";
  }
  const { loadError, records } = read.journal;
  const advice = replacing(read, servers);
  if (loadError !== null) {
    return `The library does not start with it (${loadError.name}: ${loadError.text}). ${advice}`;
  }
  if (problemsOf(read).some(({ reason }) => reason.startsWith("the record is cut short"))) {
    return `The library loads it. Applying that entry then raises on every tick, before the server looks at its connections: it neither votes nor answers. ${advice}`;
  }
  if (records.length === 0) {
    return `The library takes it for an empty journal and starts over at index 1, with the raftCommitIndex that its .meta has. ${advice}`;
  }
  return "The library checks nothing and loads it as it is. Compare it with the other servers' journals before you trust it.";
}

/** May the server be emptied, to copy the log from the others? Only a majority of whole logs is sure to hold it. */
function replacing(read: ReadJournal, servers: readonly ServerFiles[]): string {
  const own = servers.find(({ journal }) => journal === read);
  const others = servers.filter((each) => each !== own && each.set === own?.set);
  const healthy = others.filter(
    ({ journal }) => journal !== null && problemsOf(journal).length === 0,
  );
  if (others.length === 0) {
    return "Keep a copy of it. Open the other servers' files too, to see whether they hold the log.";
  }
  if (healthy.length * 2 <= others.length + 1) {
    return "Keep a copy of it, and do not remove it: the other servers' files are no healthy majority.";
  }
  return "Keep a copy of this server's files first. The other servers are a healthy majority: without these files it copies the log from them.";
}
