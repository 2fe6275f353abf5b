import { ok, type Result, refused } from "#base/result.ts";
import type { Scenario } from "#scenario/types.ts";
import { type RecordedRun, readRecordedRun } from "./pysyncobj/recording.ts";

export type { RecordedRun };

type Text = Promise<{ readonly default: string }>;

/** Traces that come with the page, by the name that scenarios give them. Each is fetched when it is asked for. */
const STORED: Readonly<Record<string, () => Text>> = {
  "01-healthy-compacted": () =>
    import("#system/pysyncobj/fixtures/01-healthy-compacted/trace.json?raw"),
  "02-simultaneous-restart": () =>
    import("#system/pysyncobj/fixtures/02-simultaneous-restart/trace.json?raw"),
  "04-commit-index-past-journal/no-dump": () =>
    import("#system/pysyncobj/fixtures/04-commit-index-past-journal/no-dump/trace.json?raw"),
  "04-commit-index-past-journal/with-dump": () =>
    import("#system/pysyncobj/fixtures/04-commit-index-past-journal/with-dump/trace.json?raw"),
  "04-commit-index-past-journal/one-node-only": () =>
    import("#system/pysyncobj/fixtures/04-commit-index-past-journal/one-node-only/trace.json?raw"),
  "04-commit-index-past-journal/majority-lost-tail": () =>
    import(
      "#system/pysyncobj/fixtures/04-commit-index-past-journal/majority-lost-tail/trace.json?raw"
    ),
  "05-deviations/a2-term-reuse-silent": () =>
    import("#system/pysyncobj/fixtures/05-deviations/a2-term-reuse-silent/trace.json?raw"),
  "05-deviations/b-double-vote": () =>
    import("#system/pysyncobj/fixtures/05-deviations/b-double-vote/trace.json?raw"),
  "05-deviations/d-repair-livelock": () =>
    import("#system/pysyncobj/fixtures/05-deviations/d-repair-livelock/trace.json?raw"),
  "05-deviations/f-big-record-hole": () =>
    import("#system/pysyncobj/fixtures/05-deviations/f-big-record-hole/trace.json?raw"),
  "05-deviations/h-meta-from-truncated-epoch": () =>
    import("#system/pysyncobj/fixtures/05-deviations/h-meta-from-truncated-epoch/trace.json?raw"),
  "06-dump-journal-race/all-nodes": () =>
    import("#system/pysyncobj/fixtures/06-dump-journal-race/all-nodes/trace.json?raw"),
};

/** What a scenario that replays a record replays. Refused: there is no such trace, or it cannot be read; in a sentence. */
export async function recordedRunOf({
  recording,
}: Pick<Scenario, "recording">): Promise<Result<RecordedRun | null>> {
  if (recording === undefined) return ok(null);
  const { name, text } = recording;
  if (text !== undefined) return readRecordedRun("the recording", text);
  const load = STORED[name ?? ""];
  if (load === undefined) return refused(`There is no recorded run ${JSON.stringify(name)} here.`);
  return readRecordedRun(name ?? "", (await load()).default);
}
