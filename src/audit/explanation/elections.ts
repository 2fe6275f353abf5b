import { place } from "#audit/words.ts";
import type { ServerId, Term } from "#raft/types.ts";
import type { Election, Grant } from "./chronicle.ts";
import { lifeOf, tellLostVotes, tellReturns, type Witness } from "./restarts.ts";
import { say, type Tale } from "./tale.ts";

/** The election that this observation made; null: it made none. */
export function electionAt(tale: Tale, sequence: number | null): Election | null {
  return tale.chronicle.elections.find((each) => each.sequence === sequence) ?? null;
}

/** The last election of this server, of any term when `term` is null. */
export function electionOf(
  tale: Tale,
  server: ServerId,
  term: Term | null,
  until = tale.until,
): Election | null {
  const isIt = (each: Election) =>
    each.server === server && (term === null || each.term === term) && each.sequence <= until;
  return tale.chronicle.elections.findLast(isIt) ?? null;
}

/** Who voted, why the voters could, and who won. Returns all who took part. */
export function tellElection(tale: Tale, election: Election | null, weight: number): Witness[] {
  if (election === null) return [];
  const { logEnd, sequence, server, term } = election;
  say(
    tale,
    sequence,
    weight,
    `${server} became leader of term ${term}; its log ended at ${place(logEnd)}.`,
  );
  const grants = grantsFor(tale, election);
  for (const grant of grants)
    say(tale, grant.sequence, weight + grantWeight(grant), inGrant(grant));
  return [election, ...grants];
}

/** All elections of a term, and what let it have more than one. */
export function tellLeadersOf(tale: Tale, term: Term): void {
  const elections = tale.chronicle.elections.filter(
    (each) => each.term === term && each.sequence <= tale.until,
  );
  const told = elections.slice(-3).map((each) => tellElection(tale, each, 70));
  for (let i = 1; i < told.length; i++) tellLostVotes(tale, told[i - 1] ?? [], told[i] ?? []);
  tellReturns(tale, told.flat());
}

/** The vote that this observation cast. */
export function tellVote(tale: Tale, sequence: number | null): void {
  const observation = tale.chronicle.history[sequence ?? -1];
  if (observation?.type !== "send") return;
  const grant = tale.chronicle.grants.find((each) => each.sequence === sequence);
  const { message, server } = observation;
  const asked = `${server} stood for election in term ${message.term}, with its own vote.`;
  say(tale, observation.sequence, 90, grant === undefined ? asked : inGrant(grant));
}

function grantsFor(tale: Tale, election: Election): Grant[] {
  const since = lifeOf(tale, election)?.sequence ?? -1;
  return tale.chronicle.grants.filter(
    (grant) =>
      grant.candidate === election.server &&
      grant.term === election.term &&
      grant.sequence > since &&
      grant.sequence < election.sequence,
  );
}

/** A vote for the log that reaches less far needs more explaining. */
function grantWeight({ candidateEnd, voterEnd }: Grant): number {
  return candidateEnd.index < voterEnd.index ? 8 : -5;
}

function inGrant({ candidate, candidateEnd, server, term, voterEnd }: Grant): string {
  const vote = `${server} granted ${candidate} its vote in term ${term}`;
  const [theirs, own] = [place(candidateEnd), place(voterEnd)];
  if (theirs === own) return `${vote}: both logs end at ${own}.`;
  if (candidateEnd.term > voterEnd.term) {
    return `${vote}: ${candidate}'s last entry ${theirs} looks newer than ${server}'s ${own}.`;
  }
  if (candidateEnd.term === voterEnd.term && candidateEnd.index > voterEnd.index) {
    return `${vote}: ${candidate}'s log, up to ${theirs}, is longer than ${server}'s, up to ${own}.`;
  }
  return `${vote}, although ${candidate}'s last entry ${theirs} is older than ${server}'s ${own}.`;
}
