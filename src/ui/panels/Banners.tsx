import { memo } from "react";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { closeBanner, useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";

/** What went wrong or needs saying, with the remedy; never over the cluster. */
export const Banners = memo(function Banners() {
  const banners = useUi((state) => state.banners);
  const failure = useUi((state) => state.failure);
  return (
    <div className="banners" aria-live="polite">
      {failure !== null && <Failure text={failure.text} advice={failure.advice} />}
      {banners.map(({ id, tone, text, remedy, retry = false }) => (
        <div
          key={id}
          className="banner"
          data-tone={tone}
          role={tone === "bad" ? "alert" : "status"}
        >
          <Icon name={tone === "plain" ? "help" : "warning"} />
          <p>
            <strong>{text}</strong> {remedy}
          </p>
          {retry && <SaveAgain />}
          <button
            type="button"
            className="tool small"
            aria-label="Close this message"
            onClick={() => closeBanner(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
});

function SaveAgain() {
  const { session } = useTools();
  return (
    <button type="button" className="tool" onClick={() => void session.keepAgain()}>
      Try to save again
    </button>
  );
}

/** The worker has ended: say so, and give what is needed to see it again. */
function Failure({ text, advice }: { readonly text: string; readonly advice: string }) {
  const seed = useRun((state) => state.scenario?.seed);
  return (
    <div className="banner" data-tone="bad" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{`The simulator ended over a mistake of its own: ${text}.`}</strong> {advice}{" "}
        Nothing else works until then.
        {seed !== undefined && ` Share gives a link that shows this very run, of seed ${seed}.`}
      </p>
      <button type="button" className="tool" onClick={() => location.reload()}>
        Start again
      </button>
    </div>
  );
}
