import { brokenChecks, divergenceText } from "#ui/derived.ts";
import { Icon } from "#ui/Icon.tsx";
import { changeUi } from "#ui/ui-store.ts";
import type { RunView } from "#worker/protocol.ts";

interface Props {
  readonly view: RunView;
  readonly title: string;
  readonly current: boolean;
  readonly onJump: (step: number) => void;
}

/** What this side is, and the auditor's word on it in one line. */
export function StageHeader({ view, title, current }: Props) {
  const broken = brokenChecks(view);
  const diverged = divergenceText(view.frame);
  const [worst] = broken;
  const isBad = worst !== undefined || diverged !== null;
  const open = () =>
    changeUi((state) => {
      state.side = view.side;
      state.tab = "checks";
      state.sheet = "inspect";
    });
  return (
    <header className="stage-header">
      <h2>
        <button
          type="button"
          className="stage-title"
          aria-pressed={current}
          title="Show this side in the log matrix and the inspector"
          onClick={() =>
            changeUi((state) => {
              state.side = view.side;
            })
          }
        >
          {title}
        </button>
      </h2>
      <button
        type="button"
        className="verdict-line"
        data-bad={isBad}
        title={worst?.text ?? "Open the checks"}
        onClick={open}
      >
        <Icon name={isBad ? "differ" : "check"} />
        <span>{diverged ?? worst?.text ?? "All checks hold so far"}</span>
        {broken.length > 0 && (
          <span className="verdict-ids">{broken.map(({ id }) => id).join(" ")}</span>
        )}
      </button>
    </header>
  );
}
