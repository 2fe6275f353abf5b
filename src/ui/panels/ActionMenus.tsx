import { DropdownMenu } from "radix-ui";
import { allMachines, CRASHES, crashBy, restart } from "#ui/actions.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { ServerMenuItems } from "./ServerMenuItems.tsx";

/** The other ways in which all machines can go down. */
export function AllMenu() {
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

/** What else can be done to the selected servers. */
export function MoreMenu({ disabled }: { readonly disabled: boolean }) {
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
            Sub={DropdownMenu.Sub}
            SubTrigger={DropdownMenu.SubTrigger}
            SubContent={DropdownMenu.SubContent}
          />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
