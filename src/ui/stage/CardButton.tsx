import type { Ref } from "react";
import { select, toggle } from "#ui/selection.ts";
import type { Box } from "#view/ring.ts";
import type { Side } from "#worker/protocol.ts";

export interface CardButtonProps {
  readonly server: string;
  /** What the card says, for those who do not see it. */
  readonly label: string;
  readonly side: Side;
  readonly box: Box;
  readonly selected: boolean;
}

/**
 * The card as a control: an invisible button over the drawing. Further properties are those that a menu gives its trigger.
 */
export function CardButton({
  server,
  label,
  side,
  box,
  selected,
  ...trigger
}: CardButtonProps & { readonly ref?: Ref<HTMLButtonElement> }) {
  return (
    <button
      {...trigger}
      type="button"
      className="card-button"
      aria-pressed={selected}
      aria-label={label}
      data-server={server}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      onClick={({ shiftKey, ctrlKey, metaKey }) => {
        if (shiftKey || ctrlKey || metaKey) toggle(side, server);
        else select(side, [server]);
      }}
    />
  );
}
