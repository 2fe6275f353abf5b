import type { MessageFrame } from "#sim/frame.ts";
import { hueOf } from "#view/terms.ts";

/** The outline of a message by its kind, around 0,0: votes are diamonds, appends boxes, forwarded commands arrows. */
const OUTLINES: Readonly<Record<MessageFrame["kind"], string>> = {
  "vote-request": "M0-13 15 0 0 13-15 0z",
  "vote-reply": "M0-13 15 0 0 13-15 0z",
  append: "M-13-10h26v20h-26z",
  "append-reply": "M-13 0a10 10 0 0 1 10-10h6a10 10 0 0 1 0 20h-6a10 10 0 0 1-10-10z",
  forward: "M-13-9H5L14 0 5 9h-18z",
  "forward-reply": "M-14 0-5-9h18V9H-5z",
};

/** A message in flight. The term is its number and its hue; a reply says yes or no; a promise shows whether disk backs it. */
export function MessageShape({ message }: { readonly message: MessageFrame }) {
  const { kind, term, success, entries, promise } = message;
  const isBeat = kind === "append" && entries === 0;
  return (
    <g
      className="message"
      data-kind={kind}
      data-hue={term === null ? "none" : hueOf(term)}
      data-reply={success !== null || kind.endsWith("reply")}
    >
      <title>{message.text}</title>
      {isBeat ? (
        <circle className="message-shape" r={9} />
      ) : (
        <path className="message-shape" d={OUTLINES[kind]} />
      )}
      {kind === "append" && entries > 0 && <path className="message-stack" d="M-10-13h26v20" />}
      <text className="message-term" y={4.5} textAnchor="middle" x={success === null ? 0 : -4}>
        {term ?? "·"}
      </text>
      {success !== null && (
        <path
          className="message-answer"
          d={success ? "M3 0l2.5 3 4.5-6" : "M3.5-3l5 6M8.5-3l-5 6"}
        />
      )}
      {promise !== "nothing" && <PromiseMark durable={promise === "durable"} />}
    </g>
  );
}

/** A shield: whole when what the message promises was durable as it left, cracked and empty when it was not. */
export function PromiseMark({ durable }: { readonly durable: boolean }) {
  return (
    <g className="promise" data-durable={durable} transform="translate(14 -11)">
      <path d="M0-7 6-5v4.5C6 3 3.5 5.5 0 7-3.5 5.5-6 3-6-.5V-5z" />
      {!durable && <path className="promise-crack" d="M1-7-2-1 2 1-1 7" />}
    </g>
  );
}
