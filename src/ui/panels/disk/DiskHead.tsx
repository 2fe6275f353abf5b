import type { DiskFrame } from "#sim/frame.ts";
import type { CrashKind } from "#ui/contract.ts";
import { machineChips } from "#ui/disk-settings.ts";
import { Icon } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { useRun } from "#ui/run-store.ts";
import { changeUi } from "#ui/ui-store.ts";
import { useCommand } from "#ui/use-tools.ts";
import { FaultsPopover } from "./FaultsPopover.tsx";
import { SectorLegend } from "./SectorLegend.tsx";

interface Props {
  readonly disk: DiskFrame;
  readonly path: string | null;
  readonly offset: number;
}

/** Whose disk it is, how it behaves, and what is wrong with it. */
export function DiskHead({ disk, path, offset }: Props) {
  const perform = useCommand();
  const scenario = useRun((state) => state.scenario);
  const chips = scenario === null ? [] : machineChips(scenario, disk.machine);
  return (
    <>
      <h3>{`Disk of ${disk.machine}, at step ${disk.step}`}</h3>
      <div className="disk-tools">
        <button
          type="button"
          className="tool small"
          title="How disks behave (M)"
          aria-keyshortcuts="M"
          onClick={() => perform("disk-settings")}
        >
          <Icon name="saved" />
          <span>Settings</span>
        </button>
        <FaultsPopover disk={disk} path={path} offset={offset} />
        <button
          type="button"
          className="tool small"
          title="What may a crash leave? (Q)"
          aria-keyshortcuts="Q"
          onClick={() => perform("litmus")}
        >
          <Icon name="help" />
          <span>Tables</span>
        </button>
        <button
          type="button"
          className="tool small"
          title="Save this disk as the real program's files"
          onClick={() =>
            changeUi((state) => {
              state.dialog = "export";
            })
          }
        >
          <Icon name="download" />
          <span>Export</span>
        </button>
      </div>
      <div className="disk-chips">
        <span className="chip" title="The order in which writes reach the platter">
          {disk.options.policy}
        </span>
        {chips
          .filter((words) => words !== disk.options.policy)
          .map((words) => (
            <span key={words} className="chip">
              {words}
            </span>
          ))}
        <SectorLegend />
      </div>
      {disk.power === "off" && (
        <p className="note">The machine is off: this is what lies on the platter.</p>
      )}
      {disk.faults.length > 0 && (
        <ul className="faults-in-force" aria-label="Faults in force">
          {keyed(disk.faults, (text) => text).map(({ key, item }) => (
            <li key={key}>
              <Icon name="warning" />
              <span>{item}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface KindProps {
  readonly kind: CrashKind;
  readonly onKind: (kind: CrashKind) => void;
}

/** Whose crash the versions and pending effects are told of. */
export function KindPicker({ kind, onKind }: KindProps) {
  return (
    <div className="picker crash-kinds" role="radiogroup" aria-label="What is told of is">
      {(["power", "os"] as const).map((each) => (
        <label key={each} data-checked={each === kind} title={KIND_ABOUT[each]}>
          <input
            type="radio"
            className="visually-hidden"
            name="crash-kind"
            checked={each === kind}
            onChange={() => onKind(each)}
          />
          {each === "power" ? "if the power fails" : "if the system crashes"}
        </label>
      ))}
    </div>
  );
}

const KIND_ABOUT = {
  power: "A power loss keeps or loses each sector, and may tear writes",
  os: "A crash of the operating system keeps or loses whole pages",
};
