import { Tabs } from "radix-ui";
import { Later } from "#ui/later.tsx";
import { useRun } from "#ui/run-store.ts";
import { changeUi, type Tab, useUi } from "#ui/ui-store.ts";
import { useCalmWhilePlaying } from "#ui/use-calm-while-playing.ts";
import { sideText } from "#ui/words.ts";
import { ChecksTab } from "./ChecksTab.tsx";
import { EventTab } from "./EventTab.tsx";
import { ScriptTab } from "./ScriptTab.tsx";
import { ServerTab } from "./ServerTab.tsx";

const TABS: readonly { readonly id: Tab; readonly title: string }[] = [
  { id: "server", title: "Server" },
  { id: "disk", title: "Disk" },
  { id: "crash", title: "Crash states" },
  { id: "event", title: "Event" },
  { id: "checks", title: "Checks" },
  { id: "script", title: "Script" },
];

/** Everything about what is selected, on the side that is selected. */
export function Inspector({ without = [] }: { readonly without?: readonly Tab[] }) {
  const tab = useUi((state) => state.tab);
  const side = useUi((state) => state.side);
  const view = useCalmWhilePlaying(useRun((state) => state.views[side] ?? state.views.main));
  const scenario = useRun((state) => state.scenario);
  const tabs = TABS.filter(({ id }) => !without.includes(id));
  const shown = without.includes(tab) ? "server" : tab;
  if (view === undefined || scenario === null) return null;
  const isRecorded = scenario.recording !== undefined;
  return (
    <Tabs.Root
      className="inspector"
      value={shown}
      onValueChange={(value) =>
        changeUi((state) => {
          state.tab = value as Tab;
        })
      }
    >
      <Tabs.List className="tabs" aria-label="Inspector">
        {tabs.map(({ id, title }) => (
          <Tabs.Trigger key={id} value={id} className="tab">
            {title}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {scenario.twin !== null && <p className="inspected-side">{sideText(scenario, view.side)}</p>}
      <Tabs.Content className="tab-content" value="server">
        <ServerTab view={view} />
      </Tabs.Content>
      <Tabs.Content className="tab-content" value="disk">
        {isRecorded ? <NoDisk /> : <Later.DiskTab view={view} />}
      </Tabs.Content>
      <Tabs.Content className="tab-content" value="crash">
        {isRecorded ? <NoDisk /> : <Later.CrashTab view={view} />}
      </Tabs.Content>
      <Tabs.Content className="tab-content" value="event">
        <EventTab view={view} />
      </Tabs.Content>
      <Tabs.Content className="tab-content" value="checks">
        <ChecksTab view={view} />
      </Tabs.Content>
      <Tabs.Content className="tab-content" value="script">
        <ScriptTab />
      </Tabs.Content>
    </Tabs.Root>
  );
}

function NoDisk() {
  return (
    <p className="note">
      The record tells what the servers did and what they stored, not what lay on their disks at
      each step, so there is nothing to look at here and nothing to cut off. The incidents of the
      library play the same on the model, with their disks.
    </p>
  );
}
