import type { Message } from "#raft/types.ts";
import { place } from "./words.ts";

/** What a server said with a message, as the start of a sentence: "B granted A its vote in term 6". */
export function speech({ from, kind, name, obligation, success, term, to }: Message): string {
  const when = term === null ? "" : ` in term ${term}`;
  const isOwn = from === to;
  if (kind === "vote-request") return `${from} asked ${to} for its vote${when}`;
  if (kind === "vote-reply" && success === true) {
    return isOwn ? `${from} counted its own vote${when}` : `${from} granted ${to} its vote${when}`;
  }
  if (kind === "vote-reply" && success === false) return `${from} refused ${to} its vote${when}`;
  if (kind === "append-reply" && success === true && obligation.log !== null) {
    const log = `its log up to ${place(obligation.log)}`;
    return isOwn ? `${from} counted ${log} for itself` : `${from} acknowledged ${log} to ${to}`;
  }
  return `${from} sent ${name}${term === null ? "" : ` of term ${term}`} to ${to}`;
}
