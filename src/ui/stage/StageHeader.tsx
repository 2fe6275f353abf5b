import { brokenChecks, verdictSentence } from "#ui/derived.ts";
import { Icon } from "#ui/Icon.tsx";
import { BugChips } from "#ui/panels/BugChips.tsx";
import { changeUi } from "#ui/ui-store.ts";
import type { RunView, Side } from "#worker/protocol.ts";

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
          {title}
        </button>
      </h2>
      <BugChips side={view.side} />
      <button
        type="button"
        className="verdict-line"
        data-bad={isBad}
        title={sentence}
        onClick={() => openChecks(view.side)}
      >
        <Icon name={isBad ? "differ" : "check"} />
        <span className="verdict-text">{sentence}</span>
        {isBad && <span className="verdict-ids">{broken.map(({ id }) => id).join(" ")}</span>}
      </button>
    </header>
  );
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
