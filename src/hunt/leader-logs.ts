import type { Index, Role, ServerId, Term } from "#raft/types.ts";
import type { Observation, Observed } from "#sim/observation.ts";

interface Mirror {
  role: Role;
  currentTerm: Term;
  baseIndex: Index;
  /** Of the entries after the base. */
  readonly terms: Term[];
  /** What it has claimed as committed, as the leader of its term. */
  claimed: Index;
}

/** Follows the logs of servers by what is observed, to say what a leader's commit index claims. */
export class LeaderLogs {
  readonly #mirrors = new Map<ServerId, Mirror>();

  follow(observation: Observation): void {
    switch (observation.type) {
      case "recovered": {
        const { server, currentTerm, baseIndex, entries } = observation;
        const terms = entries.map(({ term }) => term);
        const mirror: Mirror = { role: "follower", currentTerm, baseIndex, terms, claimed: 0 };
        this.#mirrors.set(server, mirror);
        return;
      }
      case "role":
        this.#of(observation.server).role = observation.to;
        this.#of(observation.server).claimed = 0;
        return;
      case "term":
        this.#of(observation.server).currentTerm = observation.to;
        return;
      case "append":
        this.#of(observation.server).terms.push(...observation.entries.map(({ term }) => term));
        return;
      case "truncate": {
        const mirror = this.#of(observation.server);
        mirror.terms.length = Math.max(0, observation.from - mirror.baseIndex - 1);
        return;
      }
      default:
    }
  }

  /** The entries that this advance of a commit index newly claims: none unless a leader makes it over an entry of its term. */
  committed({
    server,
    to,
  }: Observed<"commit">): readonly { readonly index: Index; readonly term: Term }[] {
    const mirror = this.#of(server);
    const { role, currentTerm, baseIndex, terms, claimed } = mirror;
    if (role !== "leader" || terms[to - baseIndex - 1] !== currentTerm) return [];
    mirror.claimed = to;
    const claims: { readonly index: Index; readonly term: Term }[] = [];
    for (let index = Math.max(claimed, baseIndex) + 1; index <= to; index++) {
      claims.push({ index, term: terms[index - baseIndex - 1] as Term });
    }
    return claims;
  }

  #of(server: ServerId): Mirror {
    let mirror = this.#mirrors.get(server);
    if (mirror === undefined) {
      mirror = { role: "follower", currentTerm: 0, baseIndex: 0, terms: [], claimed: 0 };
      this.#mirrors.set(server, mirror);
    }
    return mirror;
  }
}
