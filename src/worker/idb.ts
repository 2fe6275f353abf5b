import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { ok, refused } from "#base/result.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Edit } from "./edits.ts";
import type { Side, StoredRun } from "./protocol.ts";
import type {
  Cut,
  Platter,
  SideCut,
  Store,
  StoredCut,
  StoreProblem,
  WriteOptions,
} from "./store.ts";

/** Of the database: stores and keys. */
const VERSION = 1;
/** Of what is in them. */
const SCHEMA = 1;

interface Database extends DBSchema {
  /** One for a run: what is at its last saved position. */
  runs: { key: string; value: Head };
  /** Append-only for as long as one writer has the run: 0 is the scenario, then come its edits. */
  recordings: { key: [string, number]; value: { run: string; place: number; part: Part } };
  platters: {
    key: [string, Side, string];
    value: { run: string; side: Side; machine: string } & Platter;
  };
}

type Part =
  | { readonly type: "scenario"; readonly scenario: Scenario }
  | { readonly type: "edit"; readonly edit: Edit };

interface Head extends StoredRun {
  readonly schema: number;
  readonly engine: string;
  readonly writer: string;
  readonly edits: number;
  readonly sides: readonly (Omit<SideCut, "platters"> & {
    readonly platters: readonly { readonly machine: string; readonly digest: string }[];
  })[];
}

type Writing = IDBPTransaction<Database, ("platters" | "recordings" | "runs")[], "readwrite">;
const STORES: ("platters" | "recordings" | "runs")[] = ["runs", "recordings", "platters"];

/**
 * Runs in IndexedDB. It is opened when it is first needed, and again when the browser has closed it. What the browser
 * refuses is a problem in words; anything else that is thrown is our mistake and passes.
 */
export function createIdbStore(options: {
  readonly name: string;
  /** The version of the engine, written with each run. */
  readonly engine: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): Store {
  const connect = connector(options.name);

  async function attempt<Value>(work: (database: IDBPDatabase<Database>) => Promise<Value>) {
    try {
      return ok(await work(await connect()));
    } catch (error) {
      return refused(problemOf(error));
    }
  }

  return {
    list: () =>
      attempt(async (database) => {
        const heads = await database.getAll("runs");
        return heads.map(listed).sort((a, b) => b.savedAt - a.savedAt);
      }),
    read: (run) => attempt((database) => read(database, run)),
    write: (cut, how) =>
      attempt(async (database) => {
        const { engine, now } = options;
        const head: Head = { ...headOf(cut), schema: SCHEMA, engine, savedAt: now() };
        await inOne(database, how.durability, (writing) => write(writing, head, cut, how));
        return null;
      }),
    forget: (run) =>
      attempt(async (database) => {
        await inOne(database, "strict", (writing) => erase(writing, run));
        return null;
      }),
  };
}

/** A refusal of ours inside a transaction: it is undone. */
class Refusal extends Error {
  readonly problem: StoreProblem;

  constructor(kind: StoreProblem["kind"], text: string) {
    super(text);
    this.problem = { kind, text };
  }
}

function connector(name: string): () => Promise<IDBPDatabase<Database>> {
  let opened: Promise<IDBPDatabase<Database>> | null = null;

  function open(): Promise<IDBPDatabase<Database>> {
    if (typeof indexedDB === "undefined") throw new Refusal("failed", NO_STORAGE);
    return new Promise((resolve, reject) => {
      openDB<Database>(name, VERSION, {
        upgrade(database) {
          database.createObjectStore("runs", { keyPath: "run" });
          database.createObjectStore("recordings", { keyPath: ["run", "place"] });
          database.createObjectStore("platters", { keyPath: ["run", "side", "machine"] });
        },
        blocked: () => reject(new Refusal("failed", OLDER_TAB)),
        // Another tab wants to upgrade or delete the database: out of its way. The next use opens it again, or says why not.
        blocking: (_, __, event) => {
          opened = null;
          (event.target as IDBDatabase).close();
        },
        terminated: () => {
          opened = null;
        },
      }).then(resolve, reject);
    });
  }

  return async () => {
    opened ??= open();
    try {
      return await opened;
    } catch (error) {
      opened = null;
      throw error;
    }
  };
}

/** One transaction over all stores: it has happened, all of it, when this returns. */
async function inOne(
  database: IDBPDatabase<Database>,
  durability: WriteOptions["durability"],
  work: (writing: Writing) => Promise<void>,
): Promise<void> {
  const writing = database.transaction(STORES, "readwrite", { durability });
  const done = writing.done;
  try {
    await work(writing);
  } catch (error) {
    done.catch(() => undefined);
    if (writing.error === null) abort(writing);
    throw error;
  }
  await done;
}

function abort(writing: Writing): void {
  try {
    writing.abort();
  } catch {
    // It has already come to its end by itself.
  }
}

async function write(
  writing: Writing,
  head: Head,
  cut: Cut,
  { claims }: WriteOptions,
): Promise<void> {
  const { run } = cut;
  const before = await writing.objectStore("runs").get(run);
  if (before !== undefined && before.writer !== cut.writer && !claims) {
    throw new Refusal("taken", "Another tab has taken this run over.");
  }
  // What this writer has not written itself (nothing yet, or the browser threw it away) is written from the start.
  const own = before?.writer === cut.writer ? before : null;
  if (own === null) await erase(writing, run);
  const recordings = writing.objectStore("recordings");
  const platters = writing.objectStore("platters");
  const parts = partsOf(cut).slice(own === null ? 0 : own.edits + 1);
  const first = own === null ? 0 : own.edits + 1;
  await all([
    ...parts.map((part, i) => () => recordings.put({ run, place: first + i, part })),
    ...gone(own, head).map((key) => () => platters.delete([run, ...key])),
    ...changed(own, cut).map((platter) => () => platters.put({ run, ...platter })),
    () => writing.objectStore("runs").put(head),
  ]);
}

function erase(writing: Writing, run: string): Promise<void> {
  return all([
    () => writing.objectStore("runs").delete(run),
    () => writing.objectStore("recordings").delete(allOf(run)),
    () => writing.objectStore("platters").delete(allOf(run)),
  ]);
}

/** Makes all requests at once. When one cannot even be made, the others fail with the transaction, and nobody asks them. */
async function all(requests: readonly (() => Promise<unknown>)[]): Promise<void> {
  const made = requests.map((request) => {
    const answer = request();
    answer.catch(() => undefined);
    return answer;
  });
  await Promise.all(made);
}

async function read(database: IDBPDatabase<Database>, run: string): Promise<StoredCut | null> {
  const reading = database.transaction(STORES, "readonly");
  const [head, recording, platters] = await Promise.all([
    reading.objectStore("runs").get(run),
    reading.objectStore("recordings").getAll(allOf(run)),
    reading.objectStore("platters").getAll(allOf(run)),
  ]);
  await reading.done;
  if (head === undefined) return null;
  if (head.schema > SCHEMA) throw new Refusal("failed", NEWER);
  const [base] = recording;
  const edits = recording.flatMap(({ part }) => (part.type === "edit" ? [part.edit] : []));
  if (base?.part.type !== "scenario" || edits.length !== head.edits) {
    throw new Refusal("failed", "The stored run is damaged: parts of its recording are missing.");
  }
  const sides = head.sides.map(
    (side): SideCut => ({
      ...side,
      platters: platters
        .filter((platter) => platter.side === side.side)
        .map(({ machine, digest, record }) => ({ machine, digest, record })),
    }),
  );
  const { title, step, steps, engine } = head;
  return { run, title, base: base.part.scenario, edits, step, steps, sides, engine };
}

function partsOf({ base, edits }: Cut): Part[] {
  return [
    { type: "scenario", scenario: base },
    ...edits.map((edit): Part => ({ type: "edit", edit })),
  ];
}

type Row = Platter & { readonly side: Side };

/** Platters that differ from what is stored, or of which nothing is stored. */
function changed(before: Head | null, { sides }: Cut): Row[] {
  const known = new Set(platterKeys(before).map((key) => key.join(" ")));
  return sides
    .flatMap(({ side, platters }) => platters.map((platter) => ({ side, ...platter })))
    .filter(({ side, machine, digest }) => !known.has([side, machine, digest].join(" ")));
}

/** Platters that are stored and no longer there: of a twin that was turned off. */
function gone(before: Head | null, head: Head): [Side, string][] {
  const kept = new Set(platterKeys(head).map(([side, machine]) => `${side} ${machine}`));
  return platterKeys(before)
    .filter(([side, machine]) => !kept.has(`${side} ${machine}`))
    .map(([side, machine]) => [side, machine]);
}

function platterKeys(head: Head | null): [Side, string, string][] {
  return (head?.sides ?? []).flatMap(({ side, platters }) =>
    platters.map(({ machine, digest }): [Side, string, string] => [side, machine, digest]),
  );
}

function headOf({ run, writer, title, step, steps, edits, sides }: Cut) {
  return {
    run,
    writer,
    title,
    step,
    steps,
    edits: edits.length,
    sides: sides.map((side) => ({
      ...side,
      platters: side.platters.map(({ machine, digest }) => ({ machine, digest })),
    })),
  };
}

function listed({ run, title, step, steps, savedAt }: Head): StoredRun {
  return { run, title, step, steps, savedAt };
}

/** Every key that begins with this run: an array sorts after all numbers and texts. */
function allOf(run: string): IDBKeyRange {
  return IDBKeyRange.bound([run], [run, []]);
}

const NO_STORAGE =
  "The browser lets this page store nothing (a private window, or storage is turned off).";
const NEWER =
  "What is stored here was written by a newer version of Blackstart than this page is; reload it.";
const OLDER_TAB =
  "An older version of Blackstart is open in another tab and keeps the storage busy; close it.";
const FULL =
  "The storage of this browser is full: the real one, which has nothing to do with the simulated disks.";

function problemOf(error: unknown): StoreProblem {
  if (error instanceof Refusal) return error.problem;
  // A value that cannot be stored is not the browser's fault.
  if (!(error instanceof DOMException) || error.name === "DataCloneError") throw error;
  if (error.name === "QuotaExceededError") return { kind: "full", text: FULL };
  return { kind: "failed", text: sentenceOf(error) };
}

function sentenceOf({ name, message }: DOMException): string {
  switch (name) {
    case "VersionError":
      return NEWER;
    case "SecurityError":
    case "InvalidStateError":
    case "UnknownError":
      return NO_STORAGE;
    default:
      return `The browser's storage failed (${name}${message === "" ? "" : `: ${message}`}).`;
  }
}
