import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createKeeper, type Keeper } from "./keeper.ts";
import type { ToUi } from "./protocol.ts";
import { cut, type MemoryStore, memoryStore } from "./store.testkit.ts";

let store: MemoryStore;
let told: ToUi[];
let taken: string[];
let keeper: Keeper;

beforeEach(() => {
  vi.useFakeTimers();
  store = memoryStore();
  told = [];
  taken = [];
  keeper = createKeeper({
    store,
    tell: (message) => told.push(message),
    taken: (run) => taken.push(run),
    now: () => Date.now(),
    later(task, milliseconds) {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

it("saves the newest of what is noted within a moment, and makes no other cut", async () => {
  const made: number[] = [];
  for (const step of [1, 2, 3]) {
    keeper.note(() => {
      made.push(step);
      return cut(step);
    });
    await vi.advanceTimersByTimeAsync(40);
  }
  await vi.advanceTimersByTimeAsync(200);
  expect(made).toEqual([3]);
  expect(steps()).toEqual([3]);
});

it("saves several times a second while steps keep coming", async () => {
  for (let step = 1; step <= 60; step++) {
    keeper.note(() => cut(step));
    await vi.advanceTimersByTimeAsync(16);
  }
  expect(steps().length).toBeGreaterThanOrEqual(5);
  expect(steps().length).toBeLessThanOrEqual(8);
});

it("saves less often when saving takes long", async () => {
  const { write } = store;
  store.write = async (...given) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return write.call(store, ...given);
  };
  for (let step = 1; step <= 300; step++) {
    keeper.note(() => cut(step));
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(steps().length).toBeGreaterThanOrEqual(5);
  expect(steps().length).toBeLessThanOrEqual(8);
});

it("says saved only when the store has it", async () => {
  const finish = holdWrites();
  keeper.note(() => cut(3));
  await vi.advanceTimersByTimeAsync(200);
  expect(told).toEqual([]);
  finish();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([{ type: "saved", run: "r", step: 3 }]);
});

it("waits for the medium at a checkpoint, and not otherwise", async () => {
  keeper.note(() => cut(1));
  await vi.advanceTimersByTimeAsync(200);
  keeper.note(() => cut(2));
  await keeper.checkpoint();
  expect(store.writes.map(({ how }) => how.durability)).toEqual(["relaxed", "strict"]);
});

it("brings the last save to the medium at a checkpoint with nothing new", async () => {
  keeper.note(() => cut(1));
  await vi.advanceTimersByTimeAsync(200);
  await keeper.checkpoint();
  await keeper.checkpoint();
  expect(store.writes.map(({ cut: { step }, how }) => [step, how.durability])).toEqual([
    [1, "relaxed"],
    [1, "strict"],
  ]);
});

it("brings the last save to the medium once nothing more happens", async () => {
  keeper.note(() => cut(1));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(store.writes.map(({ how }) => how.durability)).toEqual(["relaxed", "strict"]);
});

it("does not let that wait delay what is noted next", async () => {
  keeper.note(() => cut(1));
  await vi.advanceTimersByTimeAsync(200);
  keeper.note(() => cut(2));
  await vi.advanceTimersByTimeAsync(200);
  expect(steps()).toEqual([1, 2]);
});

it("claims a run with its first save under a writer, and only then", async () => {
  for (const [step, writer] of [
    [1, "w1"],
    [2, "w1"],
    [3, "w2"],
  ] as const) {
    keeper.note(() => cut(step, { writer }));
    await vi.advanceTimersByTimeAsync(200);
  }
  expect(store.writes.map(({ how }) => how.claims)).toEqual([true, false, true]);
});

it("reports a run that another has claimed", async () => {
  keeper.note(() => cut(1));
  await vi.advanceTimersByTimeAsync(200);
  await store.write(cut(9, { writer: "other" }), { durability: "relaxed", claims: true });
  keeper.note(() => cut(2));
  await vi.advanceTimersByTimeAsync(200);
  expect(taken).toEqual(["r"]);
  expect(store.cuts.get("r")?.step).toBe(9);
});

it("says once that saving fails, goes on trying, and says it again after it has worked", async () => {
  const attempt = async (step: number, trouble: string | null) => {
    store.trouble = trouble;
    keeper.note(() => cut(step));
    await vi.advanceTimersByTimeAsync(200);
  };
  await attempt(1, "Full.");
  await attempt(2, "Full.");
  await attempt(3, null);
  await attempt(4, "Full.");
  const full = { type: "storage", text: "Full. The run goes on, but is not saved." };
  expect(told).toEqual([full, { type: "saved", run: "r", step: 3 }, full]);
});

describe("when the browser is full", () => {
  const full = { type: "storage", text: "No room.", full: true };

  it("says so as what it is, and loses nothing: asked again, it saves what it could not", async () => {
    store.full = true;
    keeper.note(() => cut(7));
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toEqual([full]);
    await keeper.checkpoint();
    expect(store.writes).toEqual([]);
    store.full = false;
    await keeper.checkpoint();
    expect(steps()).toEqual([7]);
    expect(told).toEqual([full, { type: "saved", run: "r", step: 7 }]);
  });

  it("says it again to somebody who asked to try again", async () => {
    store.full = true;
    keeper.note(() => cut(7));
    await keeper.checkpoint();
    keeper.complainAgain();
    await keeper.checkpoint();
    expect(told).toEqual([full, full]);
  });

  it("does not save what was dropped while its save failed", async () => {
    store.full = true;
    const finish = holdWrites();
    keeper.note(() => cut(7));
    await vi.advanceTimersByTimeAsync(200);
    const idle = keeper.drop();
    finish();
    await idle;
    store.full = false;
    await keeper.checkpoint();
    expect(store.writes).toEqual([]);
  });
});

it("forgets what it is told to drop", async () => {
  keeper.note(() => cut(1));
  await keeper.drop();
  await keeper.checkpoint();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(store.writes).toEqual([]);
});

it("does not save a dropped run again when its save comes to its end late", async () => {
  const finish = holdWrites();
  keeper.note(() => cut(1));
  await vi.advanceTimersByTimeAsync(200);
  const idle = keeper.drop();
  finish();
  await idle;
  await keeper.checkpoint();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(steps()).toEqual([1]);
});

/** Lets no write come to its end before the returned function is called. */
function holdWrites(): () => void {
  const { write } = store;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  store.write = async (...given) => {
    await gate;
    return write.call(store, ...given);
  };
  return open;
}

function steps(): number[] {
  return store.writes.map((each) => each.cut.step);
}
