import { memo } from "react";
import type { Scenario } from "#scenario/types.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { storyAt, weightiest } from "#ui/telling.ts";
import { useUi } from "#ui/ui-store.ts";
import { useMade } from "#ui/use-made.ts";
import { useTools } from "#ui/use-tools.ts";
import { useVisit } from "#ui/visit.ts";
import type { RunView } from "#worker/protocol.ts";

interface Props {
  /** The sides shown, left to right. */
  readonly views: readonly RunView[];
  readonly current: RunView;
}

/** Under each cluster what the story says of it here, and what happens in this very step. */
export function Captions({ views, current }: Props) {
  const scenario = useRun((state) => state.scenario);
  if (scenario === null) return null;
  return (
    <div className="captions" data-sides={views.length}>
      {views.map((view) => (
        <Caption
          key={view.side}
          view={view}
          scenario={scenario}
          current={views.length > 1 && view === current}
        />
      ))}
      <FromBeginning />
    </div>
  );
}

interface CaptionProps {
  readonly view: RunView;
  readonly scenario: Scenario;
  readonly current: boolean;
}

/** What a scenario is about need not be true of its twin. */
const BESIDE = "The same disks and the same script, under another choice of bugs.";

const BESIDE_RECORD =
  "The model, led through the same events. Where it first did something else, both sides would say so, and this one would end.";

/** A side has its own steps and its own story: nothing here is taken from the other. */
function Caption({ view, scenario, current }: CaptionProps) {
  const { side } = view;
  const { step, feed } = view.frame;
  const outline = useRun((state) => state.outlines[side]);
  const telling = useMade(side);
  if (outline === undefined) return null;
  const beside = scenario.recording === undefined ? BESIDE : BESIDE_RECORD;
  const story = storyAt(outline, telling, step, side === "main" ? scenario.about : beside);
  const line = weightiest(feed);
  return (
    <div className="caption" data-side={side} data-current={current}>
      <p className="story" data-by={story.by} title={story.text}>
        {story.text}
      </p>
      <p className="now" data-tone={line?.tone} title={line?.text}>
        {line?.text}
      </p>
    </div>
  );
}

/** The first visit enters where it soon shows what goes wrong; what came before is offered afterwards. */
function FromBeginning() {
  const { player, session } = useTools();
  const { run, entered } = useVisit();
  const playing = useUi((state) => state.playing);
  const shown = useRun((state) => state.run);
  const atStart = useRun((state) => state.step === 0);
  if (entered === 0 || run !== shown || playing || atStart) return null;
  return (
    <button
      type="button"
      className="from-beginning"
      onClick={() => {
        useVisit.setState({ entered: 0 });
        void session.seek(0).then(player.play);
      }}
    >
      <Icon name="play" />
      From the beginning
    </button>
  );
}

/** For those who listen: what happens at each step, while the steps are gone through by hand. */
export const Narrator = memo(function Narrator() {
  const playing = useUi((state) => state.playing);
  const side = useUi((state) => state.side);
  const step = useRun((state) => state.views[side]?.frame.step ?? state.step);
  const feed = useRun((state) => state.views[side]?.frame.feed);
  const story = feed?.filter(({ tone }) => tone === "story" || tone === "bad") ?? [];
  const told = playing ? story : (feed ?? []);
  const text = told.map((line) => line.text).join(" ");
  return (
    <p className="visually-hidden" role="status" aria-live="polite" data-testid="narrator">
      {playing ? text : `Step ${step}. ${text}`}
    </p>
  );
});
