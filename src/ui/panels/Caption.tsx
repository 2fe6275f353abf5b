import { memo } from "react";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { useUi } from "#ui/ui-store.ts";

/** What the story says here, and under it what happens in this very step. */
export function Caption() {
  const side = useUi((state) => state.side);
  const step = useRun((state) => state.step);
  const marks = useRun((state) => state.outlines.main?.marks);
  const feed = useRun((state) => state.views[side]?.frame.feed);
  const about = useRun((state) => state.scenario?.about ?? "");
  const story = marks?.findLast((mark) => mark.kind === "story" && mark.step <= step);
  const line = feed?.findLast(({ tone }) => tone !== "story");
  return (
    <div className="caption">
      <p className="story" title={story?.text ?? about}>
        {story?.text ?? about}
      </p>
      <p className="now" title={line?.text}>
        <Icon name="play" />
        {line?.text ?? "Nothing else happens in this step."}
      </p>
    </div>
  );
}

/** For those who listen: what happens at each step, while the steps are gone through by hand. */
export const Narrator = memo(function Narrator() {
  const playing = useUi((state) => state.playing);
  const side = useUi((state) => state.side);
  const step = useRun((state) => state.step);
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
