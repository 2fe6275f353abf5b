import fc from "fast-check";
import { expect, it } from "vitest";
import type { ClientOperation, ClientResult } from "#raft/types.ts";
import type { Happening, Observation } from "#sim/observation.ts";
import { createHistories, foldCalls } from "./histories.ts";

type Kind = "write" | "read" | "compare-and-set" | "increment";

/** What a client asks next, and how it goes on: small numbers, so that values meet often. */
interface Draw {
  readonly kind: Kind;
  readonly value: number;
  readonly expected: number | null;
  /** How many events later it has its effect, and how many after that it is answered. */
  readonly effect: number;
  readonly answer: number;
  readonly fate: "ok" | "failed" | "unknown" | "never";
  /** For histories of any kind: what a read or an increment tells. */
  readonly told: number | null;
  readonly at: number;
}

const small = fc.integer({ min: 0, max: 2 });
const draw: fc.Arbitrary<Draw> = fc.record({
  kind: fc.constantFrom<Kind>("write", "read", "read", "compare-and-set", "increment"),
  value: small,
  expected: fc.option(small),
  effect: fc.integer({ min: 0, max: 6 }),
  answer: fc.integer({ min: 0, max: 6 }),
  fate: fc.constantFrom("ok", "ok", "ok", "failed", "unknown", "never"),
  told: fc.option(small),
  at: fc.integer({ min: 0, max: 12 }),
});

it("accepts whatever one map answers, however questions overlap, fail and stay open", () => {
  let [seen, unsure] = [0, 0];
  fc.assert(
    fc.property(fc.array(draw, { maxLength: 30 }), (draws) => {
      const history = lived(draws);
      const { broken, undecided } = judged(history);
      expect(broken).toBe(null);
      seen += history.length;
      unsure += undecided;
    }),
    { numRuns: 400 },
  );
  expect(seen).toBeGreaterThan(2000);
  expect(unsure).toBe(0);
});

it("agrees with trying all orders, and breaks at the first answer that none explains", () => {
  const found = { holds: 0, breaks: 0 };
  fc.assert(
    fc.property(fc.array(draw, { maxLength: 6 }), (draws) => {
      const history = invented(draws);
      const { broken } = judged(history);
      expect(broken).toBe(firstImpossible(history));
      found[broken === null ? "holds" : "breaks"] += 1;
    }),
    { numRuns: 1500 },
  );
  expect(found.holds).toBeGreaterThan(100);
  expect(found.breaks).toBeGreaterThan(100);
});

it("finds every changed read among answers of one map that trying all orders finds", () => {
  let breaks = 0;
  fc.assert(
    fc.property(fc.array(draw, { maxLength: 7 }), fc.nat(), (draws, which) => {
      const history = spoiled(lived(draws), which);
      const { broken } = judged(history);
      expect(broken).toBe(firstImpossible(history));
      if (broken !== null) breaks += 1;
    }),
    { numRuns: 1000 },
  );
  expect(breaks).toBeGreaterThan(100);
});

/** The sequence of the first break, and on how many keys something was left open. */
function judged(history: readonly Observation[]) {
  const histories = createHistories([]);
  let broken: number | null = null;
  for (const observation of history) {
    foldCalls(histories, observation);
    if (observation.type === "return" && histories.broken !== null) broken ??= observation.sequence;
  }
  return { broken, undecided: histories.undecided.size };
}

interface Event {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

/** One map that does what it is asked, at one moment between question and answer. */
function lived(draws: readonly Draw[]): Observation[] {
  const [history, note] = recorder();
  let map: number | null = null;
  let time = 0;
  const events: Event[] = [];
  for (const [order, each] of draws.entries()) {
    time += each.at % 3;
    const operation = operationOf(each, order);
    let value: number | null = null;
    let missed = false;
    const asked = {
      time: 10 * time,
      order,
      run: () => note({ type: "invoke", server: "A", operation }),
    };
    const happens = {
      time: 10 * (time + each.effect) + 1,
      order,
      run: () => {
        if (each.kind === "write") map = each.value;
        if (each.kind === "increment") map = (map ?? 0) + each.value;
        missed = each.kind === "compare-and-set" && map !== each.expected;
        if (each.kind === "compare-and-set" && !missed) map = each.value;
        value = map;
      },
    };
    const answers = {
      time: 10 * (time + each.effect + each.answer) + 2,
      order,
      run: () =>
        note(returned(operation, missed && each.fate === "ok" ? "missed" : each.fate, value)),
    };
    events.push(asked);
    // What failed has not happened; of what is not known, some has.
    const isNever = each.fate === "failed" || (each.fate !== "ok" && each.value === 0);
    if (!isNever) events.push(happens);
    if (each.fate !== "never") events.push(answers);
  }
  for (const { run } of events.sort((a, b) => a.time - b.time || a.order - b.order)) run();
  return history;
}

/** Answers that nobody has thought about. */
function invented(draws: readonly Draw[]): Observation[] {
  const [history, note] = recorder();
  const events: Event[] = [];
  for (const [order, each] of draws.entries()) {
    const operation = operationOf(each, order);
    events.push({
      time: each.at,
      order,
      run: () => note({ type: "invoke", server: "A", operation }),
    });
    if (each.fate === "never") continue;
    const time = each.at + each.answer + 0.5;
    const isMissed = each.kind === "compare-and-set" && each.fate === "ok" && each.effect < 2;
    // It may not have found what it expected, and say that it has.
    if (isMissed && each.told === each.expected) continue;
    const how = isMissed ? "missed" : each.fate;
    events.push({ time, order, run: () => note(returned(operation, how, each.told)) });
  }
  for (const { run } of events.sort((a, b) => a.time - b.time || a.order - b.order)) run();
  return history;
}

/** The same, but one read tells something else. */
function spoiled(history: readonly Observation[], which: number): Observation[] {
  const reads = history.filter(
    (each) =>
      each.type === "return" && each.operation.type === "read" && each.result.outcome === "ok",
  );
  const chosen = reads[which % Math.max(1, reads.length)];
  return history.map((each) => {
    if (each !== chosen || each.type !== "return") return each;
    const value = each.result.value === "1" ? "2" : "1";
    return { ...each, result: { ...each.result, value } };
  });
}

function recorder(): [Observation[], (happening: Happening) => void] {
  const history: Observation[] = [];
  return [
    history,
    (happening) => {
      const sequence = history.length;
      history.push({ sequence, step: sequence, time: sequence, cause: null, ...happening });
    },
  ];
}

function operationOf({ expected, kind, value }: Draw, order: number): ClientOperation {
  const wants = kind === "compare-and-set" && expected !== null ? String(expected) : null;
  const text = kind === "read" ? "" : String(value);
  return { id: `op${order}`, client: "c", type: kind, key: "x", value: text, expected: wants };
}

function returned(
  operation: ClientOperation,
  how: Draw["fate"] | "missed",
  told: number | null,
): Happening {
  const isTold = how === "missed" || (how === "ok" && operation.type !== "write");
  const outcome: ClientResult["outcome"] = how === "missed" || how === "never" ? "failed" : how;
  const value = isTold && told !== null ? String(told) : null;
  const entry = how === "missed" ? { index: 1, term: 1 } : null;
  return { type: "return", server: "A", operation, result: { outcome, code: "", value }, entry };
}

// Trying all orders, with no cleverness: for each history that ends with an answer.

interface Plain {
  readonly operation: ClientOperation;
  readonly asked: number;
  answered: number;
  must: boolean;
  may: boolean;
  missed: boolean;
  told: string | null;
}

function firstImpossible(history: readonly Observation[]): number | null {
  for (const [at, { type }] of history.entries()) {
    if (type === "return" && !isPossible(plain(history.slice(0, at + 1)), null, new Set()))
      return at;
  }
  return null;
}

function plain(history: readonly Observation[]): Plain[] {
  const calls = new Map<string, Plain>();
  for (const each of history) {
    if (each.type === "invoke") {
      const blank = { answered: Number.POSITIVE_INFINITY, must: false, may: true, missed: false };
      calls.set(each.operation.id, {
        operation: each.operation,
        asked: each.sequence,
        ...blank,
        told: null,
      });
    } else if (each.type === "return") {
      const call = calls.get(each.operation.id);
      if (call === undefined) continue;
      call.missed = each.result.outcome === "failed" && each.entry !== null;
      call.must = each.result.outcome === "ok" || call.missed;
      call.may = call.must || each.result.outcome === "unknown";
      if (call.must) call.answered = each.sequence;
      call.told = each.result.value;
    }
  }
  return [...calls.values()];
}

function isPossible(calls: readonly Plain[], state: string | null, done: Set<Plain>): boolean {
  if (calls.every((call) => done.has(call) || !call.must)) return true;
  return calls.some((call) => {
    if (done.has(call) || !call.may) return false;
    if (calls.some((other) => !done.has(other) && other.must && other.answered < call.asked))
      return false;
    const next = outcomeOf(call, state);
    return next !== undefined && isPossible(calls, next, new Set([...done, call]));
  });
}

/** What the key is afterwards; undefined: that cannot be. */
function outcomeOf(call: Plain, state: string | null): string | null | undefined {
  const { missed, must, operation, told } = call;
  const { expected, type, value } = operation;
  if (type === "write") return value;
  if (type === "read") return !must || state === told ? state : undefined;
  if (type === "compare-and-set") {
    if (missed) return state === told ? state : undefined;
    return state === expected ? value : must ? undefined : state;
  }
  const sum = String(Number(state ?? "0") + Number(value));
  return must && told !== null && sum !== told ? undefined : sum;
}
