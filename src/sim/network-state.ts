import type { Message, Micros, ServerId } from "#raft/types.ts";

/** The wires between servers, and what is on them. */
export interface Network {
  /** Messages on their way, by id. */
  readonly flights: Map<number, Flight>;
  nextMessage: number;
  /** By direction, "A>B". */
  readonly lanes: Map<string, Lane>;
  /** Connections by pair (`pairKey`); empty for datagrams. */
  readonly connections: Map<string, Connection>;
}

export interface Flight {
  readonly message: Message;
  /** The observation of its send. */
  readonly sent: number;
  /** The connection it travels on; 0 for datagrams. */
  readonly connection: number;
  /** It has arrived at a wall or at a hold, and waits there. */
  readonly waits: boolean;
}

/** One direction between two servers. */
export interface Lane {
  cut: boolean;
  hold: boolean;
  slowBy: Micros;
  /** Arrival of the last message: a connection keeps order. */
  lastArrival: Micros;
  /** When what had waited here was let go: what arrives at this very time comes after it. */
  releasedAt: Micros | null;
  /** What chance is asked about, by its cause: how often each came before. The latest few, longest unused first. */
  readonly attempts: Map<string, number>;
  /** Since when what was sent has not been followed by anything received; null: nothing is open. */
  silentSince: Micros | null;
}

export interface Connection {
  /** Counts the connections of this pair; what was sent on an earlier one is lost. */
  number: number;
  up: boolean;
  /** The end that lost power and with it the connection, while the other one still believes in it; null: both know it. */
  forgottenBy: ServerId | null;
  /** Being set up: the answer is on its way. */
  opening: boolean;
  lastAttempt: Micros | null;
  /** Counts dials: a scheduled one that was overtaken is stale. */
  dials: number;
}

export function createNetwork(): Network {
  return { flights: new Map(), nextMessage: 1, lanes: new Map(), connections: new Map() };
}

export function cloneNetwork(network: Network): Network {
  const lanes = new Map<string, Lane>();
  for (const [key, lane] of network.lanes) {
    lanes.set(key, { ...lane, attempts: new Map(lane.attempts) });
  }
  const connections = new Map<string, Connection>();
  for (const [key, connection] of network.connections) connections.set(key, { ...connection });
  return {
    flights: new Map(network.flights),
    nextMessage: network.nextMessage,
    lanes,
    connections,
  };
}

export function laneOf(network: Network, from: ServerId, to: ServerId): Lane {
  const key = `${from}>${to}`;
  let lane = network.lanes.get(key);
  if (lane === undefined) {
    lane = {
      cut: false,
      hold: false,
      slowBy: 0,
      lastArrival: 0,
      releasedAt: null,
      attempts: new Map(),
      silentSince: null,
    };
    network.lanes.set(key, lane);
  }
  return lane;
}

/** Names in order, joined by what no name holds. */
export function pairKey(a: ServerId, b: ServerId): string {
  return a < b ? `${a}>${b}` : `${b}>${a}`;
}

export function connectionOf(network: Network, a: ServerId, b: ServerId): Connection {
  const key = pairKey(a, b);
  let connection = network.connections.get(key);
  if (connection === undefined) {
    connection = {
      number: 0,
      up: false,
      forgottenBy: null,
      opening: false,
      lastAttempt: null,
      dials: 0,
    };
    network.connections.set(key, connection);
  }
  return connection;
}
