import { memo } from "react";
import { Icon, type IconName } from "#ui/Icon.tsx";
import type { Command } from "#ui/keys.ts";
import { useIsPhone } from "#ui/media.ts";
import { useRun } from "#ui/run-store.ts";
import { changeUi, type Speed, useUi } from "#ui/ui-store.ts";
import { useCommand } from "#ui/use-tools.ts";
import { timeShown } from "#ui/walking.ts";
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
        <SpeedChoice />
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

/** The speeds as the list offers them, by the name that it knows them by. */
const CHOICES: readonly { readonly name: string; readonly title: string; readonly speed: Speed }[] =
  [
    { name: "story", title: "as the story needs", speed: { by: "story" } },
    ...SPEEDS.map((perSecond) => ({
      name: `${perSecond} events`,
      title: perSecond === 0.5 ? "½ event/s" : `${perSecond} event${perSecond === 1 ? "" : "s"}/s`,
      speed: { by: "events", perSecond } as const,
    })),
    ...[1, 2, 10, 100].map((part) => ({
      name: `1/${part}`,
      title: part === 1 ? "real time, idling cut" : `1/${part} of real time`,
      speed: { by: "time", scale: 1 / part } as const,
    })),
  ];

function SpeedChoice() {
  const speed = useUi((state) => state.speed);
  const chosen = CHOICES.find((each) => sameSpeed(each.speed, speed));
  return (
    <label className="speed">
      <span className="speed-label">Speed</span>
      <select
        value={chosen?.name ?? ""}
        title="Slower [ · faster ]"
        onChange={({ target }) => {
          const choice = CHOICES.find(({ name }) => name === target.value);
          changeUi((state) => {
            if (choice !== undefined) state.speed = choice.speed;
          });
        }}
      >
        {CHOICES.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function sameSpeed(one: Speed, other: Speed): boolean {
  if (one.by === "events") return other.by === "events" && one.perSecond === other.perSecond;
  if (one.by === "time") return other.by === "time" && one.scale === other.scale;
  return other.by === "story";
}

/** Which step is shown. A phone shows one side, and only that side's step. */
function Position() {
  const phone = useIsPhone();
  const side = useUi((state) => state.side);
  const shown = useRun((state) => (phone && state.views[side] !== undefined ? side : "main"));
  const step = useRun((state) => state.views[shown]?.frame.step ?? state.step);
  const steps = useRun((state) => state.outlines[shown]?.steps ?? 0);
  const beside = useRun((state) => state.views.twin?.frame.step);
  const time = useRun(timeShown);
  return (
    <output className="position" data-testid="position">
      {`step ${step} / ${Math.max(0, steps - 1)} · ${seconds(time)}`}
      {!phone && beside !== undefined && (
        <span className="beside">{` · right side: step ${beside}`}</span>
      )}
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
