import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import {
  ALL,
  at,
  connect,
  first,
  HEAL,
  isolate,
  once,
  power,
  reunite,
  set,
  THREADS,
  tell,
  tellWhen,
  three,
  versions,
} from "./scene.ts";

const HOLD = { type: "hold" as const, from: "B", to: "A" };

/** A's entries 6 and 7 of term 1 and B's entries 6 and 7 of term 1 are not the same. */
export const S5 = {
  ...versions("0.3.14", "PR #202"),
  title: "PySyncObj: one index, one term, two different entries, and nobody can tell",
  about:
    "After a restart the same term number is used a second time. Two servers then hold different commands under one index and one term, which Raft takes for the same entry: no message will ever show the difference.",
  source: [THREADS.issue201, THREADS.pr202],
  cluster: three(),
  options: { appendEntriesUseBatch: 0 },
  choices: {
    ...first("A"),
    "A/2/electionTimeout/1": 1_400_000,
    "B/2/electionTimeout/1": 400_000,
    "C/2/electionTimeout/1": 1_400_000,
  },
  script: [
    ...at(0, power(...ALL)),
    ...at(1_000, set("A", "k0", "v0"), set("A", "k1", "v1"), set("A", "k2", "v2")),
    ...at(1_450, isolate("A", "B", "C")),
    ...at(1_500, set("A", "x", "A-side-1"), set("A", "y", "A-side-2")),
    ...at(1_700, { type: "stop" as const, machines: ALL }),
    ...at(2_700, power("B", "C")),
    ...once({ type: "role", server: "B", to: "leader" }, set("B", "x", "B-side"), { delay: 300 }),
    ...at(4_800, power("A")),
    ...at(5_000, reunite("A", "B"), HOLD, connect("A", "B")),
    ...at(5_300, connect("A", "B", false), { ...HOLD, on: false }, connect("A", "B")),
    ...at(6_500, set("B", "z", "later"), HEAL, connect("A", "C")),
  ],
  until: 8_000_000,
  expect: [
    ...allButThese("0.3.14", ["C1", "C2", "C4", "C6", "C7", "C8", "C9", "C10", "C15", "C20"]),
    // It still syncs nothing: what it promises and recovers would not survive a power loss.
    ...allButThese("PR #202", ["C9", "C10", "C17", "C20"]),
  ],
  narration: [
    tell(0, "A fresh cluster of three. A will lead term 1."),
    tell(
      1_450,
      "A is cut off from the others. Two clients still write to it: A puts their commands at 6 and 7, in its term 1, and cannot commit them.",
    ),
    tell(1_700, "All three servers are stopped and started again, B and C first."),
    tellWhen(
      { type: "role", server: "B", to: "leader" },
      "B is elected by C. It has to say in which term.",
    ),
    tellWhen(
      { type: "return", "operation.client": "app-B", "result.outcome": "ok", "entry.term": 1 },
      "Term 1, for the second time: nothing on disk says that it was used before. B commits other commands at 6 and 7, again in term 1, and acknowledges one.",
    ),
    tellWhen(
      { type: "return", "operation.client": "app-B", "result.outcome": "ok", "entry.term": 2 },
      "Term 2: the disk remembers term 1. B commits its commands at 6 and 7 and acknowledges one.",
    ),
    tell(
      5_000,
      "A is back and connects to B. B sends 6 and 7 and takes for granted that they arrive, but the connection breaks before they do.",
    ),
    tell(
      5_300,
      "They connect again. B goes on after entry 7: “does your entry 7 have the term of mine?”",
    ),
    tellWhen(
      { type: "apply", server: "A", "entry.index": 7, "entry.term": 1 },
      "It has, so A takes its own two commands for B's, counts them as committed and applies them. Every index and every term is the same on all three from now on. The contents are not.",
    ),
    tellWhen(
      { type: "truncate", server: "A" },
      "It has not: A cuts its two commands, which nobody was promised, and takes over B's.",
    ),
    tellWhen(
      { type: "apply", server: "A", "entry.index": 7, "entry.term": 1 },
      "A's x is A-side-1 for ever, on B and C it is B-side, and no message will show it: Raft takes two entries of one index and one term for the same entry. That is only true as long as no term is used twice.",
      { delay: 2_100 },
    ),
    tellWhen(
      { type: "truncate", server: "A" },
      "On all three, x is B-side, which was acknowledged; A's two commands never were. No term was used twice, so Raft could tell the entries apart.",
      { delay: 1_900 },
    ),
  ],
} satisfies ScenarioDocument;
