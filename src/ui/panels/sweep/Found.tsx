import { useState } from "react";
import { countText, coverText, grouped, machineVerdict } from "#view/sweep-words.ts";
import type { MachineSweep, RunView } from "#worker/protocol.ts";
import { Cluster } from "./Cluster.tsx";
import { Fates } from "./Fates.tsx";
import { Outcomes } from "./Outcomes.tsx";
import { kindText, OfMoment } from "./parts.tsx";
import type { StatesFound } from "./trials.ts";

/** What every crash state of some machines leads to. */
export function Found({ found, view }: { readonly found: StatesFound; readonly view: RunView }) {
  const [machine, setMachine] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const { report } = found;
  const { machines, cluster } = report;
  const sweep = machines.find((each) => each.machine === machine) ?? machines[0];
  return (
    <section className="found" aria-label="What was found">
      <OfMoment found={found} shown={{ side: view.side, step: view.frame.step }} />
      {cluster !== null && <Cluster cluster={cluster} found={found} />}
      {machines.length > 1 && (
        <div className="picker" role="radiogroup" aria-label="Outcomes of one machine">
          {machines.map((each) => (
            <label key={each.machine} data-checked={each === sweep}>
              <input
                type="radio"
                className="visually-hidden"
                name="swept-machine"
                checked={each === sweep}
                onChange={() => setMachine(each.machine)}
              />
              {each.machine}
            </label>
          ))}
        </div>
      )}
      {sweep !== undefined && (
        <>
          <h3>{machineVerdict(sweep)}</h3>
          <p className="note">{`${kindText(report.ask.kind)} at step ${found.step}, policy ${sweep.policy}.`}</p>
          <Figures sweep={sweep} />
          <Fates sweep={sweep} onOpen={setOpen} />
          <Outcomes key={sweep.machine} {...{ sweep, found, open }} onOpen={setOpen} />
        </>
      )}
    </section>
  );
}

function Figures({ sweep }: { readonly sweep: MachineSweep }) {
  const { short, exactly } = countText(sweep.states);
  return (
    <>
      <dl className="sweep-figures">
        <div>
          <dt>writes at stake</dt>
          <dd>{sweep.pieces}</dd>
        </div>
        <div>
          <dt>crash states</dt>
          <dd>{short}</dd>
        </div>
        <div>
          <dt>recoveries run</dt>
          <dd>{grouped(sweep.recoveries)}</dd>
        </div>
        <div>
          <dt>outcomes</dt>
          <dd>{sweep.outcomes.length}</dd>
        </div>
      </dl>
      <p className="cover" data-capped={sweep.cap !== null}>
        {exactly !== null && <span className="exactly">{`Exactly ${exactly} states. `}</span>}
        {coverText(sweep)}
      </p>
    </>
  );
}
