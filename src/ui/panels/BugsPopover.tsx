import { Popover, Switch } from "radix-ui";
import type { Scenario } from "#scenario/types.ts";
import { type PresetEntry, type SystemEntry, systemEntry } from "#system/catalogue.ts";
import { bugsByRepair } from "#ui/bug-differences.ts";
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
          <Choices scenario={scenario} />
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

/** One row a version and a bug, with a switch a side. */
function Choices({ scenario }: { readonly scenario: Scenario }) {
  const { session } = useTools();
  const system = systemEntry(scenario.system);
  if (system === null) return null;
  const hasTwin = scenario.twin !== null;
  const sides = [
    { side: "main" as const, choice: scenario as Choice },
    ...(scenario.twin === null ? [] : [{ side: "twin" as const, choice: scenario.twin }]),
  ].map(({ side, choice }) => {
    const on = bugsOn(system, choice);
    return { side, on, preset: choice.preset, named: presetOf(system, choice, on) };
  });
  const nameOf = (title: string, side: Side) => (hasTwin ? `${title}, ${SIDE_NAMES[side]}` : title);
  const versions = system.presets.filter(
    // One that is no more than a bug of the same name is switched on there.
    ({ title }) => !system.bugs.some((bug) => bug.title === title),
  );

  function flip(side: Side, preset: string, on: readonly string[], bug: string) {
    const bugs = on.includes(bug) ? on.filter((each) => each !== bug) : [...on, bug];
    void session.setBugs(side, { preset, bugs });
  }

  return (
    <div className="bug-rows" data-twin={hasTwin}>
      <fieldset className="bug-group">
        <legend>{`Version of ${system.title}`}</legend>
        {hasTwin && (
          <p className="side-heads" aria-hidden="true">
            <span>left</span>
            <span>right</span>
          </p>
        )}
        {versions.map(({ id, title }) => (
          <div key={id} className="bug-row version-row">
            {sides.map(({ side, named }) => (
              <label key={side} className="version">
                <input
                  type="radio"
                  name={`version-${side}`}
                  aria-label={nameOf(title, side)}
                  checked={named?.id === id}
                  onChange={() => void session.setBugs(side, { preset: id, bugs: null })}
                />
                {!hasTwin && <span>{title}</span>}
              </label>
            ))}
            {hasTwin && <span className="version-title">{title}</span>}
          </div>
        ))}
      </fieldset>
      {system.bugs.length === 0 && <p className="note">This system has no known bugs here.</p>}
      {bugsByRepair(system).map(({ title: repair, bugs }) => (
        <fieldset key={repair} className="bug-group">
          <legend>{repair ?? "Bugs"}</legend>
          {bugs.map(({ id, title, about, citation }) => (
            <div key={id} className="bug-row">
              {sides.map(({ side, on, preset }) => (
                <Switch.Root
                  key={side}
                  id={`${side}-${id}`}
                  className="switch"
                  aria-label={nameOf(title, side)}
                  checked={on.includes(id)}
                  onCheckedChange={() => flip(side, preset, on, id)}
                >
                  <Switch.Thumb className="switch-thumb" />
                </Switch.Root>
              ))}
              <label htmlFor={`main-${id}`}>
                <strong>{title}</strong>
                <small>{about}</small>
                <small className="citation">{citation}</small>
              </label>
            </div>
          ))}
        </fieldset>
      ))}
    </div>
  );
}

interface Choice {
  readonly preset: string;
  readonly bugs: readonly string[] | null;
}

const SIDE_NAMES: Readonly<Record<Side, string>> = { main: "left side", twin: "right side" };

/** Versions may have the same bugs and other settings: one that was chosen by name is that one. */
function presetOf(
  { presets }: SystemEntry,
  { preset, bugs: chosen }: Choice,
  on: readonly string[],
): PresetEntry | null {
  if (chosen === null) return presets.find(({ id }) => id === preset) ?? null;
  return presets.find(({ bugs }) => sameBugs(bugs, on)) ?? null;
}
