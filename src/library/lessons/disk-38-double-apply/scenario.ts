import { allButThese } from "#library/expectations.ts";
import { add, at, boot, QUIET, read, ring, THREE, when } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const DOUBLE_APPLY = {
  format: "blackstart-scenario",
  version: 2,
  title: "Counted twice",
  about:
    "A server keeps its state machine on the disk, and how far it has come in another file. The power fails between the two, and one increment is applied twice. All logs agree; one state machine does not.",
  source: [
    {
      title: "etcd, PR #14730: data was committed without the index that says what is in it",
      url: "https://github.com/etcd-io/etcd/pull/14730",
    },
    {
      title: "etcd, postmortem of the data inconsistency in 3.5: the same, the other way round",
      url: "https://github.com/etcd-io/etcd/blob/main/Documentation/postmortems/v3.5-data-inconsistency.md",
    },
  ],
  system: "reference",
  preset: "applied-index-apart",
  twin: { preset: "correct" },
  cluster: THREE,
  options: { ...QUIET, keepState: 1 },
  disk: { policy: "strict", syncTime: 20_000 },
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(300_000), action: ring("A") },
    { anchor: at(900_000), action: add("x", "1") },
    { anchor: at(1_700_000), action: add("x", "1") },
    { anchor: at(2_500_000), action: add("x", "1") },
    {
      anchor: when({ type: "apply", server: "B", value: "3" }, { delay: 50_000 }),
      action: {
        type: "crash",
        machines: ["B"],
        kind: "power",
        survivors: { type: "none" },
      },
    },
    { anchor: at(3_600_000), action: boot("B") },
    { anchor: at(4_400_000), action: ring("B") },
    { anchor: at(4_900_000), action: read("x", "B") },
  ],
  until: 5_300_000,
  expect: [...allButThese("applied-index-apart", ["C15", "C18"]), ...allButThese("correct", [])],
  narration: [
    {
      anchor: when({ type: "disk", server: "A", "op.type": "rename", path: "A/state.new" }),
      text: "Each server keeps its state machine on its disk, so that it need not apply its whole log again when it starts.",
    },
    {
      anchor: when({ type: "disk", server: "A", "op.type": "rename", path: "A/applied.new" }),
      text: "The state machine is one file, and the index of the last entry applied to it is another. Each is written aside, synced and renamed, as it should be.",
    },
    {
      anchor: at(900_000),
      text: "A client adds 1 to x, three times.",
    },
    {
      anchor: when({ type: "crash", machine: "B" }),
      text: "Power fails at B, 50 ms after it has applied the third increment.",
    },
    {
      anchor: when({ type: "recovered", server: "B", incarnation: 2, lastApplied: 3 }),
      text: "Both files are whole. The new state machine was durable, its index not yet: B says that it has applied 3, where x is 2 on the others, and has an x of 3. Entry 4, the third increment, is still to come, it believes.",
    },
    {
      anchor: when({ type: "recovered", server: "B", incarnation: 2, lastApplied: 4 }),
      text: "State machine and index are one file, which is replaced as a whole. B comes back with an x of 3, and knows that entry 4 is in it.",
    },
    {
      anchor: when({ type: "apply", server: "B", value: "4" }),
      text: "Entry 4 is applied a second time: where x was 2 on the others and 3 on B, it is 3 and 4 now, and all logs are the same.",
    },
    { anchor: at(4_390_000), text: "Now B is elected, and a client reads x." },
    {
      anchor: when({ type: "return", server: "B", "result.value": "3" }),
      text: "Three increments, and the answer is 3, whoever gives it.",
    },
    {
      anchor: when({ type: "return", server: "B", "result.value": "4" }),
      text: "Three increments, and the answer is 4. Raft never repairs it, for it compares logs: what says how far a state machine has come must become durable in one step with it.",
    },
  ],
} satisfies ScenarioDocument;
