import { Popover } from "radix-ui";
import { type FormEvent, useState } from "react";
import { write } from "#ui/actions.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { changeUi, useUi } from "#ui/ui-store.ts";
import { useFocusBack } from "#ui/use-focus-back.ts";
import { useTools } from "#ui/use-tools.ts";

/** A client's write, sent at the step shown. */
export function ClientPopover() {
  const open = useUi((state) => state.popover === "client");
  const focusBack = useFocusBack();
  const setOpen = (wanted: boolean) =>
    changeUi((state) => {
      state.popover = wanted ? "client" : null;
    });
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className="tool"
        title="Let a client write (C)"
        aria-keyshortcuts="C"
        onClick={focusBack.onTrigger}
      >
        <Icon name="write" />
        <span>Client write</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          onCloseAutoFocus={focusBack.onClose}
          className="popover"
          align="start"
          sideOffset={4}
          aria-label="Client write"
        >
          <ClientForm onDone={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ClientForm({ onDone }: { readonly onDone: () => void }) {
  const { session } = useTools();
  const servers = useRun((state) => state.views.main?.frame.servers);
  const selected = useUi((state) => state.selected[0]);
  const [key, setKey] = useState("x");
  const [value, setValue] = useState("1");
  const [server, setServer] = useState(selected ?? "");

  function submit(event: FormEvent) {
    event.preventDefault();
    void session.act(write(server === "" ? null : server, key, value));
    onDone();
  }

  return (
    <form className="fields" onSubmit={submit}>
      <label>
        <span>Key</span>
        <input value={key} required maxLength={1000} onChange={(e) => setKey(e.target.value)} />
      </label>
      <label>
        <span>Value</span>
        <input value={value} maxLength={10_000} onChange={(e) => setValue(e.target.value)} />
      </label>
      <label>
        <span>Asks</span>
        <select value={server} onChange={(e) => setServer(e.target.value)}>
          <option value="">whoever leads</option>
          {servers?.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="tool strong">
        Write at this step
      </button>
    </form>
  );
}
