import type { Frame, KeyFrame, ServerFrame } from "#sim/frame.ts";

/** The state machines side by side, a row for each key that any server has. */
export interface StateTable {
  /** Servers whose process is up: the others have no state machine. */
  readonly servers: readonly string[];
  readonly rows: readonly StateRow[];
  /** Keys on which servers differ that have applied the same. */
  readonly differing: readonly string[];
}

export interface StateRow {
  readonly key: string;
  /** One for each of the table's servers; null: the server does not have the key. */
  readonly values: readonly (KeyFrame | null)[];
  /** `behind`: they differ only because somebody has not applied the newer entry yet. */
  readonly verdict: "same" | "behind" | "differs";
}

export function stateTable(frame: Pick<Frame, "servers">): StateTable {
  const servers = frame.servers.filter(({ process }) => process === "up");
  const states = servers.map(({ state }) => new Map(state.map((each) => [each.key, each])));
  const keys = [...new Set(states.flatMap((state) => [...state.keys()]))].sort();
  const rows = keys.map((key): StateRow => {
    const values = states.map((state) => state.get(key) ?? null);
    return { key, values, verdict: verdictOf(servers, values) };
  });
  return {
    servers: servers.map(({ id }) => id),
    rows,
    differing: rows.filter(({ verdict }) => verdict === "differs").map(({ key }) => key),
  };
}

function verdictOf(
  servers: readonly ServerFrame[],
  values: readonly (KeyFrame | null)[],
): StateRow["verdict"] {
  let behind = false;
  for (const [i, one] of values.entries()) {
    for (const [j, other] of values.entries()) {
      if (j <= i || one?.value === other?.value) continue;
      if (areTorn(one, servers[i]?.lastApplied ?? 0, other, servers[j]?.lastApplied ?? 0)) {
        return "differs";
      }
      behind = true;
    }
  }
  return behind ? "behind" : "same";
}

/**
 * Do these different values contradict each other? They do when each was written at or below what both servers have
 * applied. A missing key may have been deleted by an entry that only the server without it has applied.
 */
function areTorn(
  one: KeyFrame | null,
  oneApplied: number,
  other: KeyFrame | null,
  otherApplied: number,
): boolean {
  const shared = Math.min(oneApplied, otherApplied);
  if (one === null) return oneApplied <= otherApplied && (other?.index ?? 0) <= shared;
  if (other === null) return otherApplied <= oneApplied && one.index <= shared;
  return one.index <= shared && other.index <= shared;
}
