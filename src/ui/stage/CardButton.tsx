import { ContextMenu } from "radix-ui";
import type { ServerFrame } from "#sim/frame.ts";
import { ServerMenuItems } from "#ui/panels/ServerMenuItems.tsx";
import type { Box } from "#view/ring.ts";
import type { Side } from "#worker/protocol.ts";
import { STANDING_WORDS, standingOf } from "./RoleMark.tsx";

interface Props {
  readonly server: ServerFrame;
  readonly power: "on" | "off";
  readonly side: Side;
  readonly box: Box;
  readonly selected: boolean;
  /** `more`: added to what is selected already. */
  readonly onSelect: (more: boolean) => void;
}

/** The card as a control: an invisible button over the drawing, with a menu on right click or long press. */
export function CardButton({ server, power, box, selected, onSelect }: Props) {
  return (
    <ContextMenu.Root
      onOpenChange={(open) => {
        if (open && !selected) onSelect(false);
      }}
    >
      <ContextMenu.Trigger asChild>
        <button
          type="button"
          className="card-button"
          aria-pressed={selected}
          aria-label={describe(server, power)}
          data-server={server.id}
          style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
          onClick={(event) => onSelect(event.shiftKey || event.ctrlKey || event.metaKey)}
        />
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu">
          <ServerMenuItems
            server={server.id}
            Item={ContextMenu.Item}
            Separator={ContextMenu.Separator}
          />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

function describe(server: ServerFrame, power: "on" | "off"): string {
  const standing = STANDING_WORDS[standingOf(server, power)];
  const { currentTerm, lastIndex } = server.memory;
  if (power === "off" || server.process !== "up") return `${server.id}, ${standing}`;
  return `${server.id}, ${standing}, term ${currentTerm ?? "unknown"}, log up to ${lastIndex}, committed up to ${server.commitIndex}`;
}
