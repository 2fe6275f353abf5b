import { memo, useState } from "react";
import type { Verdict } from "#sim/frame.ts";
import { brokenChecks, type Standing, standingAt } from "#ui/derived.ts";
import { Icon, type IconName } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { useRun } from "#ui/run-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { stepAtTime } from "#view/interesting.ts";
import type { RunView, Side } from "#worker/protocol.ts";

const FAMILIES: Readonly<Record<Verdict["family"], string>> = {
  violation: "violation",
  "broken-promise": "broken promise",
  "assumption-broken": "assumption broken",
  "unavailable-by-design": "unavailable by design",
};

/** The auditor's word on every property at the step shown; broken ones first, with the story of how it came about. */
export function ChecksTab({ view }: { readonly view: RunView }) {
  const { step } = view.frame;
  /** The check whose story is gone through: it stays where it is, also at the steps before it breaks. */
  const [followed, setFollowed] = useState<string | null>(null);
  const broken = brokenChecks(view);
  const others = view.verdicts.filter((verdict) => !broken.includes(verdict));
  const later = others.filter((verdict) => standingAt(verdict, step) === "breaks-later");
  const holding = others.filter((verdict) => !later.includes(verdict));
  const verdicts = [...broken, ...later, ...holding].toSorted(
    (one, other) => Number(other.id === followed) - Number(one.id === followed),
  );
  return (
    <ul className="checks" aria-label="Checks">
      {verdicts.map((verdict) => {
        const standing = standingAt(verdict, step);
        const isTold =
          standing === "broken" || (verdict.id === followed && standing === "breaks-later");
        return (
          <Check
            key={verdict.id}
            verdict={verdict}
            standing={standing}
            side={view.side}
            toldAt={isTold ? step : null}
            open={verdict === verdicts[0]}
            onFollow={setFollowed}
          />
        );
      })}
      {verdicts.length === 0 && <li className="note">No check has been made of this run.</li>}
    </ul>
  );
}

const ICONS: Readonly<Record<Standing, IconName>> = {
  holds: "check",
  "breaks-later": "clock",
  broken: "differ",
};

interface CheckProps {
  readonly verdict: Verdict;
  readonly standing: Standing;
  readonly side: Side;
  /** The step shown, when the story of this check is told there. */
  readonly toldAt: number | null;
  /** Its story is unfolded at first. */
  readonly open: boolean;
  /** A line of the story of this check was chosen. */
  readonly onFollow: (id: string) => void;
}

const Check = memo(function Check(props: CheckProps) {
  const { verdict, standing, side, toldAt, open, onFollow } = props;
  const jump = useJump(side);
  const { firstStep } = verdict;
  return (
    <li className="check" data-standing={standing} data-check={verdict.id}>
      <div className="check-head">
        <Icon name={ICONS[standing]} />
        <span className="check-id">{verdict.id}</span>
        <span className="check-title" title={verdict.source}>
          {verdict.title}
        </span>
        {firstStep === null ? (
          <span className="check-word">{verdict.holds ? "holds" : "broken"}</span>
        ) : (
          <button type="button" className="check-word" onClick={() => jump(firstStep)}>
            {standing === "broken" ? `broke at step ${firstStep}` : `breaks at step ${firstStep}`}
          </button>
        )}
      </div>
      {toldAt !== null && (
        <>
          <p className="check-text">{verdict.text}</p>
          <details open={open}>
            <summary>{`How it came to this ${FAMILIES[verdict.family]}`}</summary>
            <ol className="explanation">
              {keyed(verdict.explanation, ({ text }) => text).map(({ key, item: line }) => (
                <li key={key}>
                  <button
                    type="button"
                    data-step={line.step}
                    {...(line.step === toldAt ? { "aria-current": "step" as const } : {})}
                    onClick={() => {
                      onFollow(verdict.id);
                      jump(line.step);
                    }}
                  >
                    <span className="feed-step">{line.step}</span>
                    <span>{line.text}</span>
                  </button>
                </li>
              ))}
            </ol>
            <p className="note">{verdict.source}</p>
          </details>
        </>
      )}
    </li>
  );
});

/** Goes to a step of the side the checks are of; the transport counts by the main side. */
function useJump(side: Side): (step: number) => void {
  const { player } = useTools();
  const outlines = useRun((state) => state.outlines);
  return (step) => {
    const { main, twin } = outlines;
    if (side === "main" || main === undefined || twin === undefined) player.jump(step);
    else player.jump(stepAtTime(main, twin.times[step] ?? 0));
  };
}
