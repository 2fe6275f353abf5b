import { useState } from "react";
import { downloadDisks } from "#ui/download.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { Which } from "#worker/protocol.ts";
import { closeDialog, DialogFrame } from "./DialogFrame.tsx";
import "#ui/styles/import.css";

const WHICH: readonly { readonly id: Which; readonly label: string; readonly about: string }[] = [
  {
    id: "durable",
    label: "What a power loss now would leave",
    about: "The platter alone: nothing that is not synced survives.",
  },
  {
    id: "cache",
    label: "What the cache holds",
    about: "What processes read now, and find again when only they are killed.",
  },
];

/** A machine's disk, or all of them, as the files that the real program would boot from. */
export function ExportDialog() {
  const { session } = useTools();
  const side = useUi((state) => state.side);
  const chosen = useUi((state) => state.selected[0]);
  const frame = useRun((state) => state.views[side]?.frame);
  const title = useRun((state) => state.scenario?.title ?? "disks");
  const hasTwin = useRun((state) => state.views.twin !== undefined);
  const [which, setWhich] = useState<Which>("durable");
  const [all, setAll] = useState(false);
  if (frame === undefined) return null;
  const ids = frame.machines.map(({ id }) => id);
  const own = frame.machines.find(({ servers }) => servers.includes(chosen ?? ""))?.id ?? ids[0];
  const { step } = frame;
  const beside = side === "main" ? "left" : "right";

  async function save() {
    const machines = all || own === undefined ? ids : [own];
    const zip = await session.exportDisks({ side, step, machines, which });
    closeDialog();
    if (zip !== null)
      downloadDisks(
        title,
        `${hasTwin ? `${beside}-` : ""}step-${step}-${machines.join("-")}-${which}`,
        zip,
      );
  }

  return (
    <DialogFrame
      title="Export disks"
      about={`The files at step ${step}${hasTwin ? ` of the ${beside} side (S changes it)` : ""}, byte for byte as the real program would find them, in a zip archive. What it recovers from them, it can be asked: see “Booting exported disks” in the README.`}
    >
      <Choice
        legend="What is on the disk"
        options={WHICH}
        value={which}
        onChange={(id) => setWhich(id)}
      />
      <Choice
        legend="Of which machines"
        options={[
          { id: "one", label: `${own ?? "This machine"} alone`, about: "" },
          { id: "all", label: `All machines (${ids.join(", ")})`, about: "" },
        ]}
        value={all ? "all" : "one"}
        onChange={(id) => setAll(id === "all")}
      />
      <button type="button" className="tool strong" onClick={() => void save()}>
        <Icon name="download" />
        <span>Download as a zip archive</span>
      </button>
    </DialogFrame>
  );
}

interface ChoiceProps<Id extends string> {
  readonly legend: string;
  readonly options: readonly { readonly id: Id; readonly label: string; readonly about: string }[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
}

function Choice<Id extends string>({ legend, options, value, onChange }: ChoiceProps<Id>) {
  return (
    <fieldset className="export-choice">
      <legend>{legend}</legend>
      {options.map(({ id, label, about }) => (
        <label key={id}>
          <input type="radio" name={legend} checked={id === value} onChange={() => onChange(id)} />
          <span>{label}</span>
          {about !== "" && <small>{about}</small>}
        </label>
      ))}
    </fieldset>
  );
}
