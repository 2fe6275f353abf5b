import type { FeedLine, MessageFrame } from "#sim/frame.ts";
import { useRun } from "#ui/run-store.ts";
import { MessageShape } from "#ui/stage/MessageShape.tsx";
import { useTools } from "#ui/use-tools.ts";
import { seconds } from "#ui/words.ts";
import { compareFrames, firstDifferingStep } from "#view/compare.ts";
import type { RunView, Side } from "#worker/protocol.ts";

/** What this step did and what caused it, what is on its way, and where the twin differs. */
export function EventTab({ view }: { readonly view: RunView }) {
  const { frame } = view;
  return (
    <div className="event-tab">
      <h3>{`Step ${frame.step}, at ${seconds(frame.time)}`}</h3>
      {frame.feed.length === 0 && <p className="note">Nothing that is worth a sentence.</p>}
      <ol className="event-lines">
        {frame.feed.map((line) => (
          <EventLine key={line.sequence} line={line} side={view.side} />
        ))}
      </ol>
      <h3>On their way</h3>
      {frame.messages.length === 0 && <p className="note">No message is in flight.</p>}
      <ul className="messages">
        {frame.messages.map((message) => (
          <MessageLine key={message.id} message={message} />
        ))}
      </ul>
      <Differences />
    </div>
  );
}

interface LineProps {
  readonly line: FeedLine;
  readonly side: Side;
}

function EventLine({ line: { tone, text, cause }, side }: LineProps) {
  const { player } = useTools();
  return (
    <li data-tone={tone}>
      <p>{text}</p>
      {cause !== null && (
        <button type="button" className="cause" onClick={() => player.jump(cause.step, side)}>
          {`because: ${cause.text} (step ${cause.step})`}
        </button>
      )}
    </li>
  );
}

const PROMISES: Readonly<Record<MessageFrame["promise"], string>> = {
  nothing: "",
  durable: "what it promises is durable",
  "not-durable": "what it promises is not durable",
};

function MessageLine({ message }: { readonly message: MessageFrame }) {
  const { session } = useTools();
  const { id } = message;
  return (
    <li>
      <svg viewBox="-18 -20 42 36" width="42" height="36" aria-hidden="true">
        <MessageShape message={message} />
      </svg>
      <p>
        {message.text}
        <small>
          {[message.name, `arrives at ${seconds(message.arrives)}`, PROMISES[message.promise]]
            .filter((each) => each !== "")
            .join(" · ")}
        </small>
        <span className="group">
          <button
            type="button"
            className="tool small"
            onClick={() => void session.act({ type: "deliver", message: id })}
          >
            Deliver next
          </button>
          <button
            type="button"
            className="tool small"
            onClick={() => void session.act({ type: "drop", message: id })}
          >
            Lose
          </button>
        </span>
      </p>
    </li>
  );
}

/** Where the two sides differ at this moment. */
function Differences() {
  const main = useRun((state) => state.views.main?.frame);
  const twin = useRun((state) => state.views.twin?.frame);
  const { player } = useTools();
  const outlines = useRun((state) => state.outlines);
  if (main === undefined || twin === undefined) return null;
  const found = compareFrames(main, twin);
  const first =
    outlines.main && outlines.twin ? firstDifferingStep(outlines.main, outlines.twin) : null;
  return (
    <>
      <h3>Where the sides differ</h3>
      {first !== null && (
        <button type="button" className="cause" onClick={() => player.jump(first)}>
          {`They part at step ${first}`}
        </button>
      )}
      {found.length === 0 && <p className="note">Nowhere, at this moment.</p>}
      <ul className="differences">
        {found.map(({ server, what, left, right }) => (
          <li key={`${server} ${what}`}>
            <strong>{`${server}, ${what}`}</strong>
            <span>{`left: ${left}`}</span>
            <span>{`right: ${right}`}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
