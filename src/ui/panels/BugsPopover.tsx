import { Popover, Switch } from "radix-ui";
import { type SystemEntry, systemEntry } from "#system/catalogue.ts";
import { bugsOn, sameBugs } from "#ui/bugs.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { changeUi, useUi } from "#ui/ui-store.ts";
import { useFocusBack } from "#ui/use-focus-back.ts";
import { useCommand, useTools } from "#ui/use-tools.ts";
import type { Side } from "#worker/protocol.ts";

/** Versions and bugs of each side. Every change plays the same script again from the start. */
export function BugsPopover() {
  const open = useUi((state) => state.popover === "bugs");
  const scenario = useRun((state) => state.scenario);
  const focusBack = useFocusBack();
  const setOpen = (wanted: boolean) =>
    changeUi((state) => {
      state.popover = wanted ? "bugs" : null;
    });
  if (scenario === null) return null;
  const system = systemEntry(scenario.system);
  const on = bugsOn(system, scenario).length;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className="tool"
        title="Bugs and versions (G)"
        aria-keyshortcuts="G"
        onClick={focusBack.onTrigger}
      >
        <Icon name="bug" />
        <span>{`Bugs: ${on} on`}</span>
        <Icon name="down" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          onCloseAutoFocus={focusBack.onClose}
          className="popover bugs"
          sideOffset={4}
          aria-label="Bugs and versions"
        >
          <SideBugs side="main" system={system} choice={scenario} />
          {scenario.twin !== null && (
            <SideBugs side="twin" system={system} choice={scenario.twin} />
          )}
          <p className="note">The same script is played again from the start.</p>
          {scenario.system === "pysyncobj" && <FixesLink />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** To the table of all fixes. */
function FixesLink() {
  const perform = useCommand();
  return (
    <button
      type="button"
      className="link"
      onClick={() => {
        changeUi((state) => {
          state.popover = null;
        });
        perform("matrix");
      }}
    >
      Which fix helps against what?
    </button>
  );
}

interface Choice {
  readonly preset: string;
  readonly bugs: readonly string[] | null;
}

interface SideProps {
  readonly side: Side;
  readonly system: SystemEntry | null;
  readonly choice: Choice;
}

function SideBugs({ side, system, choice }: SideProps) {
  const { session } = useTools();
  const hasTwin = useRun((state) => state.scenario?.twin !== null);
  if (system === null) return null;
  const on = bugsOn(system, choice);
  const preset = system.presets.find(({ bugs }) => sameBugs(bugs, on))?.id ?? "";
  const name = side === "main" ? "Left side" : "Right side";

  function flip(bug: string) {
    const bugs = on.includes(bug) ? on.filter((each) => each !== bug) : [...on, bug];
    void session.setBugs(side, { preset: choice.preset, bugs });
  }

  return (
    <fieldset className="side-bugs">
      <legend>{hasTwin ? name : system.title}</legend>
      <label className="preset">
        <span>Version</span>
        <select
          value={preset}
          onChange={(event) =>
            void session.setBugs(side, { preset: event.target.value, bugs: null })
          }
        >
          {preset === "" && <option value="">own choice of bugs</option>}
          {system.presets.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {system.bugs.length === 0 && <p className="note">This system has no known bugs here.</p>}
      {system.bugs.map((bug) => (
        <div key={bug.id} className="bug">
          <Switch.Root
            id={`${side}-${bug.id}`}
            className="switch"
            checked={on.includes(bug.id)}
            onCheckedChange={() => flip(bug.id)}
          >
            <Switch.Thumb className="switch-thumb" />
          </Switch.Root>
          <label htmlFor={`${side}-${bug.id}`}>
            <strong>{bug.title}</strong>
            <small>{bug.about}</small>
            <small className="citation">{bug.citation}</small>
          </label>
        </div>
      ))}
    </fieldset>
  );
}
