import "fake-indexeddb/auto";
import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Edit } from "./edits.ts";
import { createIdbStore } from "./idb.ts";
import { cut, side } from "./store.testkit.ts";
import type { Store, WriteOptions } from "./store.ts";

const NAME = "runs";
const RELAXED: WriteOptions = { durability: "relaxed", claims: false };
const CLAIM: WriteOptions = { durability: "strict", claims: true };

let store: Store;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = reopen();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a cut", () => {
  it("comes back whole", async () => {
    const edits: Edit[] = [{ type: "twin", choice: null }];
    await write(cut(3, { edits }));
    expect(await stored()).toMatchObject({
      ...{ run: "r", title: "A run", step: 3, steps: 100, engine: "7" },
      base: { title: "A run" },
      edits,
      sides: [side(3, { A: "a3", B: "b3" })],
    });
  });

  it("is of one moment: the last one written replaces position and every disk", async () => {
    await write(cut(3));
    await write(cut(4, { sides: [side(4, { A: "a4", B: "b3" })] }));
    expect(await stored()).toMatchObject({ step: 4, sides: [side(4, { A: "a4", B: "b3" })] });
  });

  it("is there or not there: one that is interrupted leaves the one before", async () => {
    await write(cut(3));
    dieAt("platters", 1);
    await expect(write(cut(4))).rejects.toThrow("killed");
    vi.restoreAllMocks();
    expect(await stored(reopen())).toMatchObject({
      step: 3,
      sides: [side(3, { A: "a3", B: "b3" })],
    });
  });

  it("outlives a store that is never closed", async () => {
    await write(cut(3));
    await write(cut(5));
    expect(await stored(reopen())).toMatchObject({ step: 5, sides: [{ trace: "trace 5" }] });
  });

  it("drops the disks of a twin that is no more", async () => {
    await write(cut(3, { sides: [side(3, { A: "a" }), side(2, { A: "t" }, "twin")] }));
    await write(cut(4, { sides: [side(4, { A: "a" })] }));
    expect((await stored())?.sides).toEqual([side(4, { A: "a" })]);
    expect(await keys("platters")).toEqual([["r", "main", "A"]]);
  });

  it("keeps apart what begins alike", async () => {
    await write(cut(1, { run: "r" }));
    await write(cut(2, { run: "r1" }));
    await store.forget("r");
    expect(await stored(store, "r1")).toMatchObject({
      step: 2,
      sides: [side(2, { A: "a2", B: "b2" })],
    });
  });
});

describe("what is written", () => {
  it("is what has changed: disks by their digest, and edits that are new", async () => {
    const first: Edit = { type: "twin", choice: null };
    const second: Edit = { type: "bugs", side: "main", choice: { preset: "p", bugs: null } };
    await write(cut(3, { edits: [first] }));
    const put = vi.spyOn(IDBObjectStore.prototype, "put");
    const sides = [side(4, { A: "a3", B: "b4" })];
    await write(cut(4, { edits: [first, second], sides }));
    const values = put.mock.calls.map(([value]) => value);
    expect(values).toMatchObject([
      { place: 2, part: { edit: second } },
      { machine: "B", digest: "b4" },
      { run: "r", step: 4 },
    ]);
    expect((await stored())?.edits).toEqual([first, second]);
  });

  it("is all of it again when the browser has thrown it away meanwhile", async () => {
    await write(cut(3));
    await store.forget("r");
    await write(cut(3));
    expect(await stored()).toMatchObject({
      base: { title: "A run" },
      sides: [side(3, { A: "a3", B: "b3" })],
    });
  });

  it("asks for the durability that is wanted", async () => {
    await store.list(); // It is open, then.
    const transaction = vi.spyOn(IDBDatabase.prototype, "transaction");
    await write(cut(1), { durability: "relaxed", claims: true });
    await write(cut(2), { durability: "strict", claims: true });
    const asked = transaction.mock.calls.map(([, , options]) => options);
    expect(asked).toEqual([{ durability: "relaxed" }, { durability: "strict" }]);
  });
});

describe("a second writer", () => {
  it("that claims the run gets it, and the first is told", async () => {
    await write(cut(3, { writer: "one" }));
    await write(cut(1, { writer: "two" }), CLAIM, reopen());
    const late = await store.write(cut(4, { writer: "one" }), RELAXED);
    expect(late).toMatchObject({ ok: false, problem: { kind: "taken" } });
    expect(await stored()).toMatchObject({ step: 1, sides: [{ trace: "trace 1" }] });
  });

  it("leaves nothing of the first one's recording", async () => {
    const edits: Edit[] = [{ type: "twin", choice: null }];
    await write(cut(3, { writer: "one", edits }));
    await write(cut(1, { writer: "two", sides: [side(1, { A: "a" })] }), CLAIM);
    expect(await stored()).toMatchObject({ edits: [], sides: [side(1, { A: "a" })] });
    expect(await keys("platters")).toEqual([["r", "main", "A"]]);
  });
});

describe("the list", () => {
  it("has the newest first", async () => {
    let now = 0;
    store = createIdbStore({ name: NAME, engine: "7", now: () => ++now });
    await write(cut(3, { run: "old" }));
    await write(cut(9, { run: "new", title: "Newer" }));
    expect(await store.list()).toEqual({
      ok: true,
      value: [
        { run: "new", title: "Newer", step: 9, steps: 100, savedAt: 2 },
        { run: "old", title: "A run", step: 3, steps: 100, savedAt: 1 },
      ],
    });
  });

  it("lacks what was forgotten, of which nothing is left", async () => {
    await write(cut(3));
    await store.forget("r");
    expect(await store.list()).toEqual({ ok: true, value: [] });
    expect(await store.read("r")).toEqual({ ok: true, value: null });
    expect([await keys("recordings"), await keys("platters")]).toEqual([[], []]);
  });
});

describe("trouble is said", () => {
  it("when there is no room, and what was stored before stays", async () => {
    await write(cut(3));
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    expect(await store.write(cut(4), RELAXED)).toMatchObject({
      ok: false,
      problem: { kind: "full", text: expect.stringContaining("storage of this browser is full") },
    });
    vi.restoreAllMocks();
    expect(await stored()).toMatchObject({ step: 3 });
    await write(cut(4));
    expect(await stored()).toMatchObject({ step: 4 });
  });

  it("when the browser has no storage at all", async () => {
    Reflect.deleteProperty(globalThis, "indexedDB");
    expect(await store.read("r")).toMatchObject({
      ok: false,
      problem: { text: expect.stringContaining("private window") },
    });
  });

  it("when the browser refuses to open it", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("", "SecurityError");
    });
    expect(await store.list()).toMatchObject({
      ok: false,
      problem: { text: expect.stringContaining("private window") },
    });
  });

  it("when a newer version has been here", async () => {
    (await openDB(NAME, 99)).close();
    expect(await store.read("r")).toMatchObject({
      ok: false,
      problem: { text: expect.stringContaining("newer version") },
    });
  });

  it("when a newer version has written this run", async () => {
    await write(cut(3));
    await change("runs", "r", { schema: 2 });
    expect(await store.read("r")).toMatchObject({
      ok: false,
      problem: { text: expect.stringContaining("newer version") },
    });
  });

  it("when parts of a recording are missing", async () => {
    await write(cut(3));
    await change("runs", "r", { edits: 1 });
    expect(await store.read("r")).toMatchObject({
      ok: false,
      problem: { text: expect.stringContaining("damaged") },
    });
  });
});

it("makes way for a newer version in another tab, and works again when that one is gone", async () => {
  await write(cut(3));
  const newer = await openDB(NAME, 2);
  expect(await store.write(cut(4), RELAXED)).toMatchObject({ ok: false });
  newer.close();
  globalThis.indexedDB = new IDBFactory();
  expect(await store.write(cut(5), RELAXED)).toMatchObject({ ok: true });
});

function reopen(): Store {
  return createIdbStore({ name: NAME, engine: "7", now: () => 1 });
}

async function write(what: ReturnType<typeof cut>, how = RELAXED, into = store): Promise<void> {
  expect(await into.write(what, how)).toEqual({ ok: true, value: null });
}

async function stored(from = store, run = "r") {
  const read = await from.read(run);
  if (!read.ok) throw new Error(read.problem.text);
  return read.value;
}

/** From now on the `count`-th further put into a store never happens, as when the process is killed there. */
function dieAt(name: string, count: number): void {
  let left = count;
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
    this: IDBObjectStore,
    ...given
  ) {
    if (this.name === name && --left < 0) throw new Error("killed");
    return put.apply(this, given);
  });
}

async function keys(name: string): Promise<IDBValidKey[]> {
  const database = await openDB(NAME);
  const found = await database.getAllKeys(name);
  database.close();
  return found;
}

async function change(name: string, key: string, fields: object): Promise<void> {
  const database = await openDB(NAME);
  await database.put(name, { ...(await database.get(name, key)), ...fields });
  database.close();
}
