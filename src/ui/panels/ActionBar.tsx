import { memo } from "react";
import { Icon, type IconName } from "#ui/Icon.tsx";
import type { Command } from "#ui/keys.ts";
import { Later } from "#ui/later.tsx";
import { useRun } from "#ui/run-store.ts";
import { useUi } from "#ui/ui-store.ts";
import { useCommand } from "#ui/use-tools.ts";
import { listed } from "#ui/words.ts";

/** What can be done by hand at the step shown: to all machines, and to what is selected. */
export const ActionBar = memo(function ActionBar() {
  const selected = useUi((state) => state.selected);
  const past = useRun((state) => state.past.length);
  const none = selected.length === 0;
  return (
    <div className="action-bar" role="toolbar" aria-label="Faults">
      <div className="group">
        <Do command="reboot-all" icon="reboot" hint="R" strong>
          Reboot all
        </Do>
        <Later.AllMenu />
      </div>
      <div className="group">
        <span className="selection" aria-live="polite">
          {none ? "Nothing selected" : listed(selected)}
        </span>
        <Do command="cut-power" icon="power" hint="X" disabled={none}>
          Cut power
        </Do>
        <Do command="boot" icon="play" hint="B">
          Boot
        </Do>
        <Do command="partition" icon="cut" hint="P" disabled={none}>
          Cut off
        </Do>
        <Later.MoreMenu disabled={none} />
      </div>
      <div className="group">
        <Do command="heal" icon="heal" hint="H">
          Heal
        </Do>
        <Later.ClientPopover />
      </div>
      {past > 0 && (
        <div className="group">
          <Do command="undo" icon="undo" hint="Ctrl+Z">
            Undo
          </Do>
          {past > 1 && (
            <Do command="undo-all" icon="toStart" hint="Ctrl+Shift+Z" bare>
              Back to the original
            </Do>
          )}
        </div>
      )}
    </div>
  );
});

interface DoProps {
  readonly command: Command;
  readonly icon: IconName;
  readonly hint: string;
  readonly disabled?: boolean;
  readonly strong?: boolean;
  /** Its words are in its title alone. */
  readonly bare?: boolean;
  readonly children: string;
}

function Do({
  command,
  icon,
  hint,
  disabled = false,
  strong = false,
  bare = false,
  children,
}: DoProps) {
  const perform = useCommand();
  const ended = useUi((state) => state.failure !== null);
  return (
    <button
      type="button"
      className={strong ? "tool strong" : "tool"}
      disabled={disabled || ended}
      title={disabled ? "Select a server first" : `${children} (${hint})`}
      aria-keyshortcuts={hint.replace("Ctrl", "Control")}
      onClick={() => perform(command)}
    >
      <Icon name={icon} />
      <span className={bare ? "visually-hidden" : undefined}>{children}</span>
    </button>
  );
}
