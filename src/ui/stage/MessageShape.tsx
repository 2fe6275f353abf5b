import type { MessageFrame } from "#sim/frame.ts";
import { hueOf } from "#view/terms.ts";

/** Outlines around the point where they begin, as relative paths: votes are diamonds, appends boxes, forwarded commands arrows. */
const OUTLINES: Readonly<Record<MessageFrame["kind"], string>> = {
  "vote-request": "m0-13l15 13-15 13-15-13z",
  "vote-reply": "m0-13l15 13-15 13-15-13z",
  append: "m-13-10h26v20h-26z",
  "append-reply": "m-13 0a10 10 0 0 1 10-10h6a10 10 0 0 1 0 20h-6a10 10 0 0 1-10-10z",
  snapshot: "m-13-9h9l3-4h14v22h-26z",
  "snapshot-reply": "m-13 0a10 10 0 0 1 10-10h6a10 10 0 0 1 0 20h-6a10 10 0 0 1-10-10z",
  forward: "m-13-9h18l9 9-9 9h-18z",
  "forward-reply": "m-14 0l9-9h18v18h-18z",
};
const BEAT = "m-9 0a9 9 0 1 1 18 0a9 9 0 1 1-18 0z";

/** The outline of a message, to be drawn after a move to where it is. A heartbeat is an append that carries nothing. */
export function outlineOf({ kind, entries }: MessageFrame): string {
  return kind === "append" && entries === 0 ? BEAT : OUTLINES[kind];
}

/** Does it answer something? Answers are hollow. */
export function isReply({ kind, success }: MessageFrame): boolean {
  return success !== null || kind.endsWith("reply");
}

/** A message in flight. The term is its number and its hue; a reply says yes or no; a promise shows whether disk backs it. */
export function MessageShape({ message }: { readonly message: MessageFrame }) {
  const { kind, term, success, entries, promise } = message;
  return (
    <g
      className="message"
      data-kind={kind}
      data-hue={term === null ? "none" : hueOf(term)}
      data-reply={isReply(message)}
    >
      <title>{message.text}</title>
      <path className="message-shape" d={`M0 0${outlineOf(message)}`} />
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
