import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const STEADY = {
  format: "blackstart-scenario",
  version: 2,
  title: "Plain sailing",
  about:
    "Three servers, one leader, a write every so often: what Raft looks like when nothing goes wrong.",
  system: "reference",
  preset: "correct",
  cluster: { machines: [{ id: "A" }, { id: "B" }, { id: "C" }] },
  script: [
    { anchor: { type: "at", time: 0 }, action: { type: "boot", machines: ["A", "B", "C"] } },
    ...Array.from({ length: 10 }, (_, i) => ({
      anchor: { type: "at" as const, time: 1_000_000 + i * 200_000 },
      action: { type: "client" as const, key: `key-${i % 3}`, value: `value ${i}` },
    })),
    {
      anchor: { type: "at", time: 3_500_000 },
      action: { type: "client", operation: "read", key: "key-0" },
    },
  ],
  until: 4_000_000,
  expect: allButThese("correct", []),
  narration: [
    {
      anchor: { type: "when", match: { type: "role", to: "candidate" } },
      text: "Nobody has heard of a leader. The first server whose election timer rings asks the others for their votes.",
    },
    {
      anchor: { type: "when", match: { type: "role", to: "leader" } },
      text: "Two votes of three are a majority. The new leader tells everybody at once, so that nobody else campaigns.",
    },
    {
      anchor: { type: "when", match: { type: "invoke" } },
      text: "A client writes. The leader appends the entry to its log and sends it to the others; once a majority has it on disk, it is committed.",
    },
  ],
} satisfies ScenarioDocument;
