import { shortTitle } from "#ui/bug-differences.ts";
import { brokenChecks, gravest, verdictSentence } from "#ui/derived.ts";
import { FAMILY_ICONS } from "#ui/families.ts";
import { Icon } from "#ui/Icon.tsx";
import { BugChips } from "#ui/panels/BugChips.tsx";
import { changeUi } from "#ui/ui-store.ts";
import type { RunView, Side } from "#worker/protocol.ts";

/** Codes in the banner; the tab of the checks has them all. */
const IDS_SHOWN = 2;

interface Props {
  readonly view: RunView;
  readonly title: string;
  readonly current: boolean;
}

/** What this side is, and the auditor's word on it in a sentence. */
export function StageHeader({ view, title, current }: Props) {
  const broken = brokenChecks(view);
  const isBad = broken.length > 0;
  const sentence = verdictSentence(view);
  return (
    <header className="stage-header">
      <h2>
        <button
          type="button"
          className="stage-title"
          aria-pressed={current}
          title="Show this side in the log matrix and the inspector"
          onClick={() => show(view.side)}
        >
          {shortTitle(title)}
          <span className="stage-title-more">{title.slice(shortTitle(title).length)}</span>
        </button>
      </h2>
      <BugChips side={view.side} />
      <button
        type="button"
        className="verdict-line"
        data-family={gravest(view) ?? "none"}
        title={[sentence, ...broken.map(({ id }) => id)].join(" ")}
        onClick={() => openChecks(view.side)}
      >
        <Icon name={isBad ? FAMILY_ICONS[broken[0]?.family ?? "violation"] : "check"} />
        <span className="verdict-text">{sentence}</span>
        {isBad && <span className="verdict-ids">{fewOf(broken.map(({ id }) => id))}</span>}
      </button>
    </header>
  );
}

function fewOf(ids: readonly string[]): string {
  const more = ids.length - IDS_SHOWN;
  return [...ids.slice(0, IDS_SHOWN), ...(more > 0 ? [`+${more}`] : [])].join(" ");
}

function show(side: Side): void {
  changeUi((state) => {
    state.side = side;
  });
}

function openChecks(side: Side): void {
  changeUi((state) => {
    state.side = side;
    state.tab = "checks";
    state.sheet = "inspect";
  });
}
