import { useState } from "react";
import type { Scenario, ScenarioDisk } from "#scenario/types.ts";
import { changedSettings, diskSettingsOf, USUAL_DISK } from "#ui/disk-settings.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { changeUi, closeTopic, useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { closeDialog, DialogFrame } from "./DialogFrame.tsx";
import { Admits, Capacity, Times, WriteBackSetting } from "./DiskSettingFields.tsx";
import { ALLOCATION, inFormWords, SETTING_GROUPS, type Setting } from "./disk-options.ts";
import "#ui/styles/disk-settings.css";

/** How disks behave: of all machines, or of one. A change plays the same script again from the start. */
export function DiskSettingsDialog() {
  const scenario = useRun((state) => state.scenario);
  const selected = useUi((state) => state.selected[0]);
  const own = scenario?.cluster.machines.find(
    ({ id, disk, servers }) =>
      disk !== undefined && (id === selected || servers.some((server) => server.id === selected)),
  );
  const [machine, setMachine] = useState<string | null>(own?.id ?? null);
  return (
    <DialogFrame
      title="Disks"
      about="How the modelled disks behave. What is set here is part of the scenario: links and downloads carry it."
      wide
    >
      {scenario !== null && (
        <>
          <MachinePicker scenario={scenario} machine={machine} onMachine={setMachine} />
          <DiskForm key={machine ?? ""} scenario={scenario} machine={machine} />
        </>
      )}
    </DialogFrame>
  );
}

interface PickerProps {
  readonly scenario: Scenario;
  readonly machine: string | null;
  readonly onMachine: (machine: string | null) => void;
}

function MachinePicker({ scenario, machine, onMachine }: PickerProps) {
  const machines = [null, ...scenario.cluster.machines.map(({ id }) => id)];
  return (
    <div className="picker" role="radiogroup" aria-label="Disk of">
      {machines.map((each) => (
        <label key={each ?? ""} data-checked={each === machine}>
          <input
            type="radio"
            className="visually-hidden"
            name="disk-of"
            checked={each === machine}
            onChange={() => onMachine(each)}
          />
          {each ?? "all machines"}
        </label>
      ))}
    </div>
  );
}

interface FormProps {
  readonly scenario: Scenario;
  readonly machine: string | null;
}

function DiskForm({ scenario, machine }: FormProps) {
  const { session } = useTools();
  const now = diskSettingsOf(scenario, machine);
  const others = machine === null ? USUAL_DISK : diskSettingsOf(scenario, null);
  const [disk, setDisk] = useState(now);
  const [refused, setRefused] = useState<string | null>(null);
  const busy = useUi((state) => state.busy !== null);
  const patch = changedSettings(now, disk);
  const changes = Object.keys(patch).length;
  const unlike = Object.keys(changedSettings(others, disk)).length;
  const set = (part: Partial<ScenarioDisk>) => setDisk({ ...disk, ...part });
  return (
    <form
      className="disk-form"
      onSubmit={(event) => {
        event.preventDefault();
        setRefused(null);
        void session.setDisk(machine, patch).then((done) => {
          if (done) closeDialog();
          else setRefused(takeRefusal());
        });
      }}
    >
      {SETTING_GROUPS.map(({ title, settings }) => (
        <section key={title}>
          <h3>{title}</h3>
          <div className="settings">
            {settings.map((setting) => (
              <Choose key={setting.name} setting={setting} disk={disk} usual={others} onSet={set} />
            ))}
          </div>
        </section>
      ))}
      <section>
        <h3>Room and time</h3>
        <div className="settings">
          <Capacity disk={disk} onSet={set} />
          <Choose setting={ALLOCATION} disk={disk} usual={others} onSet={set} />
          <WriteBackSetting disk={disk} onSet={set} />
          <Times disk={disk} onSet={set} />
          <Admits disk={disk} onSet={set} />
        </div>
      </section>
      <footer className="disk-form-foot">
        {refused !== null && (
          <p className="failure" role="alert">
            {refused}
          </p>
        )}
        <p className="note">
          {changes === 0 ? "Nothing is changed yet." : changesText(changes)} The same script is
          played again from the start.
        </p>
        <LitmusLink />
        <button
          type="button"
          className="tool"
          disabled={unlike === 0}
          onClick={() => setDisk(others)}
        >
          {machine === null ? "Usual settings" : "As all machines"}
        </button>
        <button type="submit" className="tool strong" disabled={changes === 0 || busy}>
          <Icon name="reboot" />
          <span>Run again</span>
        </button>
      </footer>
    </form>
  );
}

/** Why the last change was refused. It is told here, where it can be mended, and not in a banner as well. */
function takeRefusal(): string | null {
  const text = useUi.getState().banners.find(({ topic }) => topic === "refused")?.text;
  closeTopic("refused");
  return text === undefined ? null : inFormWords(text);
}

function changesText(changes: number): string {
  return changes === 1 ? "One setting is changed." : `${changes} settings are changed.`;
}

function LitmusLink() {
  return (
    <button
      type="button"
      className="tool"
      onClick={() =>
        changeUi((state) => {
          state.dialog = "litmus";
        })
      }
    >
      What each order allows
    </button>
  );
}

interface ChooseProps {
  readonly setting: Setting;
  readonly disk: ScenarioDisk;
  readonly usual: ScenarioDisk;
  readonly onSet: (part: Partial<ScenarioDisk>) => void;
}

/** One of a few values, and what it means. */
function Choose({ setting, disk, usual, onSet }: ChooseProps) {
  const { name, title, about, choices } = setting;
  const at = choices.findIndex(({ value }) => value === disk[name]);
  const id = `disk-${name}`;
  return (
    <div className="setting" data-unusual={disk[name] !== usual[name]}>
      <label htmlFor={id}>{title}</label>
      <select
        id={id}
        value={at}
        aria-describedby={`${id}-about`}
        onChange={(event) => {
          const choice = choices[Number(event.target.value)];
          if (choice !== undefined) onSet({ [name]: choice.value });
        }}
      >
        {at < 0 && <option value={-1}>{String(disk[name])}</option>}
        {choices.map(({ label }, index) => (
          <option key={label} value={index}>
            {label}
          </option>
        ))}
      </select>
      <small id={`${id}-about`}>
        {about} {choices[at] !== undefined && <span>{choices[at].about}</span>}
      </small>
    </div>
  );
}
