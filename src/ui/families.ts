import type { Verdict } from "#sim/frame.ts";
import type { IconName } from "./Icon.tsx";

// The families of verdicts: what is said against a run is not all of one kind, and must not look so.

interface Family {
  readonly title: string;
  /** What it means, in a sentence. */
  readonly about: string;
}

export const FAMILY_WORDS: Readonly<Record<Verdict["family"], Family>> = {
  violation: {
    title: "Violation",
    about: "A property that Raft guarantees does not hold here: this design is wrong.",
  },
  "broken-promise": {
    title: "Broken promise",
    about:
      "A message left before what it promises was sure to survive. Nothing is lost yet: it takes a crash at the wrong moment.",
  },
  "assumption-broken": {
    title: "Assumption broken",
    about:
      "The hardware did what no Raft can survive in this quorum: a disk lied, was swapped, or rotted. The design is not to blame.",
  },
  "unavailable-by-design": {
    title: "Unavailable by design",
    about:
      "The copies that were needed really are gone, and the design stops rather than make something up.",
  },
};

export const FAMILY_ICONS: Readonly<Record<Verdict["family"], IconName>> = {
  violation: "differ",
  "broken-promise": "promise",
  "assumption-broken": "cracked",
  "unavailable-by-design": "gone",
};
