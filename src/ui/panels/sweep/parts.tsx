import type { ReactNode } from "react";
import { Icon } from "#ui/Icon.tsx";
import { useTools } from "#ui/use-tools.ts";
import { familyText, grouped } from "#view/sweep-words.ts";
import type { Family } from "#worker/protocol.ts";
import { cancelTrial, type Kind, type Moment, type Section, useTrials } from "./trials.ts";

/** Good or bad, by shape and by word. */
export function VerdictMark({
  family,
  words,
}: {
  readonly family: Family | null;
  readonly words?: string;
}) {
  const good = family === null;
  return (
    <span className="verdict-mark" data-good={good} data-family={family ?? "good"}>
      <Icon name={good ? "check" : "cross"} />
      {words ?? familyText(family)}
    </span>
  );
}

const KINDS: Readonly<Record<Kind, string>> = { power: "Power loss", os: "OS crash" };

export function kindText(kind: Kind): string {
  return KINDS[kind];
}

export function KindPicker() {
  const kind = useTrials((state) => state.kind);
  return (
    <div className="picker" role="radiogroup" aria-label="Kind of crash">
      {(["power", "os"] as const).map((each) => (
        <label key={each} data-checked={each === kind}>
          <input
            type="radio"
            className="visually-hidden"
            name="crash-kind"
            checked={each === kind}
            onChange={() => useTrials.setState({ kind: each })}
          />
          {KINDS[each]}
        </label>
      ))}
    </div>
  );
}

/** How far a question is, and how to end it. */
export function Underway({ section }: { readonly section: Section }) {
  const running = useTrials((state) => state[section].running);
  const problem = useTrials((state) => state[section].problem);
  if (running === null) {
    return problem === null ? null : <p className="trial-problem">{problem}</p>;
  }
  const { done, of, text } = running;
  const known =
    section === "fixes"
      ? `${done} of ${of} versions`
      : `${grouped(done)} recoveries, of at most ${grouped(of)}`;
  const figures = of === 0 ? "beginning…" : known;
  return (
    <div className="underway">
      <progress
        aria-label={`Trying ${text}`}
        aria-valuetext={figures}
        {...(of === 0 ? {} : { max: of, value: done })}
      />
      <p>
        <span>{text}</span>
        <small>{figures}</small>
      </p>
      <button type="button" className="tool small" onClick={() => cancelTrial(section)}>
        Cancel
      </button>
    </div>
  );
}

interface OfMomentProps {
  readonly found: Moment;
  readonly shown: Moment;
  /** What to say at that step itself. */
  readonly children?: ReactNode;
}

/** Says of which step something is, when that is no longer the one that is shown. */
export function OfMoment({ found, shown, children }: OfMomentProps) {
  const { player } = useTools();
  if (found.side !== shown.side) {
    return <p className="elsewhen">This is of the other side of the twin.</p>;
  }
  if (found.step === shown.step) return children;
  return (
    <p className="elsewhen">
      {`This is of step ${found.step}; step ${shown.step} is shown. `}
      {found.side === "main" && (
        <button type="button" className="link" onClick={() => player.jump(found.step)}>
          {`Back to step ${found.step}`}
        </button>
      )}
    </p>
  );
}
