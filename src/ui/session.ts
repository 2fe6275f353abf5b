import type { Scenario } from "#scenario/types.ts";
import type { DiskFrame } from "#sim/frame.ts";
import type { Client } from "#worker/client.ts";
import type { Request, Side, ToUi } from "#worker/protocol.ts";
import type { Action, Loaded } from "./contract.ts";
import { forgetRun, rememberResumed, rememberRun } from "./remembered.ts";
import { takeLoaded, takeShown, useRun } from "./run-store.ts";
import { changeUi, closeTopic, showBanner, useUi } from "./ui-store.ts";

type Answer<Type extends ToUi["type"]> = Extract<ToUi, { type: Type }>;

/** What the interface wants of the worker, said once: each asks, files the answer, and tells the user of a refusal. */
export interface Session {
  /** Starts a run of its own for this scenario. `from`: the fragment it came from, if any. True: it is there. */
  open(scenario: Scenario, at: { readonly step: number; readonly from: string }): Promise<boolean>;
  /** Goes on with a stored run; without a word when it is not there any more. */
  resume(run: string): Promise<boolean>;
  /** Shows a step. Only the newest wish is fulfilled when they come faster than frames. */
  seek(step: number): Promise<void>;
  act(action: Action): Promise<void>;
  setBugs(
    side: Side,
    choice: { readonly preset: string; readonly bugs: readonly string[] | null },
  ): Promise<void>;
  setTwin(on: boolean): Promise<void>;
  /**
   * Opens the scenario as it was before the last thing done by hand, or before the first, at the step where that was done.
   * Nothing to go back to: nothing happens.
   */
  undo(how: "last" | "all"): Promise<void>;
  /** Brings what is shown into storage now. */
  keep(): Promise<void>;
  disk(side: Side, machine: string, step: number): Promise<DiskFrame | null>;
  importFiles(
    files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  ): Promise<void>;
  listRuns(): Promise<void>;
  forget(run: string): Promise<void>;
}

export function createSession(client: Client): Session {
  const seek = seeker(client);

  client.onMessage((message) => {
    if (message.type === "saved" && message.run === useRun.getState().run) {
      useRun.setState({ saved: message.step });
    }
    if (message.type === "storage") {
      showBanner({ tone: "warning", topic: "storage", text: message.text, remedy: STORAGE_REMEDY });
    }
    if (message.type === "crashed") {
      changeUi((state) => {
        state.playing = false;
        state.failure = { text: message.text, advice: message.advice };
      });
    }
    if (message.type === "progress") {
      const { done, of } = message;
      useRun.setState({ progress: done < of ? { done, of } : null });
    }
  });

  /** Asks; a refusal becomes a banner and null. */
  async function ask<Type extends ToUi["type"]>(
    request: Request,
    wanted: Type,
    what: string,
  ): Promise<Answer<Type> | null> {
    const answer = await client.send(request);
    if (answer.type === wanted) return answer as Answer<Type>;
    if (answer.type === "refused" && answer.reason === SUPERSEDED) return null;
    if (useUi.getState().failure !== null) return null; // All is said already.
    const text = answer.type === "refused" ? answer.reason : "the worker gave no answer";
    showBanner({
      tone: "bad",
      topic: "refused",
      text: `${what}: ${text}`,
      remedy: "The run shown is as it was.",
    });
    return null;
  }

  /** Asks for something that makes or changes the run, and shows the step it stands at. */
  async function load(request: Request, what: string, from = ""): Promise<Loaded | null> {
    await seek.idle();
    changeUi((state) => {
      state.busy = what;
    });
    const loaded = await ask(request, "loaded", what);
    changeUi((state) => {
      state.busy = null;
    });
    useRun.setState({ progress: null });
    if (loaded === null) return null;
    closeTopic("refused");
    const { run } = useRun.getState();
    takeLoaded(loaded);
    if (loaded.run !== run) rememberRun({ run: loaded.run, from });
    await seek.to(loaded.step);
    return loaded;
  }

  /** Changes the run by hand, and keeps what it was for `undo`. */
  async function change(request: Request, what: string): Promise<void> {
    if (useUi.getState().failure !== null) return; // Nobody would answer, and the banner says so.
    await seek.idle();
    const { scenario, step, past } = useRun.getState();
    if ((await load(request, what)) === null) return;
    useRun.setState({ past: scenario === null ? [] : [...past, { scenario, step }] });
  }

  return {
    async open(scenario, { step, from }) {
      const run = newRunId();
      const what = `“${scenario.title}” cannot be opened`;
      if ((await load({ type: "load", run, scenario, step }, what, from)) === null) return false;
      useRun.setState({ past: [] });
      return true;
    },
    async resume(run) {
      const answer = await client.send({ type: "resume", run });
      if (answer.type !== "loaded") return false;
      takeLoaded(answer);
      useRun.setState({ past: [] });
      rememberResumed(answer.run);
      await seek.to(answer.step);
      return true;
    },
    seek: (step) => seek.to(step),
    async act(action) {
      await change({ type: "act", action }, "That cannot be done at this step");
    },
    async setBugs(side, { preset, bugs }) {
      await change({ type: "bugs", side, preset, bugs }, "The bugs stay as they are");
    },
    async setTwin(on) {
      await change({ type: "twin", on }, "No twin");
    },
    async undo(how) {
      const { run, readOnly, past } = useRun.getState();
      const at = how === "last" ? past.length - 1 : 0;
      const before = past[at];
      if (before === undefined || useUi.getState().failure !== null) return;
      // The run stays the same one, unless another tab writes it.
      const name = run === null || readOnly ? newRunId() : run;
      const loaded = await load({ type: "load", run: name, ...before }, "This cannot be undone");
      if (loaded !== null) useRun.setState({ past: past.slice(0, at) });
    },
    async keep() {
      await client.send({ type: "checkpoint" });
    },
    async disk(side, machine, step) {
      const answer = await client.send({ type: "disk", side, machine, step });
      return answer.type === "disk" ? answer.disk : null;
    },
    async importFiles(files) {
      changeUi((state) => {
        state.busy = "Reading files";
      });
      const answer = await ask({ type: "import", files }, "imported", "These files cannot be read");
      changeUi((state) => {
        state.busy = null;
        if (answer === null) return;
        state.report = answer.report as typeof state.report;
        state.dialog = "import";
      });
    },
    async listRuns() {
      const answer = await client.send({ type: "runs" });
      if (answer.type !== "runs") return;
      changeUi((state) => {
        state.runs = [...answer.runs];
      });
    },
    async forget(run) {
      if (run === useRun.getState().run) forgetRun();
      await client.send({ type: "forget", run });
      await this.listRuns();
    },
  };
}

const SUPERSEDED = "superseded";
const STORAGE_REMEDY = "The run goes on; share it or download its script to keep it.";

/** One seek at a time; of those that come meanwhile the newest is kept. */
function seeker(client: Client) {
  let running: Promise<void> | null = null;
  let wanted: number | null = null;

  async function run(): Promise<void> {
    while (wanted !== null) {
      const step = wanted;
      wanted = null;
      const answer = await client.send({ type: "seek", step });
      if (answer.type === "shown") takeShown(answer);
    }
  }

  return {
    to(step: number): Promise<void> {
      wanted = step;
      running ??= run().finally(() => {
        running = null;
      });
      return running;
    },
    async idle(): Promise<void> {
      while (running !== null) await running;
    },
  };
}

/** A name for storage; chance is fine here, for nothing in the run depends on it. */
function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
