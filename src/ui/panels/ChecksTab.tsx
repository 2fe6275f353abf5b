import { useState } from "react";
import type { Verdict } from "#sim/frame.ts";
import { brokenChecks, standingAt } from "#ui/derived.ts";
import { Icon, type IconName } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { useRun } from "#ui/run-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { stepAtTime } from "#view/interesting.ts";
import type { RunView } from "#worker/protocol.ts";

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
      {verdicts.map((verdict) => (
        <Check
          key={verdict.id}
          verdict={verdict}
          view={view}
          followed={verdict.id === followed}
          open={verdict === verdicts[0]}
          onFollow={() => setFollowed(verdict.id)}
        />
      ))}
      {verdicts.length === 0 && <li className="note">No check has been made of this run.</li>}
    </ul>
  );
}

const ICONS: Readonly<Record<ReturnType<typeof standingAt>, IconName>> = {
  holds: "check",
  "breaks-later": "clock",
  broken: "differ",
};

interface CheckProps {
  readonly verdict: Verdict;
  readonly view: RunView;
  readonly followed: boolean;
  /** Its story is unfolded at first. */
  readonly open: boolean;
  /** A line of its story was chosen. */
  readonly onFollow: () => void;
}

function Check({ verdict, view, followed, open, onFollow }: CheckProps) {
  const standing = standingAt(verdict, view.frame.step);
  const jump = useJump(view);
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
      {(standing === "broken" || (followed && standing === "breaks-later")) && (
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
                    {...(line.step === view.frame.step ? { "aria-current": "step" as const } : {})}
                    onClick={() => {
                      onFollow();
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
}

/** Goes to a step of the side the checks are of; the transport counts by the main side. */
function useJump({ side }: RunView): (step: number) => void {
  const { player } = useTools();
  const outlines = useRun((state) => state.outlines);
  return (step) => {
    const { main, twin } = outlines;
    if (side === "main" || main === undefined || twin === undefined) player.jump(step);
    else player.jump(stepAtTime(main, twin.times[step] ?? 0));
  };
}
