import { Popover } from "radix-ui";
import { SECTOR_STATES, type SectorState } from "#view/disk-words.ts";
import { SectorMark } from "./SectorMark.tsx";

const STATES = Object.keys(SECTOR_STATES) as SectorState[];

/** What the fills and letters of sectors mean. */
export function SectorLegend() {
  return (
    <Popover.Root>
      <Popover.Trigger className="tool small">Legend</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover sector-legend" aria-label="Legend of the sectors">
          <dl>
            {STATES.map((state) => (
              <div key={state}>
                <dt>
                  <SectorMark sector={sampleOf(state)} />
                </dt>
                <dd>
                  <strong>{SECTOR_STATES[state].name}</strong> {SECTOR_STATES[state].about}
                </dd>
              </div>
            ))}
          </dl>
          <p className="note">
            Each slab is a version: the lowest is what the platter holds, those above are newer and
            only in the cache. A crash leaves one of them.
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function sampleOf(state: SectorState) {
  const newer = state === "written" || state === "in-flight";
  return { sector: 0, state, versions: newer ? 2 : 1, pending: [] };
}
