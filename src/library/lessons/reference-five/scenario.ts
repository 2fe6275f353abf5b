import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const FIVE_SERVERS = {
  format: "blackstart-scenario",
  version: 2,
  title: "Five servers, two of them gone",
  about:
    "Five servers go on while two are without power, and the two catch up when they come back.",
  system: "reference",
  preset: "correct",
  cluster: { machines: ["A", "B", "C", "D", "E"].map((id) => ({ id })) },
  choices: { "A/1/election-timeout/0": 150_000 },
  script: [
    {
      anchor: { type: "at", time: 0 },
      action: { type: "boot", machines: ["A", "B", "C", "D", "E"] },
    },
    ...Array.from({ length: 40 }, (_, i) => ({
      anchor: { type: "at" as const, time: 1_000_000 + i * 50_000 },
      action: {
        type: "client" as const,
        client: `app-${i % 4}`,
        key: `key-${i % 5}`,
        value: `${i}`,
      },
    })),
    {
      anchor: { type: "at", time: 1_500_000 },
      action: { type: "crash", machines: ["D", "E"], kind: "power" },
    },
    {
      anchor: { type: "at", time: 2_500_000 },
      action: { type: "boot", machines: ["D", "E"], stagger: 100_000 },
    },
  ],
  until: 4_000_000,
  expect: allButThese("correct", []),
  narration: [
    {
      anchor: { type: "at", time: 1_500_000 },
      text: "D and E lose power. Three of five are still a majority.",
    },
    {
      anchor: { type: "at", time: 2_500_000 },
      text: "D and E come back. The leader finds out where each one's log ends and sends what is missing.",
    },
  ],
} satisfies ScenarioDocument;
