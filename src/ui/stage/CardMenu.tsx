import { ContextMenu } from "radix-ui";
import { ServerMenuItems } from "#ui/panels/ServerMenuItems.tsx";
import { CardButton, type CardButtonProps } from "./CardButton.tsx";

/** A card's button with its menu. Opening the menu selects the server, unless it is selected with others. */
export function CardMenu(props: CardButtonProps) {
  const { server, selected, onSelect } = props;
  return (
    <ContextMenu.Root
      modal={false}
      onOpenChange={(open) => {
        if (open && !selected) onSelect(false);
      }}
    >
      <ContextMenu.Trigger asChild>
        <CardButton {...props} />
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
