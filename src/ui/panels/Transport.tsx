import { memo } from "react";
import { Icon, type IconName } from "#ui/Icon.tsx";
import type { Command } from "#ui/keys.ts";
import { useRun } from "#ui/run-store.ts";
import { changeUi, useUi } from "#ui/ui-store.ts";
import { useCommand } from "#ui/use-tools.ts";
import { seconds } from "#ui/words.ts";
import { SPEEDS } from "#view/playback.ts";
import { Scrubber } from "./Scrubber.tsx";

/** Time: always at the bottom, always the same. */
export const Transport = memo(function Transport() {
  const playing = useUi((state) => state.playing);
  return (
    <section className="transport" aria-label="Playback">
      <Scrubber />
      <div className="transport-row">
        <div className="group">
          <Go command="start" icon="toStart" label="To the start" hint="Home" />
          <Go
            command="previous-interesting"
            icon="previousMark"
            label="Previous interesting step"
            hint="Shift+ArrowLeft"
          />
          <Go command="back" icon="stepBack" label="Back one step" hint="ArrowLeft" />
          <Go
            command="play"
            icon={playing ? "pause" : "play"}
            label={playing ? "Pause" : "Play"}
            hint="Space"
            strong
          />
          <Go command="forward" icon="stepForward" label="Forward one step" hint="ArrowRight" />
          <Go
            command="next-interesting"
            icon="nextMark"
            label="Next interesting step"
            hint="Shift+ArrowRight"
          />
        </div>
        <Speed />
        <Position />
        <Saved />
      </div>
    </section>
  );
});

interface GoProps {
  readonly command: Command;
  readonly icon: IconName;
  readonly label: string;
  readonly hint: string;
  readonly strong?: boolean;
}

function Go({ command, icon, label, hint, strong = false }: GoProps) {
  const perform = useCommand();
  return (
    <button
      type="button"
      className={strong ? "tool go strong" : "tool go"}
      aria-label={label}
      title={`${label} (${hint.replace("Arrow", "").replace("+", " + ")})`}
      aria-keyshortcuts={hint}
      onClick={() => perform(command)}
    >
      <Icon name={icon} />
    </button>
  );
}

function Speed() {
  const speed = useUi((state) => state.speed);
  return (
    <label className="speed">
      <span className="speed-label">Speed</span>
      <select
        value={speed ?? "story"}
        title="Slower [ · faster ]"
        onChange={({ target }) => {
          changeUi((state) => {
            state.speed = target.value === "story" ? null : Number(target.value);
          });
        }}
      >
        <option value="story">as the story needs</option>
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {each === 0.5 ? "½ event/s" : `${each} ${each === 1 ? "event/s" : "events/s"}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Position() {
  const step = useRun((state) => state.step);
  const steps = useRun((state) => state.outlines.main?.steps ?? 0);
  const time = useRun((state) => state.views.main?.frame.time ?? 0);
  return (
    <output className="position" data-testid="position">
      {`step ${step} / ${Math.max(0, steps - 1)} · ${seconds(time)}`}
    </output>
  );
}

/** How far the run is in storage. */
function Saved() {
  const step = useRun((state) => state.step);
  const saved = useRun((state) => state.saved);
  if (saved === null) return <span className="saved" />;
  const all = saved >= step;
  return (
    <span className="saved" data-all={all} data-testid="saved" data-saved={saved}>
      <Icon name="saved" />
      {all ? "saved" : `saved up to step ${saved}`}
    </span>
  );
}
