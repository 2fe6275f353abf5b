import type { Check } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellVote } from "#audit/explanation/elections.ts";
import { tellReturnBetween } from "#audit/explanation/restarts.ts";
import { mirrorOf, wasLost } from "#audit/ghost.ts";

export const oneVote: Check = {
  id: "C2",
  title: "One vote a term",
  about: "A server votes for one candidate in a term, whatever happened to it in between.",
  source: "Raft paper, section 5.2 and Figure 2 (votedFor is persistent)",
  on: ["send"],

  test(ghost, observation) {
    if (observation.type !== "send") return null;
    const { message, sequence, server } = observation;
    const mirror = mirrorOf(ghost, server);
    const term = message.term ?? mirror.currentTerm;
    const isRequest = message.kind === "vote-request" && term === mirror.currentTerm;
    const isOwn = isRequest && mirror.role !== "pre-candidate";
    const isGrant = message.kind === "vote-reply" && message.success === true;
    if (!isOwn && !isGrant) return null;
    const candidate = isOwn ? server : message.to;
    const vote = mirror.votes.get(term);
    if (vote === undefined || vote.candidate === candidate) return null;
    const earlier = vote.candidate === server ? "itself" : vote.candidate;
    return {
      family: wasLost(mirror, vote) ? "assumption-broken" : "violation",
      text: `${server} voted for ${isOwn ? "itself" : candidate} in term ${term}, in which it had voted for ${earlier}.`,
      server,
      against: vote.sequence < sequence ? vote.sequence : null,
      entries: null,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellVote(tale, broken.against);
    tellReturnBetween(tale, broken.server, broken.against ?? -1);
  },
};
