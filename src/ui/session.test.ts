import { beforeEach, describe, expect, it, vi } from "vitest";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Client } from "#worker/client.ts";
import type { Request, ToUi } from "#worker/protocol.ts";
import { frame, server } from "./frames.testkit.ts";
import { EMPTY_RUN, useRun } from "./run-store.ts";
import { createSession } from "./session.ts";
import { useUi } from "./ui-store.ts";

vi.stubGlobal("location", { hash: "" });

beforeEach(() => {
  useRun.setState(EMPTY_RUN);
  useUi.setState(useUi.getInitialState());
});

it("fulfils only the newest of the seeks that came while one was under way", async () => {
  const { client, asked, answerNext } = fakeClient();
  const session = createSession(client);
  const done = [session.seek(1), session.seek(2), session.seek(3)];
  answerNext();
  await tick();
  answerNext();
  await Promise.all(done);
  expect(asked.map((request) => request.type === "seek" && request.step)).toEqual([1, 3]);
  expect(useRun.getState().step).toBe(3);
});

it("tells the user why something was refused, and keeps the run", async () => {
  const { client, answerNext } = fakeClient({ type: "refused", id: 0, reason: "no such server" });
  useRun.setState({ step: 7 });
  const done = createSession(client).act({ type: "heal" });
  await tick();
  answerNext();
  await done;
  expect(useUi.getState().banners.map(({ text }) => text)).toEqual([
    "That cannot be done at this step: no such server",
  ]);
  expect(useRun.getState().step).toBe(7);
  expect(useUi.getState().busy).toBeNull();
});

it("says whether other disks were accepted, so that a form can stay open", async () => {
  const { client, asked, answerNext } = fakeClient({ type: "refused", id: 0, reason: "no" });
  const done = createSession(client).setDisk("A", { flushing: "total" });
  await tick();
  answerNext();
  expect(await done).toBe(false);
  expect(asked).toMatchObject([
    { type: "disk-settings", machine: "A", settings: { flushing: "total" } },
  ]);
});

it("says nothing of a request that a newer one took the place of", async () => {
  const { client, answerNext } = fakeClient({ type: "refused", id: 0, reason: "superseded" });
  const done = createSession(client).setTwin(true);
  await tick();
  answerNext();
  await done;
  expect(useUi.getState().banners).toEqual([]);
});

it("shows how far the run shown is saved, and not that of another", () => {
  const { client, push } = fakeClient();
  createSession(client);
  useRun.setState({ run: "mine" });
  push({ type: "saved", run: "other", step: 9 });
  expect(useRun.getState().saved).toBeNull();
  push({ type: "saved", run: "mine", step: 4 });
  expect(useRun.getState().saved).toBe(4);
});

it("goes back to the run as it was before the last thing done by hand, and to the original", async () => {
  const { client, asked, answerNext } = fakeClient();
  const session = createSession(client);
  const finish = async (done: Promise<unknown>) => {
    for (const _ of ["the request", "the frame"]) {
      await tick();
      answerNext();
    }
    await done;
  };
  const past = () => useRun.getState().past.map(({ scenario, step }) => [scenario.title, step]);
  await finish(session.open(scenario("original"), { step: 5, from: "" }));
  await finish(session.act({ type: "heal" }));
  await finish(session.setBugs("main", { preset: "fixed", bugs: null }));
  expect(past()).toEqual([
    ["original", 5],
    ["act", 6],
  ]);

  const { run } = useRun.getState();
  await finish(session.undo("last"));
  const last = asked.findLast(({ type }) => type === "load");
  expect(last).toMatchObject({ run, scenario: { title: "act" }, step: 6 });
  expect(past()).toEqual([["original", 5]]);
  await finish(session.undo("all"));
  expect(useRun.getState()).toMatchObject({ run, step: 5, scenario: { title: "original" } });
  expect(past()).toEqual([]);
});

it("asks a simulator that has ended for nothing more", async () => {
  const { client, asked, push } = fakeClient();
  const session = createSession(client);
  push({ type: "crashed", text: "a mistake", advice: "Start again." });
  await session.act({ type: "heal" });
  expect(asked).toEqual([]);
});

it("pauses when the browser's own storage is full, and says what is real about it", async () => {
  const { client, asked, push } = fakeClient();
  const session = createSession(client);
  useRun.setState({ run: "mine" });
  useUi.setState({ playing: true });
  push({ type: "storage", text: "Full.", full: true });
  expect(useUi.getState().playing).toBe(false);
  expect(useUi.getState().banners).toMatchObject([
    { text: "Full.", remedy: expect.stringContaining("Nothing recorded is lost"), retry: true },
  ]);
  void session.keepAgain();
  expect(asked).toEqual([{ type: "checkpoint", again: true }]);
  push({ type: "saved", run: "mine", step: 4 });
  expect(useUi.getState().banners).toEqual([]);
});

describe("a study of crash states", () => {
  const request = { type: "notches", side: "main", step: 3, kind: "os" } as const;

  it("hears how far it is, which is not how far the run is", async () => {
    const { client, push } = fakeClient();
    const seen: unknown[] = [];
    createSession(client).study(request, "notches", ({ done, of, text }) =>
      seen.push([done, of, text]),
    );
    push({ type: "progress", id: 1, done: 5, of: 90, text: "A" });
    expect(seen).toEqual([[5, 90, "A"]]);
    expect(useRun.getState().progress).toBeNull();
    push({ type: "progress", id: 8, done: 1, of: 2 });
    expect(seen.length).toBe(1);
    expect(useRun.getState().progress).toEqual({ done: 1, of: 2 });
  });

  it("tells why there is no answer, but for one that was cancelled by hand", async () => {
    const { client, asked, answerNext } = fakeClient({ type: "refused", id: 0, reason: "no" });
    const session = createSession(client);
    const first = session.study(request, "notches", () => undefined);
    answerNext();
    expect(await first.end).toEqual({ found: null, problem: "no" });
    const second = session.study(request, "notches", () => undefined);
    second.cancel();
    expect(asked.at(-1)).toEqual({ type: "cancel", request: 2 });
    answerNext();
    expect(await second.end).toEqual({ found: null, problem: null });
  });
});

/** A worker that answers when it is told to: seeks with a frame, all else with `answer`. */
function fakeClient(answer?: ToUi) {
  const asked: Request[] = [];
  const waiting: (() => void)[] = [];
  const listeners = new Set<(message: ToUi) => void>();
  const start: Client["start"] = (request) => {
    asked.push(request);
    const given = new Promise<ToUi>((resolve) => {
      waiting.push(() => resolve(answer ?? shown(request)));
    });
    return { id: asked.length, answer: given };
  };
  const client: Client = {
    send: (request) => start(request).answer,
    start,
    onMessage(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    terminate: () => undefined,
  };
  return {
    client,
    asked,
    answerNext: () => waiting.shift()?.(),
    push: (message: ToUi) => listeners.forEach((listener) => void listener(message)),
  };
}

function shown(request: Request): ToUi {
  if (request.type === "load") {
    return loaded(request.run, request.scenario as Scenario, request.step);
  }
  if (request.type === "act" || request.type === "bugs") {
    const { run, step } = useRun.getState();
    return loaded(run ?? "", scenario(request.type), step + 1);
  }
  const step = request.type === "seek" ? request.step : 0;
  const view = { side: "main", frame: frame([server("A")], { step }), verdicts: [] } as const;
  return { type: "shown", id: 0, views: [view] };
}

function loaded(run: string, scenario: Scenario, step: number): ToUi {
  const rest = { outlines: [], hash: "", unmet: [], obligations: [], readOnly: false };
  return { type: "loaded", id: 0, run, scenario, step, ...rest };
}

function scenario(title: string): Scenario {
  const machines = [{ id: "A", servers: [{ id: "A", address: "A" }] }];
  const read = parseScenario({
    ...{ format: "blackstart-scenario", version: 2, title },
    ...{ system: "pysyncobj", cluster: { machines } },
  });
  if (!read.ok) throw new Error(`no scenario: ${JSON.stringify(read.problem)}`);
  return read.value;
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
