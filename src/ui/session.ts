import type { ScenarioDocument } from "#scenario/document.ts";
import type { DiskPatch, Scenario } from "#scenario/types.ts";
import type { DiskFrame } from "#sim/frame.ts";
import type { Client } from "#worker/client.ts";
import type {
  Inside,
  LitmusTable,
  Request,
  SentFile,
  Side,
  ToUi,
  Which,
} from "#worker/protocol.ts";
import type { Action, CrashKind, Loaded } from "./contract.ts";
import { forgetRun, rememberResumed, rememberRun } from "./remembered.ts";
import { takeLoaded, takeShown, useRun } from "./run-store.ts";
import { changeUi, closeTopic, showBanner, useUi } from "./ui-store.ts";

type Answer<Type extends ToUi["type"]> = Extract<ToUi, { type: Type }>;
type Studied = "swept" | "compared" | "meter" | "notches" | "matrix";
type StudyProgress = Pick<Answer<"progress">, "done" | "of" | "text">;

/** Crash states that are being tried. */
export interface Study<Wanted extends Studied> {
  readonly end: Promise<StudyEnd<Wanted>>;
  cancel(): void;
}

interface StudyEnd<Wanted extends Studied> {
  readonly found: Answer<Wanted> | null;
  /** Why nothing was found, in a sentence; null: something was, or it was cancelled by hand. */
  readonly problem: string | null;
}

/** What the interface wants of the worker, said once: each asks, files the answer, and tells the user of a refusal. */
export interface Session {
  /** Starts a run of its own for this scenario. `from`: the fragment it came from, if any. True: it is there. */
  open(
    scenario: Scenario | ScenarioDocument,
    at: { readonly step: number; readonly from: string },
  ): Promise<boolean>;
  /** The same for what came with the page, checked and filled by its tests. */
  openChecked(scenario: Scenario): Promise<boolean>;
  /** Goes on with a stored run; without a word when it is not there any more. */
  resume(run: string): Promise<boolean>;
  /**
   * Shows a step of the main side, and of the twin the one of that moment, or its own step `beside`. Only the newest wish is
   * fulfilled when they come faster than frames.
   */
  seek(step: number, beside?: number): Promise<void>;
  act(action: Action): Promise<void>;
  /** In the middle of the event that makes the step shown, at one of its notches. */
  actInside(action: Action, inside: Inside): Promise<void>;
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
  /** Tries again to bring it into storage, after that has failed. */
  keepAgain(): Promise<void>;
  /** `kind`: whose crash the pending effects are taken apart for. */
  disk(side: Side, machine: string, step: number, kind: CrashKind): Promise<DiskFrame | null>;
  /** The same script from the start on other disks: of all machines (null), or of one. False: it was refused. */
  setDisk(machine: string | null, settings: DiskPatch): Promise<boolean>;
  /** Has crash states tried, while all else goes on. */
  study<Wanted extends Studied>(
    request: Extract<Request, { type: "sweep" | "compare" | "meter" | "notches" | "matrix" }>,
    wanted: Wanted,
    onProgress: (progress: StudyProgress) => void,
  ): Study<Wanted>;
  /** What policies allow of short sequences of calls. */
  litmus(): Promise<readonly LitmusTable[] | null>;
  /** Has files read; how far that is, and how to end it, is in the interface's state meanwhile. */
  importFiles(files: readonly SentFile[]): Promise<void>;
  /** The disks of these machines as the real files, in a zip archive; null: there is none, and the user was told why. */
  exportDisks(wanted: {
    readonly side: Side;
    readonly step: number;
    readonly machines: readonly string[];
    readonly which: Which;
  }): Promise<Uint8Array<ArrayBuffer> | null>;
  listRuns(): Promise<void>;
  forget(run: string): Promise<void>;
}

export function createSession(client: Client): Session {
  const seek = seeker(client);
  const studies = new Map<number, (progress: StudyProgress) => void>();

  client.onMessage((message) => {
    if (message.type === "saved" && message.run === useRun.getState().run) {
      useRun.setState({ saved: message.step });
      closeTopic(FULL_TOPIC);
    }
    if (message.type === "storage" && message.full === true) {
      sayFull(message.text);
    } else if (message.type === "storage") {
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
      const study = studies.get(message.id);
      if (study !== undefined) study(message);
      else useRun.setState({ progress: done < of ? { done, of } : null });
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
      remedy: RUN_IS_KEPT,
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

  /** Changes the run by hand, and keeps what it was for `undo`. False: it could not be changed. */
  async function change(request: Request, what: string): Promise<boolean> {
    if (useUi.getState().failure !== null) return false; // Nobody would answer, and the banner says so.
    await seek.idle();
    const { scenario, step, past } = useRun.getState();
    if ((await load(request, what)) === null) return false;
    useRun.setState({ past: scenario === null ? [] : [...past, { scenario, step }] });
    return true;
  }

  async function open(request: Extract<Request, { type: "load" }>, from: string): Promise<boolean> {
    const what = `“${request.scenario.title}” cannot be opened`;
    if ((await load(request, what, from)) === null) return false;
    useRun.setState({ past: [] });
    return true;
  }

  return {
    open: (scenario, { step, from }) =>
      open({ type: "load", run: newRunId(), scenario, step }, from),
    openChecked: (scenario) =>
      open({ type: "load", run: newRunId(), scenario, isChecked: true, step: 0 }, ""),
    async resume(run) {
      const answer = await client.send({ type: "resume", run });
      if (answer.type !== "loaded") return false;
      takeLoaded(answer);
      useRun.setState({ past: [] });
      rememberResumed(answer.run);
      await seek.to(answer.step);
      return true;
    },
    seek: (step, beside) => seek.to(step, beside),
    async act(action) {
      await change({ type: "act", action }, "That cannot be done at this step");
    },
    async actInside(action, inside) {
      await change({ type: "act", action, inside }, "That cannot be done inside this step");
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
    async keepAgain() {
      await client.send({ type: "checkpoint", again: true });
    },
    study(request, wanted, onProgress) {
      const { id, answer } = client.start(request);
      studies.set(id, onProgress);
      let finish: (result: StudyEnd<typeof wanted>) => void = () => undefined;
      const end = new Promise<StudyEnd<typeof wanted>>((resolve) => {
        finish = (result) => {
          studies.delete(id);
          resolve(result); // The first counts.
        };
      });
      void answer.then((given) => {
        if (given.type === wanted) {
          finish({ found: given as Answer<typeof wanted>, problem: null });
        } else {
          const problem = given.type === "refused" ? given.reason : "The worker gave no answer.";
          finish({ found: null, problem });
        }
      });
      return {
        end,
        cancel() {
          finish({ found: null, problem: null });
          void client.send({ type: "cancel", request: id });
        },
      };
    },
    async disk(side, machine, step, kind) {
      const answer = await client.send({ type: "disk", side, machine, step, kind });
      return answer.type === "disk" ? answer.disk : null;
    },
    setDisk(machine, settings) {
      return change({ type: "disk-settings", machine, settings }, "The disks stay as they are");
    },
    async litmus() {
      const answer = await ask({ type: "litmus" }, "litmus", "No tables");
      return answer?.tables ?? null;
    },
    async importFiles(files) {
      const { id, answer } = client.start({ type: "import", files });
      const cancel = () => void client.send({ type: "cancel", request: id });
      const show = (progress: StudyProgress) =>
        changeUi((state) => {
          const { done, of, text = "" } = progress;
          state.reading = { done, of, text, cancel };
        });
      changeUi((state) => {
        state.report = null;
        state.dialog = "import";
      });
      show({ done: 0, of: 1, text: "Reading files" });
      studies.set(id, show);
      const given = await answer;
      studies.delete(id);
      changeUi((state) => {
        state.reading = null;
        if (given.type === "imported") state.report = given.report as typeof state.report;
        else if (state.report === null && state.dialog === "import") state.dialog = null;
      });
      if (given.type === "imported" || useUi.getState().failure !== null) return;
      const reason = given.type === "refused" ? given.reason : "the worker gave no answer";
      if (reason === CANCELLED) return;
      const text = `These files cannot be read: ${reason}`;
      showBanner({ tone: "bad", topic: "refused", text, remedy: RUN_IS_KEPT });
    },
    async exportDisks(wanted) {
      const answer = await ask({ type: "export", ...wanted }, "exported", "No files");
      return answer?.zip ?? null;
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
const CANCELLED = "cancelled";
const RUN_IS_KEPT = "The run shown is as it was.";
const STORAGE_REMEDY = "The run goes on; share it or download its script to keep it.";

const FULL_TOPIC = "storage-full";

/** The real storage is full. Nothing may be taken for a fault of a simulated disk, and nothing goes on unseen. */
function sayFull(text: string): void {
  changeUi((state) => {
    state.playing = false;
  });
  showBanner({
    tone: "warning",
    topic: FULL_TOPIC,
    text,
    remedy: FULL_REMEDY,
    retry: true,
  });
}

const FULL_REMEDY =
  "Playback is paused. Nothing recorded is lost: the run is whole in this tab, but not saved any further. Make room (forget stored runs in the Library, or free space on this computer), then try again. Share, or download the script, to be safe.";

/** One seek at a time; of those that come meanwhile the newest is kept. */
function seeker(client: Client) {
  let running: Promise<void> | null = null;
  let wanted: { readonly step: number; readonly beside?: number } | null = null;

  async function run(): Promise<void> {
    while (wanted !== null) {
      const at = wanted;
      wanted = null;
      const answer = await client.send({ type: "seek", ...at });
      if (answer.type === "shown") takeShown(answer);
    }
  }

  return {
    to(step: number, beside?: number): Promise<void> {
      wanted = { step, ...(beside === undefined ? {} : { beside }) };
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
