import { ok, type Result, refused } from "#base/result.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Request, ToUi, ToWorker } from "./protocol.ts";
import { checkScenario } from "./recorder.ts";
import type { RunLocks } from "./run-lock.ts";
import { createSession, type Session } from "./session.ts";
import { type MemoryStore, memoryStore } from "./store.testkit.ts";
import type { Examiner, Trial } from "./trials.ts";

/** A browser's storage and locks, shared by its tabs. */
export interface Browser {
  readonly store: MemoryStore;
  readonly locked: Set<string>;
}

export function browser(): Browser {
  return { store: memoryStore(), locked: new Set() };
}

export interface Tab {
  readonly session: Session;
  /** All it said, oldest first. */
  readonly told: ToUi[];
  /** Asks, and gives back the answer. */
  ask<Type extends ToUi["type"]>(request: Request, type: Type): Promise<Answer<Type>>;
  /** Asks without waiting; the answer comes among what is told. Returns the request's id. */
  post(request: Request): number;
  texts(type: "storage"): string[];
  steps(type: "saved"): number[];
}

export type Answer<Type extends ToUi["type"]> = Extract<ToUi, { type: Type }>;

export function openTab(
  { store, locked }: Browser,
  options: {
    readonly engine?: string;
    readonly breathe?: () => Promise<void>;
    readonly examiner?: Examiner;
  } = {},
): Tab {
  const told: ToUi[] = [];
  let names = 0;
  let asked = 0;
  let clock = 0;
  const tab = tabs++;
  const session = createSession({
    store,
    locks: locksOn(locked),
    engine: options.engine ?? "test",
    tell: (message) => told.push(structuredClone(message)),
    now: () => ++clock,
    examiner: () => Promise.resolve(options.examiner ?? slowExaminer(0)),
    later(task, milliseconds) {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
    sliceEvents: 100,
    breathe: options.breathe ?? (() => new Promise((resolve) => setTimeout(resolve, 0))),
    newName: () => `tab ${tab} name ${++names}`,
  });
  const number = (request: Request): ToWorker => ({ ...request, id: ++asked });
  return {
    session,
    told,
    async ask<Type extends ToUi["type"]>(request: Request, type: Type) {
      const sent = number(request);
      await session.handle(sent);
      const answers = told.filter((each) => "id" in each && each.id === sent.id);
      const answer = answers.filter((each) => each.type !== "progress");
      const [only] = answer;
      if (only?.type !== type || answer.length !== 1) {
        throw new Error(`expected one ${type}, got ${JSON.stringify(answer).slice(0, 500)}`);
      }
      return only as Answer<Type>;
    },
    post(request) {
      const sent = number(request);
      session.handle(sent).catch((error: unknown) => {
        told.push({ type: "crashed", text: String(error), advice: "" });
      });
      return sent.id;
    },
    texts: (type) => told.flatMap((each) => (each.type === type ? [each.text] : [])),
    steps: (type) => told.flatMap((each) => (each.type === type ? [each.step] : [])),
  };
}

let tabs = 1;

/** Knows nothing of disks: takes so many recoveries for a sweep, and `few` for all else, and answers with the question. */
export function slowExaminer(recoveries: number, few = recoveries): Examiner {
  const trial = <Answer>(text: string, answer: Answer, of = few): Result<Trial<Answer>> => {
    let done = 0;
    return ok({
      advance(most) {
        done = Math.min(of, done + most);
        return done === of;
      },
      done: () => done,
      of: () => of,
      text: () => text,
      answer: () => answer,
    });
  };
  return {
    sweep: (_, step, ask) =>
      ask.machines.includes("nobody")
        ? refused("There is no machine nobody.")
        : trial("A", { ask, step, machines: [], cluster: null }, recoveries),
    compare: () => trial("every preset", []),
    meter: () => trial("every policy", []),
    notches: (_, step) => trial("every notch", { step, notches: [] }),
    litmus: () => [],
  };
}

function locksOn(locked: Set<string>): RunLocks {
  return {
    async acquire(run) {
      if (locked.has(run)) return null;
      locked.add(run);
      return { run, release: () => locked.delete(run) };
    },
  };
}

/** Two PySyncObj servers for five seconds: a write, then power is lost on both, and one votes a second time. */
export function scenario(more: object = {}): Scenario {
  const checked = checkScenario({
    format: "blackstart-scenario",
    version: 2,
    title: "Two",
    system: "pysyncobj",
    preset: "0.3.14",
    cluster: { machines: [{ id: "A" }, { id: "B" }] },
    script: [
      { anchor: { type: "at", time: 0 }, action: { type: "boot", machines: ["A", "B"] } },
      {
        anchor: { type: "when", match: { type: "role", to: "leader" }, delay: 200_000 },
        action: { type: "client", key: "leader", value: "x" },
      },
      {
        anchor: { type: "when", match: { type: "return" } },
        action: { type: "restart", machines: ["A", "B"], down: 100_000 },
      },
    ],
    until: 5_000_000,
    ...more,
  });
  if (!checked.ok) throw new Error(checked.problem);
  return checked.value;
}
