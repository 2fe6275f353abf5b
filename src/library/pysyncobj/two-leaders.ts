import { at, connect, HEAL, isolate, once, power, reunite, set } from "./scene.ts";

/**
 * B votes for A and crashes; then it is asked by C. Each leader, if there are two, writes with B's help. A and C cannot reach
 * each other until the end.
 */
export function twoLeaders(kind: "process" | "power") {
  const leads = { type: "role", server: "A", to: "leader" };
  return {
    choices: {
      "A/1/electionTimeout/1": 400_000,
      "B/1/electionTimeout/1": 1_400_000,
      "B/2/electionTimeout/1": 1_400_000,
      "C/1/electionTimeout/1": 400_000,
      "C/1/electionTimeout/2": 400_000,
    },
    script: [
      ...at(0, isolate("A", "C")),
      ...at(0, { type: "boot" as const, machines: ["A", "B"], stagger: 100_000 }),
      ...once(leads, { type: "restart" as const, machines: ["B"], kind, down: 300_000 }),
      ...once(leads, isolate("A", "B")),
      ...at(1_000, power("C")),
      ...once({ type: "role", server: "C", to: "leader" }, set("C", "x", "from-C"), { delay: 300 }),
      ...at(3_500, reunite("B", "A")),
      ...at(3_500, connect("A", "B")),
      ...at(3_600, set("A", "x", "from-A")),
      ...at(4_500, HEAL),
      ...at(4_500, connect("A", "C")),
    ],
    until: 6_000_000,
  };
}
