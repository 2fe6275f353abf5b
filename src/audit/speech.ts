import type { Message } from "#raft/types.ts";
import { place } from "./words.ts";

/** What a server said with a message, as a sentence without its end: "B granted A its vote in term 6". */
export function speech(message: Message): string {
  return inWords(message).said;
}

/** The same, said too early: "B granted A its vote in term 6 before the vote was durable". */
export function hastySpeech(message: Message): string {
  const { said, promised } = inWords(message);
  return `${said} before ${promised} durable`;
}

function inWords(message: Message): { readonly said: string; readonly promised: string } {
  const { from, kind, name, obligation, success, term, to } = message;
  const when = term === null ? "" : ` in term ${term}`;
  const isOwn = from === to;
  if (kind === "vote-request") {
    return {
      said: `${from} asked ${to} for its vote${when}`,
      promised: "its own term and vote were",
    };
  }
  if (kind === "vote-reply" && success !== null) {
    if (!success)
      return { said: `${from} refused ${to} its vote${when}`, promised: "the term was" };
    const said = isOwn
      ? `${from} counted its own vote${when}`
      : `${from} granted ${to} its vote${when}`;
    return { said, promised: "the vote was" };
  }
  const isReply = kind === "append-reply" || kind === "snapshot-reply";
  if (isReply && success === true && obligation.log !== null) {
    const log = `its log up to ${place(obligation.log)}`;
    const said = isOwn ? `${from} counted ${log}` : `${from} acknowledged ${log} to ${to}`;
    return { said, promised: "all of it was" };
  }
  const of = term === null ? "" : ` of term ${term}`;
  return { said: `${from} sent ${name}${of} to ${to}`, promised: "what it promises was" };
}
