import type { ComponentType, ReactNode } from "react";
import {
  boot,
  CRASHES,
  crashBy,
  diskFault,
  machinesOf,
  partition,
  QUICK_FAULTS,
  restart,
} from "#ui/actions.ts";
import type { Action } from "#ui/contract.ts";
import { useIsPhone } from "#ui/media.ts";
import { useRun } from "#ui/run-store.ts";
import { useUi } from "#ui/ui-store.ts";
import { useCommand, useTools } from "#ui/use-tools.ts";

interface Props {
  /** The server that was clicked; null: what is selected. */
  readonly server: string | null;
  readonly Item: ComponentType<{
    className?: string;
    disabled?: boolean;
    onSelect?: (event: Event) => void;
    children?: ReactNode;
  }>;
  readonly Separator: ComponentType<{ className?: string }>;
  readonly Sub: ComponentType<{ children?: ReactNode }>;
  readonly SubTrigger: ComponentType<{
    className?: string;
    disabled?: boolean;
    children?: ReactNode;
  }>;
  readonly SubContent: ComponentType<{
    className?: string;
    collisionPadding?: number;
    children?: ReactNode;
  }>;
}

/** What can be done to the selected servers: the same list in the card's menu and in the tool bar's. */
export function ServerMenuItems(props: Props) {
  const { server, Item, Separator } = props;
  const { session } = useTools();
  const perform = useCommand();
  const frame = useRun((state) => state.views.main?.frame);
  const step = useRun((state) => state.step);
  const selected = useUi((state) => state.selected);
  if (frame === undefined) return null;
  const servers = server === null || selected.includes(server) ? selected : [server];
  const machines = machinesOf(frame, servers);
  const none = servers.length === 0;
  const isPair = servers.length === 2;
  const act = (action: Action) => () => void session.act(action);
  const pair = (up: boolean) =>
    act({ type: "connect", a: servers[0] ?? "", b: servers[1] ?? "", up });

  return (
    <>
      {CRASHES.map((choice) => (
        <Item
          key={choice.label}
          className="menu-item"
          disabled={none}
          onSelect={act(crashBy(choice, machines, step))}
        >
          <span>{choice.label}</span>
          <small>{choice.about}</small>
        </Item>
      ))}
      <Item
        className="menu-item"
        disabled={machines.length !== 1}
        onSelect={() => perform("choose")}
      >
        <span>Choose what survives…</span>
        <small>Write by write, beside the disk</small>
      </Item>
      <DiskItems {...props} machine={machines.length === 1 ? (machines[0] ?? null) : null} />
      <Separator className="menu-line" />
      <Item className="menu-item" disabled={none} onSelect={act(boot(machines))}>
        Boot
      </Item>
      <Item className="menu-item" disabled={none} onSelect={act(restart(machines, "power"))}>
        Cut the power and boot again
      </Item>
      <Item className="menu-item" disabled={none} onSelect={act(restart(machines, null))}>
        Restart in an orderly way
      </Item>
      <Separator className="menu-line" />
      <Item
        className="menu-item"
        disabled={none || servers.length === frame.servers.length}
        onSelect={act(partition(frame, servers))}
      >
        Cut off from the rest
      </Item>
      <Item
        className="menu-item"
        disabled={servers.length !== 1}
        onSelect={act({ type: "timeout", server: servers[0] ?? "" })}
      >
        Let the election timer ring
      </Item>
      <Item className="menu-item" disabled={!isPair} onSelect={pair(true)}>
        <span>Connect the two</span>
        {!isPair && <small>Select two servers</small>}
      </Item>
      <Item className="menu-item" disabled={!isPair} onSelect={pair(false)}>
        Disconnect the two
      </Item>
    </>
  );
}

interface DiskProps extends Props {
  /** Null: none, or several. */
  readonly machine: string | null;
}

/** What can go wrong with the disk of one machine. */
function DiskItems({ machine, Item, Separator, Sub, SubTrigger, SubContent }: DiskProps) {
  const { session } = useTools();
  const perform = useCommand();
  const narrow = useIsPhone();
  if (narrow) {
    // Beside the menu there is no room for another one.
    return (
      <Item
        className="menu-item"
        disabled={machine === null}
        onSelect={() => perform("disk-faults")}
      >
        <span>Break its disk…</span>
        <small>Failing syncs, no room, lies</small>
      </Item>
    );
  }
  return (
    <Sub>
      <SubTrigger className="menu-item" disabled={machine === null}>
        <span>Its disk ▸</span>
        <small>Failing syncs, no room, lies</small>
      </SubTrigger>
      <SubContent className="menu" collisionPadding={8}>
        {QUICK_FAULTS.map(({ label, about, fault }) => (
          <Item
            key={label}
            className="menu-item"
            onSelect={() => void session.act(diskFault(machine ?? "", fault))}
          >
            <span>{label}</span>
            <small>{about}</small>
          </Item>
        ))}
        <Item
          className="menu-item"
          onSelect={() => void session.act({ type: "swap-disk", machine: machine ?? "" })}
        >
          <span>Swap the disk</span>
          <small>The power goes off, and an empty one is in its place</small>
        </Item>
        <Separator className="menu-line" />
        <Item className="menu-item" onSelect={() => perform("disk-faults")}>
          <span>In one file or sector…</span>
        </Item>
        <Item className="menu-item" onSelect={() => perform("disk-settings")}>
          <span>How disks behave…</span>
        </Item>
      </SubContent>
    </Sub>
  );
}
