import { memo, useState } from "react";
import type { Verdict } from "#sim/frame.ts";
import { brokenChecks, FAMILIES, type Standing, standingAt } from "#ui/derived.ts";
import { FAMILY_ICONS, FAMILY_WORDS } from "#ui/families.ts";
import { Icon, type IconName } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { useTools } from "#ui/use-tools.ts";
import type { RunView, Side } from "#worker/protocol.ts";

/** The auditor's word on every property at the step shown: what is said against the run, by what kind of thing it is, then what holds. */
export function ChecksTab({ view }: { readonly view: RunView }) {
  const { step } = view.frame;
  /** The check whose story is gone through: it stays where it is, also at the steps before it breaks. */
  const [followed, setFollowed] = useState<string | null>(null);
  const broken = brokenChecks(view);
  const against = (family: Family) => {
    const now = broken.filter((verdict) => verdict.family === family);
    const later = view.verdicts.filter(
      (verdict) => verdict.family === family && standingAt(verdict, step) === "breaks-later",
    );
    return [...now, ...later].toSorted(
      (one, other) => Number(other.id === followed) - Number(one.id === followed),
    );
  };
  /** Families in which something is broken come before those in which something will be. */
  const isLater = (family: Family) =>
    against(family).every(
      (verdict) => verdict.id !== followed && standingAt(verdict, step) === "breaks-later",
    );
  const families = FAMILIES.filter((family) => against(family).length > 0).toSorted(
    (one, other) => Number(isLater(one)) - Number(isLater(other)),
  );
  const [top] = families;
  const [first] = top === undefined ? [] : against(top);
  const holding = view.verdicts.filter(({ holds }) => holds);
  const list = (verdicts: readonly Verdict[]) =>
    verdicts.map((verdict) => {
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
          open={verdict === first}
          onFollow={setFollowed}
        />
      );
    });
  return (
    <ul className="checks" aria-label="Checks">
      {families.map((family) => (
        <li key={family} className="family" data-family={family}>
          <h3>
            <Icon name={FAMILY_ICONS[family]} />
            {FAMILY_WORDS[family].title}
          </h3>
          <p className="note">{FAMILY_WORDS[family].about}</p>
          <ul>{list(against(family))}</ul>
        </li>
      ))}
      {holding.length > 0 && (
        <li className="family">
          {families.length > 0 && <h3>Holds</h3>}
          <ul>{list(holding)}</ul>
        </li>
      )}
      {view.verdicts.length === 0 && <li className="note">No check has been made of this run.</li>}
      <li>
        <Families />
      </li>
    </ul>
  );
}

type Family = Verdict["family"];

/** What may be said against a run, each with its mark. */
function Families() {
  return (
    <details className="families">
      <summary>What the marks mean</summary>
      <dl>
        {FAMILIES.map((family) => (
          <div key={family} data-family={family}>
            <dt>
              <Icon name={FAMILY_ICONS[family]} />
              {FAMILY_WORDS[family].title}
            </dt>
            <dd>{FAMILY_WORDS[family].about}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

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

function iconOf({ family }: Verdict, standing: Standing): IconName {
  if (standing === "holds") return "check";
  return standing === "broken" ? FAMILY_ICONS[family] : "clock";
}

const HISTORY_OF: Readonly<Record<Family, string>> = {
  violation: "violation",
  "broken-promise": "broken promise",
  "assumption-broken": "broken assumption",
  "unavailable-by-design": "loss",
};

const Check = memo(function Check(props: CheckProps) {
  const { verdict, standing, side, toldAt, open, onFollow } = props;
  const jump = useJump(side);
  const { firstStep } = verdict;
  return (
    <li
      className="check"
      data-standing={standing}
      data-check={verdict.id}
      data-family={verdict.holds ? "none" : verdict.family}
    >
      <div className="check-head">
        <Icon name={iconOf(verdict, standing)} />
        <span className="check-id">{verdict.id}</span>
        <span className="check-title" title={verdict.source}>
          {verdict.title}
        </span>
        {firstStep === null ? (
          <span className="check-word">
            {verdict.holds ? (verdict.text === "" ? "holds" : "not judged") : "broken"}
          </span>
        ) : (
          <button type="button" className="check-word" onClick={() => jump(firstStep)}>
            {standing === "broken" ? `broke at step ${firstStep}` : `breaks at step ${firstStep}`}
          </button>
        )}
      </div>
      {verdict.holds && verdict.text !== "" && <p className="note">{verdict.text}</p>}
      {toldAt !== null && (
        <>
          <p className="check-text">{verdict.text}</p>
          <details open={open}>
            <summary>{`How it came to this ${HISTORY_OF[verdict.family]}`}</summary>
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

/** Goes to a step of the side the checks are of. */
function useJump(side: Side): (step: number) => void {
  const { player } = useTools();
  return (step) => player.jump(step, side);
}
