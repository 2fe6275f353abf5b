import { type MouseEvent, useRef } from "react";

/**
 * Where the focus goes when a popover closes: back to its trigger only if that was pressed with a key. After a shortcut or a
 * pointer the keys are the page's again, so that Space plays and does not open it anew.
 */
export function useFocusBack() {
  const pressed = useRef(false);
  return {
    onTrigger(event: MouseEvent): void {
      pressed.current = event.detail === 0;
    },
    onClose(event: Event): void {
      if (!pressed.current) event.preventDefault();
      pressed.current = false;
    },
  };
}
