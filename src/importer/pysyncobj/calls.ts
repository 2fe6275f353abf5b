import { gunzip } from "#base/gzip.ts";
import type { Finding } from "#importer/contract.ts";
import { callsIn } from "#system/pysyncobj/pickle.ts";
import { STATE_MOST } from "./dump.ts";
import type { ReadFile } from "./read.ts";
import { filesOf, type ServerFiles } from "./servers.ts";

/** What pickles of plain data and of the library's own nodes are made with, under either Python. */
const HARMLESS =
  /^(_codecs\.encode|(__builtin__|builtins)\.(set|frozenset|bytes|bytearray|object|complex)|copy_?reg\._reconstructor|copyreg\.__newobj__|pysyncobj\.node\.\w+|datetime\.\w+|decimal\.Decimal|fractions\.Fraction|uuid\.UUID|collections\.\w+)$/;

/** Where a call is none that the state of an application needs. */
const DANGEROUS =
  /^(os|posix|nt|sys|subprocess|shutil|socket|pty|ctypes|runpy|importlib|imp|code|commands|popen2|webbrowser|pickle|marshal|types|operator|functools)(\.|$)|^(__builtin__|builtins)\./;

/** Of a pickle: what loading it would call beyond that. */
export function strangeCalls(pickle: Uint8Array): readonly string[] {
  return callsIn(pickle).filter((name) => !HARMLESS.test(name));
}

/** The same of a log command; a cheap look first, for hardly any names a class. */
export function commandCalls(command: Uint8Array): readonly string[] {
  const isPickle = command[0] === 0 || command[0] === 2 || command[0] === 3;
  const mayName = [0x63, 0x93, 0x69].some((opcode) => command.includes(opcode, 1));
  return isPickle && mayName ? strangeCalls(command.subarray(1)) : [];
}

/** Pickles that call something when the real library loads them. Here nothing in a file is executed. */
export function callFindings(
  files: readonly ReadFile[],
  servers: readonly ServerFiles[],
): Finding[] {
  return files.flatMap((read) => {
    const found = callsOf(read);
    if (found === null) return [];
    const { path } = read.file;
    const { names, offset, what, when } = found;
    const owner = servers.find((server) => filesOf(server).includes(read));
    const text = `${path}, byte ${offset}: ${what} calls ${named(names)} when it is loaded: the real library does that ${when}. Nothing in a file is executed here.`;
    return [
      {
        kind: "pickle-calls",
        severity: names.some((name) => DANGEROUS.test(name)) ? "warning" : "note",
        servers: owner === undefined ? [] : [owner.id],
        files: [{ path, offset }],
        text,
      },
    ];
  });
}

/** So many are named, and so long a name is told whole. */
const NAMED_MOST = 5;
const NAME_MOST = 80;

function named(names: readonly string[]): string {
  const some = names.slice(0, NAMED_MOST).map((name) => name.slice(0, NAME_MOST));
  const more = names.length - some.length;
  return some.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

interface Calls {
  readonly names: readonly string[];
  readonly offset: number;
  readonly what: string;
  readonly when: string;
}

function callsOf(read: ReadFile): Calls | null {
  if (read.kind === "journal") {
    const { calling } = read.broken;
    const [first] = calling.first;
    if (first === undefined) return null;
    const more = calling.count > 1 ? ` (and of ${calling.count - 1} more)` : "";
    const what = `the command of index ${first.index}${more}`;
    return { ...first, what, when: "when it applies the entry" };
  }
  const isDump = "dump" in read;
  const names = isDump
    ? strangeCalls(gunzip(read.file.bytes, STATE_MOST)?.bytes ?? new Uint8Array())
    : strangeCalls(read.file.bytes);
  if (names.length === 0) return null;
  const when = read.kind === "dump" || read.kind === "meta" ? "at a start" : "if it ever reads it";
  return { names, offset: 0, what: isDump ? "what the dump holds" : "the pickle", when };
}
