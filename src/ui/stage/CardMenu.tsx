import { ContextMenu } from "radix-ui";
import { memo } from "react";
import { ServerMenuItems } from "#ui/panels/ServerMenuItems.tsx";
import { select } from "#ui/selection.ts";
import { CardButton, type CardButtonProps } from "./CardButton.tsx";

/** A card's button with its menu. Opening the menu selects the server, unless it is selected with others. */
export const CardMenu = memo(function CardMenu(props: CardButtonProps) {
  const { server, side, selected } = props;
  return (
    <ContextMenu.Root
      modal={false}
      onOpenChange={(open) => {
        if (open && !selected) select(side, [server]);
      }}
    >
      <ContextMenu.Trigger asChild>
        <CardButton {...props} />
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu">
          <ServerMenuItems
            server={server}
            Item={ContextMenu.Item}
            Separator={ContextMenu.Separator}
            Sub={ContextMenu.Sub}
            SubTrigger={ContextMenu.SubTrigger}
            SubContent={ContextMenu.SubContent}
          />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
});
