import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { Icon } from "#ui/Icon.tsx";
import { Scroller } from "#ui/Scroller.tsx";
import { changeUi } from "#ui/ui-store.ts";
import "#ui/styles/dialogs.css";

interface Props {
  readonly title: string;
  readonly about: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A dialog that the user asked for. Escape, the cross and a click outside close it. */
export function DialogFrame({ title, about, wide = false, children }: Props) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && closeDialog()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-ground" />
        <Dialog.Content className={wide ? "dialog wide" : "dialog"}>
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

export function closeDialog(): void {
  changeUi((state) => {
    state.dialog = null;
  });
}
