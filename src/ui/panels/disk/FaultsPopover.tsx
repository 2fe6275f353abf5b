import { Popover } from "radix-ui";
import { type FormEvent, useState } from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { diskFault } from "#ui/actions.ts";
import { Icon } from "#ui/Icon.tsx";
import { changeUi, useUi } from "#ui/ui-store.ts";
import { useFocusBack } from "#ui/use-focus-back.ts";
import { useTools } from "#ui/use-tools.ts";
import { FAULTS, type FaultDraft, type FaultKind, faultOf } from "./faults.ts";

interface Props {
  readonly disk: DiskFrame;
  /** The file that is looked at, and a place in it. */
  readonly path: string | null;
  readonly offset: number;
}

/** What can go wrong with this disk, put there at the step shown. */
export function FaultsPopover({ disk, path, offset }: Props) {
  const open = useUi((state) => state.popover === "faults");
  const focusBack = useFocusBack();
  const setOpen = (wanted: boolean) =>
    changeUi((state) => {
      state.popover = wanted ? "faults" : null;
    });
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className="tool small"
        title="Let something go wrong with this disk (F)"
        aria-keyshortcuts="F"
        onClick={focusBack.onTrigger}
      >
        <Icon name="warning" />
        <span>Faults</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          onCloseAutoFocus={focusBack.onClose}
          className="popover fault-popover"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={`Faults of the disk of ${disk.machine}`}
        >
          <FaultForm disk={disk} path={path} offset={offset} onDone={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function FaultForm({ disk, path, offset, onDone }: Props & { readonly onDone: () => void }) {
  const { session } = useTools();
  const [draft, setDraft] = useState<FaultDraft>({
    kind: "sync-fails",
    file: path ?? disk.files[0]?.path ?? "",
    any: true,
    count: 1,
    errno: "EIO",
    bytes: disk.files.reduce((sum, { size }) => sum + size, 0),
    offset,
    bit: 0,
    flushing: "device",
  });
  const fault = FAULTS[draft.kind];
  const set = (part: Partial<FaultDraft>) => setDraft({ ...draft, ...part });

  function submit(event: FormEvent) {
    event.preventDefault();
    const made = faultOf(draft);
    const { machine } = disk;
    void session.act(made === "swap" ? { type: "swap-disk", machine } : diskFault(machine, made));
    onDone();
  }

  return (
    <form className="fields fault-form" onSubmit={submit}>
      <label>
        <span>Fault</span>
        <select
          value={draft.kind}
          onChange={({ target }) => set({ kind: target.value as FaultKind })}
        >
          {Object.entries(FAULTS).map(([kind, { label }]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <p className="note">{fault.about}</p>
      <FaultFields disk={disk} draft={draft} onSet={set} />
      <button
        type="submit"
        className="tool strong"
        disabled={fault.asks.includes("file") && draft.file === ""}
      >
        Do it at this step
      </button>
    </form>
  );
}

interface FieldsProps {
  readonly disk: DiskFrame;
  readonly draft: FaultDraft;
  readonly onSet: (part: Partial<FaultDraft>) => void;
}

function FaultFields({ disk, draft, onSet }: FieldsProps) {
  const { asks } = FAULTS[draft.kind];
  const anyFile = asks.includes("any-file");
  return (
    <>
      {(anyFile || asks.includes("file")) && (
        <label>
          <span>File</span>
          <select
            value={anyFile && draft.any ? "" : draft.file}
            onChange={({ target }) =>
              onSet(target.value === "" ? { any: true } : { any: false, file: target.value })
            }
          >
            {anyFile && <option value="">whichever comes next</option>}
            {disk.files.map(({ path }) => (
              <option key={path} value={path}>
                {path}
              </option>
            ))}
          </select>
        </label>
      )}
      {asks.includes("errno") && (
        <label>
          <span>Answers</span>
          <select
            value={draft.errno}
            onChange={({ target }) => onSet({ errno: target.value === "EIO" ? "EIO" : "ENOSPC" })}
          >
            <option value="EIO">EIO: the device failed</option>
            <option value="ENOSPC">ENOSPC: no room</option>
          </select>
        </label>
      )}
      {asks.includes("flushing") && (
        <label>
          <span>Syncs</span>
          <select
            value={draft.flushing}
            onChange={({ target }) => onSet({ flushing: target.value as FaultDraft["flushing"] })}
          >
            <option value="device">stop at the device's cache</option>
            <option value="total">do nothing at all</option>
            <option value="honest">are honest again</option>
          </select>
        </label>
      )}
      {asks.includes("count") && (
        <Count name="Times" value={draft.count} least={1} onValue={(count) => onSet({ count })} />
      )}
      {asks.includes("bytes") && (
        <Count name="Bytes" value={draft.bytes} onValue={(bytes) => onSet({ bytes })} />
      )}
      {asks.includes("offset") && (
        <Count name="Byte" value={draft.offset} onValue={(offset) => onSet({ offset })} />
      )}
      {asks.includes("bit") && (
        <Count name="Bit" value={draft.bit} most={7} onValue={(bit) => onSet({ bit })} />
      )}
    </>
  );
}

interface CountProps {
  readonly name: string;
  readonly value: number;
  readonly least?: number;
  readonly most?: number;
  readonly onValue: (value: number) => void;
}

function Count({ name, value, least = 0, most, onValue }: CountProps) {
  return (
    <label>
      <span>{name}</span>
      <input
        type="number"
        min={least}
        {...(most === undefined ? {} : { max: most })}
        step={1}
        required
        value={Number.isNaN(value) ? "" : value}
        onChange={({ target }) => onValue(target.valueAsNumber)}
      />
    </label>
  );
}
