import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Client, createClient } from "./client.ts";
import type { ToUi, ToWorker } from "./protocol.ts";

let worker: FakeWorker;
let client: Client;
let heard: ToUi[];

beforeEach(() => {
  worker = new FakeWorker();
  client = createClient(worker as unknown as Worker);
  heard = [];
  client.onMessage((message) => heard.push(message));
});

it("gives every request an id of its own, and the answer with that id", async () => {
  const first = client.send({ type: "seek", step: 1 });
  const second = client.send({ type: "seek", step: 2 });
  expect(worker.received).toEqual([
    { type: "seek", step: 1, id: 1 },
    { type: "seek", step: 2, id: 2 },
  ]);
  worker.say({ type: "refused", id: 2, reason: "b" });
  worker.say({ type: "refused", id: 1, reason: "a" });
  expect(await first).toMatchObject({ reason: "a" });
  expect(await second).toMatchObject({ reason: "b" });
});

it("passes on what is no answer, progress included, and only that", async () => {
  const answer = client.send({ type: "twin", on: true });
  worker.say({ type: "progress", id: 1, done: 1, of: 2 });
  worker.say({ type: "saved", run: "r", step: 1 });
  worker.say({ type: "done", id: 1 });
  expect(await answer).toEqual({ type: "done", id: 1 });
  expect(heard.map(({ type }) => type)).toEqual(["progress", "saved"]);
});

it("stops passing on when asked to", () => {
  const more: ToUi[] = [];
  const stop = client.onMessage((message) => more.push(message));
  stop();
  worker.say({ type: "saved", run: "r", step: 1 });
  expect(more).toEqual([]);
});

it.each<[string, (worker: FakeWorker) => void, string]>([
  [
    "says it has crashed",
    (each) => each.say({ type: "crashed", text: "broken invariant", advice: "Reload." }),
    "broken invariant",
  ],
  ["throws", (each) => each.fail("Uncaught Error: no"), "Uncaught Error: no"],
  ["cannot be loaded", (each) => each.fail(""), "The worker cannot be started."],
])("leaves no request open when the worker %s, and tells why", async (_, end, reason) => {
  const open = client.send({ type: "runs" });
  end(worker);
  expect(await open).toEqual({ type: "refused", id: 1, reason });
  expect(await client.send({ type: "runs" })).toEqual({ type: "refused", id: 2, reason });
  expect(heard).toMatchObject([{ type: "crashed", text: reason }]);
  expect(worker.terminated).toBe(true);
});

it("tells of a crash once", () => {
  worker.fail("first");
  worker.fail("second");
  expect(heard).toMatchObject([{ text: "first" }]);
});

it("leaves no request open when it is terminated, and tells of no crash", async () => {
  const open = client.send({ type: "runs" });
  client.terminate();
  expect(await open).toMatchObject({ type: "refused" });
  expect(heard).toEqual([]);
  expect(worker.terminated).toBe(true);
});

describe("on a page", () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const persist = vi.fn(() => Promise.resolve(true));

  beforeEach(() => {
    page.visibilityState = "visible";
    vi.stubGlobal("document", page);
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    vi.stubGlobal("navigator", { storage: { persist } });
    worker = new FakeWorker();
    client = createClient(worker as unknown as Worker);
  });

  afterEach(() => {
    client.terminate();
    vi.unstubAllGlobals();
  });

  it("asks for a checkpoint when the page is hidden, and when it is left", () => {
    page.dispatchEvent(new Event("visibilitychange"));
    expect(worker.received).toEqual([]);
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    page.dispatchEvent(new Event("pagehide"));
    expect(worker.received.map(({ type }) => type)).toEqual(["checkpoint", "checkpoint"]);
  });

  it("asks for nothing any more once it is terminated", () => {
    client.terminate();
    page.dispatchEvent(new Event("pagehide"));
    expect(worker.received).toEqual([]);
  });

  it("asks the browser to keep what is stored, once there is something", () => {
    expect(persist).not.toHaveBeenCalled();
    worker.say({ type: "saved", run: "r", step: 1 });
    worker.say({ type: "saved", run: "r", step: 2 });
    expect(persist).toHaveBeenCalledTimes(1);
  });
});

class FakeWorker extends EventTarget {
  readonly received: ToWorker[] = [];
  terminated = false;

  postMessage(message: ToWorker): void {
    this.received.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: ToUi): void {
    this.dispatchEvent(new MessageEvent("message", { data: message }));
  }

  fail(message: string): void {
    this.dispatchEvent(Object.assign(new Event("error"), { message }));
  }
}
