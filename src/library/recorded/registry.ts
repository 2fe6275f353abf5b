import type { ScenarioDocument } from "#scenario/document.ts";

/** Recorded runs of the real library that come with the page: nodes, and the end in microseconds. */
const RECORDED = [
  {
    name: "01-healthy-compacted",
    title: "Recorded: a healthy cluster that compacts its log",
    about: "Nothing goes wrong: elections, writes, full dumps and the journal cut after them.",
    until: 4_300_001,
  },
  {
    name: "02-simultaneous-restart",
    title: "Recorded: #201, three members restart at once and diverge",
    about:
      "The run of the real library behind the main incident: acknowledged writes are cut off, and the maps differ for ever.",
    until: 9_560_001,
  },
  {
    name: "04-commit-index-past-journal/no-dump",
    title: "Recorded: #197, the commit index runs past the journal, without a dump",
    about:
      "All three lose the tail of the journal and keep the newer meta: no node becomes ready, and one acknowledges a write that nobody else has.",
    until: 72_550_001,
  },
  {
    name: "04-commit-index-past-journal/with-dump",
    title: "Recorded: #197, the commit index runs past the journal, with a dump",
    about: "The same after a log compaction: this is the case that PR #197 repairs.",
    until: 72_850_001,
  },
  {
    name: "04-commit-index-past-journal/one-node-only",
    title: "Recorded: only one of three lost the tail of its journal",
    about: "The others still have what it lost, and it is ready again within a third of a second.",
    until: 24_800_001,
  },
  {
    name: "04-commit-index-past-journal/majority-lost-tail",
    title: "Recorded: a majority lost the tail of its journal",
    about:
      "Two of three elect a leader without the acknowledged entries, and write others over them.",
    until: 8_600_001,
  },
  {
    name: "05-deviations/a2-term-reuse-silent",
    title: "Recorded: one index and term, two commands",
    about: "A term is used twice, and nothing ever notices that the logs hold different commands.",
    until: 4_000_001,
  },
  {
    name: "05-deviations/b-double-vote",
    title: "Recorded: a voter restarts and votes again",
    about: "Two leaders of one term both acknowledge a write at the same index.",
    until: 880_001,
  },
  {
    name: "05-deviations/d-repair-livelock",
    title: "Recorded: a follower that cannot be repaired",
    about:
      "Leader and followers repeat the same question and answer, and nothing is ever committed.",
    until: 35_300_001,
  },
  {
    name: "05-deviations/f-big-record-hole",
    title: "Recorded: a record that the journal cannot take",
    about: "The entry is in memory and acknowledged, and the journal has a hole in its place.",
    until: 2_900_001,
  },
  {
    name: "05-deviations/h-meta-from-truncated-epoch",
    title: "Recorded: the commit index of an epoch that was cut off",
    about:
      "A node restarts with a commit index beyond its log, and applies what nobody has committed.",
    until: 200_001,
  },
  {
    name: "06-dump-journal-race/all-nodes",
    title: "Recorded: killed between the dump and the compaction",
    about: "The journal does not begin where the dump ends, so each node throws its journal away.",
    until: 24_400_001,
  },
] as const;

export const RECORDED_RUNS: readonly {
  readonly id: string;
  readonly scenario: ScenarioDocument & { readonly about: string };
}[] = RECORDED.map(({ name, title, about, until }) => ({
  id: `recorded-${name.replace("/", "-")}`,
  scenario: {
    format: "blackstart-scenario",
    version: 2,
    title,
    about: `${about} Left: what PySyncObj 0.3.14 really did. Right: the model, led through the same events.`,
    system: "pysyncobj",
    preset: "0.3.14",
    twin: { preset: "0.3.14" },
    cluster: {
      machines: [
        { id: "A", servers: [{ id: "A", address: "127.0.0.1:7001" }] },
        { id: "B", servers: [{ id: "B", address: "127.0.0.1:7002" }] },
        { id: "C", servers: [{ id: "C", address: "127.0.0.1:7003" }] },
      ],
    },
    recording: { format: "pysyncobj-trace/1", name },
    until,
  },
}));
