import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, THREE, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const KILL_IS_NOT_A_CRASH = {
  format: "blackstart-scenario",
  version: 2,
  title: "A kill is not a crash",
  about:
    "Servers that hardly ever sync are killed, and lose nothing. Then their machines crash, and they lose what clients were told is safe: why tests with kill -9 prove little.",
  source: [{ title: "Jepsen: NATS 2.12.1", url: "https://jepsen.io/analyses/nats-2.12.1" }],
  system: "reference",
  preset: "lazy-sync",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("A") },
    ...["one", "two", "three", "four", "five"].map((value, i) => ({
      anchor: at(400_000 + i * 50_000),
      action: write("x", value),
    })),
    {
      anchor: at(900_000),
      action: { type: "restart", machines: ["A", "B", "C"], kind: "process", down: 300_000 },
    },
    { anchor: at(1_400_000), action: ring("A") },
    { anchor: at(1_600_000), action: read("x") },
    { anchor: at(1_800_000), action: write("x", "six") },
    { anchor: at(1_900_000), action: write("x", "seven") },
    {
      anchor: at(2_300_000),
      action: { type: "restart", machines: ["A", "B", "C"], kind: "os", down: 300_000 },
    },
    { anchor: at(2_800_000), action: ring("A") },
    { anchor: at(3_000_000), action: read("x") },
  ],
  until: 3_300_000,
  expect: [
    ...allButThese("lazy-sync", ["C1", "C5", "C7", "C8", "C9", "C10", "C11", "C18", "C20"]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(0),
      text: "Three servers. On the left they answer at once and sync every two minutes. On the right they are correct: they sync before they answer.",
    },
    {
      anchor: when({ type: "return" }, { count: 5 }),
      text: "Five writes are acknowledged on both sides.",
    },
    {
      anchor: when({ type: "crash", kind: "process" }),
      text: "Now every server process is killed. The machines stay up, and with them the page cache: what was written is still there for the next reader.",
    },
    {
      anchor: when({ type: "return" }, { count: 6 }),
      text: "Nothing is missing. A test that kills processes would stop here, content.",
    },
    {
      anchor: when({ type: "crash", kind: "os" }),
      text: "Two more writes were acknowledged. Now the machines crash: whatever no sync had covered is gone with the page cache.",
    },
    {
      anchor: when({ type: "return", "result.value": "five" }, { count: 2 }),
      text: "The fifth write is all that is left: these servers have forgotten two that their clients count on. A kill would never have shown it.",
    },
    {
      anchor: when({ type: "return", "result.value": "seven" }),
      text: "All seven writes are there. Servers that sync before they answer lose nothing, whichever crash it is.",
    },
  ],
} satisfies ScenarioDocument;
