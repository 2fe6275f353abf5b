import { simultaneousReboot } from "#library/incidents/pysyncobj-201/schedule.ts";
import { ALL, at, connect, HEAL, isolate, kill, power, set } from "./scene.ts";

/**
 * The reboot of #201, up to where C has cut off what it had applied. Then all processes are killed, C this many milliseconds
 * after the start. C and B come back; C leads, is cut off, and a client writes to it all the same.
 */
export function truncatedEpoch(killed: number) {
  const { choices, script } = simultaneousReboot(ALL);
  return {
    choices: {
      ...choices,
      "A/2/electionTimeout/1": 1_400_000,
      "B/2/electionTimeout/1": 1_400_000,
      "C/2/electionTimeout/1": 400_000,
    },
    script: [
      ...script.filter(({ anchor }) => anchor.type !== "at" || anchor.time < 1_000_000),
      ...at(killed, kill("C"), kill("A", "B")),
      ...at(killed + 500, isolate("A", "B", "C"), power("B", "C")),
      ...at(killed + 1_500, isolate("C", "B")),
      ...at(killed + 1_600, set("C", "unsafe", "without a quorum")),
      ...at(killed + 2_000, kill("C")),
      ...at(killed + 2_100, { type: "partition" as const, from: ["A"], to: ["B"], cut: false }),
      ...at(killed + 2_200, power("A")),
      ...at(killed + 2_500, connect("A", "B")),
      ...at(killed + 5_000, HEAL, power("C")),
      ...at(killed + 5_300, connect("A", "C"), connect("B", "C")),
    ],
    until: (killed + 8_000) * 1000,
  };
}
