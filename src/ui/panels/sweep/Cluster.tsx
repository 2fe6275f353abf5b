import { keyed } from "#ui/keyed.ts";
import { countText } from "#view/sweep-words.ts";
import type { ClusterSweep } from "#worker/protocol.ts";
import { MakeTheRun } from "./OutcomeDetail.tsx";
import { VerdictMark } from "./parts.tsx";
import type { StatesFound } from "./trials.ts";

interface Props {
  readonly cluster: ClusterSweep;
  readonly found: StatesFound;
}

/** All combinations of what the machines come back with. */
export function Cluster({ cluster, found }: Props) {
  const { combinations, distinct, bad, excused, rows } = cluster;
  return (
    <section className="cluster" aria-label="All machines together">
      <h3>All together</h3>
      <dl className="sweep-figures">
        <Figure name="combinations" count={combinations} />
        <Figure name="distinct" count={distinct} />
        <Figure name="bad" count={bad} />
        {excused !== "0" && <Figure name="bad by a disk" count={excused} />}
      </dl>
      <ul className="cluster-rows" aria-label="Kinds of combinations">
        {keyed(rows, ({ text }) => text).map(({ key, item: row }) => (
          <li key={key} data-good={row.good} data-family={row.family ?? "good"}>
            <VerdictMark family={row.family} />
            <p>{row.text}</p>
            <small>{combinationsText(row.combinations)}</small>
            <MakeTheRun found={found} witness={row.witness} small />
          </li>
        ))}
      </ul>
      <p className="note">
        This verdict is static. It asks of each combination whether every server boots, and whether
        every entry that a client was told about and every vote that was given is still on a quorum.
        What the cluster would do next is not run: make one the run to see it. Servers that hold the
        same count once under “distinct”.
      </p>
    </section>
  );
}

function combinationsText(count: string): string {
  const { short } = countText({ count, exact: true });
  return `${short} ${count === "1" ? "combination" : "combinations"}`;
}

function Figure({ name, count }: { readonly name: string; readonly count: string }) {
  const { short, exactly } = countText({ count, exact: true });
  return (
    <div>
      <dt>{name}</dt>
      <dd {...(exactly === null ? {} : { title: `exactly ${exactly}` })}>{short}</dd>
    </div>
  );
}
