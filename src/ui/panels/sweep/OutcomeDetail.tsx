import { useEffect, useRef } from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { Icon } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { useRun } from "#ui/run-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { listed } from "#ui/words.ts";
import { fateWords } from "#view/sweep-fates.ts";
import { checkText } from "#view/sweep-words.ts";
import type { MachineSweep, Outcome } from "#worker/protocol.ts";
import { makeTheRun, onOtherDisks } from "./make-the-run.ts";
import { BOTH_SIDES } from "./stand-at.ts";
import { readDisk, type StatesFound, useTrials } from "./trials.ts";

interface Props {
  readonly outcome: Outcome;
  readonly sweep: MachineSweep;
  readonly found: StatesFound;
}

/** One outcome in sentences: what is wrong, how little is between it and a good one, and how to see it happen. */
export function OutcomeDetail({ outcome, sweep, found }: Props) {
  const { session } = useTools();
  const { machine } = sweep;
  const disk = useTrials((state) => state.disks[machine]);
  const { side, step, report } = found;
  const { kind } = report.ask;
  useEffect(() => {
    void readDisk(session, { side, step }, machine, kind);
  }, [session, side, step, machine, kind]);
  const { wrongs, text, difference, good, fate, because } = outcome;
  const detail = useRef<HTMLDivElement>(null);
  const isWhole = disk !== undefined;
  useEffect(() => {
    // Once more when it has got longer.
    if (outcome.id !== "" || isWhole) detail.current?.scrollIntoView({ block: "nearest" });
  }, [outcome.id, isWhole]);
  return (
    <div className="outcome-text" ref={detail}>
      <p>{text}</p>
      {because !== null && (
        <p>
          <b className="fate-name">{`${fateWords(fate).long}:`}</b> {because}
        </p>
      )}
      {keyed(wrongs, (wrong) => wrong.text).map(({ key, item: wrong }) => (
        <p key={key} className="wrong">
          <b>{`${wrong.check}, ${checkText(wrong.check)}: `}</b>
          {wrong.text}
        </p>
      ))}
      {difference !== null && (
        <p className="difference">
          <b>Smallest cause: </b>
          {difference}
        </p>
      )}
      {!good && difference === null && (
        <p className="note">There is no better outcome to hold it against.</p>
      )}
      {disk !== undefined && <Kept disk={disk} witness={outcome.witness} />}
      <MakeTheRun found={found} witness={{ [machine]: outcome.witness }} />
    </div>
  );
}

/** Which of the writes that wait are on the platter in one state that leads here. */
function Kept({
  disk: { pending },
  witness,
}: {
  readonly disk: DiskFrame;
  readonly witness: readonly number[];
}) {
  const kept = new Set(witness);
  const many = pending.filter(({ sequence }) => kept.has(sequence)).length;
  if (pending.length === 0) return <p className="note">No write waits on this disk.</p>;
  return (
    <details className="kept">
      <summary>{`The platter has ${many} of ${pending.length} waiting writes`}</summary>
      <ul>
        {pending.map(({ sequence, path, text }) => (
          <li key={sequence} data-kept={kept.has(sequence)}>
            <Icon name={kept.has(sequence) ? "check" : "cross"} />
            <span>
              <span className="visually-hidden">{kept.has(sequence) ? "kept: " : "lost: "}</span>
              {`${path}: ${text}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

interface MakeProps {
  readonly found: StatesFound;
  readonly witness: Readonly<Record<string, readonly number[]>>;
  readonly small?: boolean;
}

/** Does what led to an outcome to the run: cuts the power, leaves exactly those writes, and boots again. */
export function MakeTheRun({ found, witness, small = false }: MakeProps) {
  const { session } = useTools();
  const scenario = useRun((state) => state.scenario);
  const { ask } = found.report;
  const others = onOtherDisks(ask, Object.keys(witness), scenario);
  return (
    <>
      <button
        type="button"
        className={small ? "tool small" : "tool strong"}
        onClick={() => void makeTheRun(session, found, witness)}
      >
        <Icon name="power" />
        Make this the run
      </button>
      {!small && others.length > 0 && (
        <p className="note">{`The disk of ${listed(others)} becomes ${ask.policy} first.`}</p>
      )}
      {!small && found.side === "twin" && <p className="note">{BOTH_SIDES}</p>}
    </>
  );
}
