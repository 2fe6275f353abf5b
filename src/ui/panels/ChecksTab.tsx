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
  const broken = brokenChecks(view);
  const others = view.verdicts.filter((verdict) => !broken.includes(verdict));
  const later = others.filter((verdict) => standingAt(verdict, step) === "breaks-later");
  const verdicts = [...broken, ...later, ...others.filter((verdict) => !later.includes(verdict))];
  return (
    <ul className="checks" aria-label="Checks">
      {verdicts.map((verdict) => (
        <Check key={verdict.id} verdict={verdict} view={view} open={verdict === broken[0]} />
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
  /** Its story is unfolded at first. */
  readonly open: boolean;
}

function Check({ verdict, view, open }: CheckProps) {
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
      {standing === "broken" && (
        <>
          <p className="check-text">{verdict.text}</p>
          <details open={open}>
            <summary>{`How it came to this ${FAMILIES[verdict.family]}`}</summary>
            <ol className="explanation">
              {keyed(verdict.explanation, ({ text }) => text).map(({ key, item: line }) => (
                <li key={key}>
                  <button type="button" onClick={() => jump(line.step)}>
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
