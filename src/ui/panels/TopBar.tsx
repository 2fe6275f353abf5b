import { memo } from "react";
import type { Scenario } from "#scenario/types.ts";
import { systemEntry } from "#system/catalogue.ts";
import { diskChips } from "#ui/disk-settings.ts";
import { Icon, type IconName } from "#ui/Icon.tsx";
import type { Command } from "#ui/keys.ts";
import { Later } from "#ui/later.tsx";
import { useRun } from "#ui/run-store.ts";
import { changeUi, useUi } from "#ui/ui-store.ts";
import { useCommand } from "#ui/use-tools.ts";

/** What is loaded, and what concerns all of it. */
export const TopBar = memo(function TopBar() {
  const scenario = useRun((state) => state.scenario);
  const readOnly = useRun((state) => state.readOnly);
  const hasTwin = useRun((state) => state.views.twin !== undefined);
  const busy = useUi((state) => state.busy);
  const system = scenario === null ? null : systemEntry(scenario.system);
  return (
    <header className="top-bar">
      <Brand />
      <div className="loaded">
        <button
          type="button"
          className="loaded-title"
          title={scenario?.about ?? ""}
          onClick={() =>
            changeUi((state) => {
              state.dialog = "about";
            })
          }
        >
          <h1>{scenario?.title ?? "Blackstart"}</h1>
        </button>
        <span className="loaded-system">{system?.title ?? scenario?.system ?? ""}</span>
        {readOnly && (
          <span className="chip" title="Another tab writes this run. What you do here forks it.">
            read only
          </span>
        )}
        <FromTable />
        {scenario !== null && <DiskChips scenario={scenario} />}
        {busy !== null && <Busy />}
      </div>
      <nav className="top-tools" aria-label="Page">
        <Later.BugsPopover />
        <Tool command="twin" icon="twin" hint="D" pressed={hasTwin}>
          Twin
        </Tool>
        <Tool command="library" icon="book" hint="L">
          Library
        </Tool>
        <Tool command="open-files" icon="folder" hint="O">
          Open
        </Tool>
        <Tool command="share" icon="share" hint="K">
          Share
        </Tool>
        <ThemeButton />
        <Tool command="help" icon="help" hint="?" bare>
          Help
        </Tool>
      </nav>
    </header>
  );
});

/** Which cell of the table of fixes this is; a click leads back to it. */
function FromTable() {
  const perform = useCommand();
  const cell = useUi((state) => state.cell);
  const run = useRun((state) => state.run);
  if (cell === null || cell.run !== run) return null;
  return (
    <button
      type="button"
      className="chip from-table"
      title="Back to the table of fixes (Shift+G)"
      aria-label={`${cell.name}: back to the table of fixes`}
      onClick={() => perform("matrix")}
    >
      <Icon name="undo" />
      <span>{cell.name}</span>
    </button>
  );
}

/** What is unusual about the disks; a click opens their settings. */
function DiskChips({ scenario }: { readonly scenario: Scenario }) {
  const perform = useCommand();
  const chips = diskChips(scenario);
  if (chips.length === 0) return null;
  return (
    <button
      type="button"
      className="chip disk-chip"
      title={`Disks: ${chips.join(" · ")} (M)`}
      aria-keyshortcuts="M"
      aria-label={`Disks: ${chips.join(", ")}`}
      onClick={() => perform("disk-settings")}
    >
      <Icon name="saved" />
      <span>{chips.join(" · ")}</span>
    </button>
  );
}

function Brand() {
  return (
    <svg className="brand" viewBox="0 0 32 32" role="img" aria-label="Blackstart">
      <circle cx="16" cy="16" r="11" className="brand-ring" />
      <path d="M16 5a11 11 0 0 1 10.4 7.5" className="brand-arc" />
      <path d="M17.6 9.5l-6.1 8h3.9l-1.2 5.6 6.3-8.2h-4z" className="brand-bolt" />
    </svg>
  );
}

function Busy() {
  const progress = useRun((state) => state.progress);
  const percent = progress === null ? null : Math.round((100 * progress.done) / progress.of);
  return (
    <span className="busy" role="status">
      {percent === null ? "working…" : `working… ${percent} %`}
    </span>
  );
}

function ThemeButton() {
  const theme = useUi((state) => state.theme);
  const isDark =
    theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <Tool command="theme" icon={isDark ? "sun" : "moon"} hint="T" bare>
      {isDark ? "Light theme" : "Dark theme"}
    </Tool>
  );
}

interface ToolProps {
  readonly command: Command;
  readonly icon: IconName;
  readonly hint: string;
  readonly pressed?: boolean;
  /** The icon alone; the words are its name. */
  readonly bare?: boolean;
  readonly children: string;
}

function Tool({ command, icon, hint, pressed, bare = false, children }: ToolProps) {
  const perform = useCommand();
  return (
    <button
      type="button"
      className="tool"
      title={`${children} (${hint})`}
      aria-keyshortcuts={hint}
      {...(bare ? { "aria-label": children } : {})}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={() => perform(command)}
    >
      <Icon name={icon} />
      {!bare && <span>{children}</span>}
    </button>
  );
}
