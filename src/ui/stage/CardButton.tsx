import type { Ref } from "react";
import type { ServerFrame } from "#sim/frame.ts";
import type { Box } from "#view/ring.ts";
import { STANDING_WORDS, standingOf } from "./RoleMark.tsx";

export interface CardButtonProps {
  readonly server: ServerFrame;
  readonly power: "on" | "off";
  readonly box: Box;
  readonly selected: boolean;
  /** `more`: added to what is selected already. */
  readonly onSelect: (more: boolean) => void;
}

/** The card as a control: an invisible button over the drawing. Further properties are those that a menu gives its trigger. */
export function CardButton({
  server,
  power,
  box,
  selected,
  onSelect,
  ...trigger
}: CardButtonProps & { readonly ref?: Ref<HTMLButtonElement> }) {
  return (
    <button
      {...trigger}
      type="button"
      className="card-button"
      aria-pressed={selected}
      aria-label={describe(server, power)}
      data-server={server.id}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      onClick={(event) => onSelect(event.shiftKey || event.ctrlKey || event.metaKey)}
    />
  );
}

function describe(server: ServerFrame, power: "on" | "off"): string {
  const standing = STANDING_WORDS[standingOf(server, power)];
  const { currentTerm, lastIndex } = server.memory;
  if (power === "off" || server.process !== "up") return `${server.id}, ${standing}`;
  return `${server.id}, ${standing}, term ${currentTerm ?? "unknown"}, log up to ${lastIndex}, committed up to ${server.commitIndex}`;
}
