import { DropdownMenu } from "radix-ui";
import { allMachines, CRASHES, crashBy, restart } from "#ui/actions.ts";
import { Icon, type IconName } from "#ui/Icon.tsx";
import type { Command } from "#ui/keys.ts";
import { useRun } from "#ui/run-store.ts";
import { useUi } from "#ui/ui-store.ts";
import { useCommand, useTools } from "#ui/use-tools.ts";
import { listed } from "#ui/words.ts";
import { ClientPopover } from "./ClientPopover.tsx";
import { ServerMenuItems } from "./ServerMenuItems.tsx";

/** What can be done by hand at the step shown: to all machines, and to what is selected. */
export function ActionBar() {
  const selected = useUi((state) => state.selected);
  const none = selected.length === 0;
  return (
    <div className="action-bar" role="toolbar" aria-label="Faults">
      <div className="group">
        <Do command="reboot-all" icon="reboot" hint="R" strong>
          Reboot all
        </Do>
        <AllMenu />
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
        <MoreMenu disabled={none} />
      </div>
      <div className="group">
        <Do command="heal" icon="heal" hint="H">
          Heal
        </Do>
        <ClientPopover />
      </div>
    </div>
  );
}

interface DoProps {
  readonly command: Command;
  readonly icon: IconName;
  readonly hint: string;
  readonly disabled?: boolean;
  readonly strong?: boolean;
  readonly children: string;
}

function Do({ command, icon, hint, disabled = false, strong = false, children }: DoProps) {
  const perform = useCommand();
  return (
    <button
      type="button"
      className={strong ? "tool strong" : "tool"}
      disabled={disabled}
      title={disabled ? "Select a server first" : `${children} (${hint})`}
      aria-keyshortcuts={hint}
      onClick={() => perform(command)}
    >
      <Icon name={icon} />
      <span>{children}</span>
    </button>
  );
}

/** The other ways in which all machines can go down. */
function AllMenu() {
  const { session } = useTools();
  const frame = useRun((state) => state.views.main?.frame);
  const step = useRun((state) => state.step);
  const machines = frame === undefined ? [] : allMachines(frame);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="tool" aria-label="More for all machines">
        <Icon name="down" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4}>
          <DropdownMenu.Label className="menu-label">All machines at once</DropdownMenu.Label>
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => void session.act(restart(machines, null))}
          >
            <span>Reboot in an orderly way</span>
            <small>Files are as the processes left them</small>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => void session.act(restart(machines, "power"))}
          >
            <span>Cut the power and boot again</span>
            <small>Nothing that was not flushed survives</small>
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-line" />
          {CRASHES.map((choice) => (
            <DropdownMenu.Item
              key={choice.label}
              className="menu-item"
              onSelect={() => void session.act(crashBy(choice, machines, step))}
            >
              <span>{choice.label}</span>
              <small>{choice.about}</small>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function MoreMenu({ disabled }: { readonly disabled: boolean }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="tool"
        disabled={disabled}
        aria-label="More for the selected servers"
      >
        <Icon name="more" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4}>
          <ServerMenuItems
            server={null}
            Item={DropdownMenu.Item}
            Separator={DropdownMenu.Separator}
          />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
