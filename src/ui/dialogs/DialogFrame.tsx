import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { Icon } from "#ui/Icon.tsx";
import { Scroller } from "#ui/Scroller.tsx";
import { changeUi, useUi } from "#ui/ui-store.ts";
import "#ui/styles/dialogs.css";

interface Props {
  readonly title: string;
  readonly about: string;
  readonly wide?: boolean;
  /** As wide as the page lets it be. */
  readonly widest?: boolean;
  /** A selector of what has the focus at first; null: the first control. */
  readonly first?: string | null;
  readonly children: ReactNode;
}

/** A dialog that the user asked for. Escape, the cross and a click outside close it. */
export function DialogFrame({
  title,
  about,
  wide = false,
  widest = false,
  first = null,
  children,
}: Props) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && closeDialog()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-ground" />
        <Dialog.Content
          className={`dialog${wide ? " wide" : ""}${widest ? " widest" : ""}`}
          onOpenAutoFocus={(event) => {
            keepOpener();
            focusFirst(event, first);
          }}
          onCloseAutoFocus={giveBack}
        >
          <header className="dialog-header">
            <Dialog.Title>{title}</Dialog.Title>
            <Dialog.Close className="tool small" aria-label="Close">
              <Icon name="close" />
            </Dialog.Close>
          </header>
          <Dialog.Description className="dialog-about">{about}</Dialog.Description>
          <Scroller className="dialog-body" label={title}>
            {children}
          </Scroller>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What had the focus before the first of the dialogs that led to one another. */
let opener: HTMLElement | null = null;

function keepOpener(): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && activeElement !== document.body) {
    opener = activeElement;
  }
}

function focusFirst(event: Event, selector: string | null): void {
  const { target } = event;
  if (selector === null || !(target instanceof Element)) return;
  const wanted = target.querySelector<HTMLElement>(selector);
  if (wanted === null) return;
  event.preventDefault();
  wanted.focus();
}

/** After a shortcut nothing had it, and the keys are the page's again. */
function giveBack(event: Event): void {
  event.preventDefault();
  if (useUi.getState().dialog !== null) return;
  if (opener?.isConnected) opener.focus();
  opener = null;
}

export function closeDialog(): void {
  changeUi((state) => {
    state.dialog = null;
  });
}
