import type { Message, Micros, ServerId } from "#raft/types.ts";
import { receiveInput } from "./inbox.ts";
import {
  type Connection,
  connectionOf,
  type Flight,
  type Lane,
  laneOf,
  type Network,
  pairKey,
} from "./network-state.ts";
import type { Observed } from "./observation.ts";
import { push } from "./queue.ts";
import { choose } from "./tape.ts";
import { observe, peersOf, processOf, type World } from "./world.ts";

type DropReason = Observed<"drop">["reason"];

/** Causes whose repetitions are counted, a lane: more than ever take turns. */
const CAUSES_KEPT = 32;

/** Puts a message on the wire; `promise` is what the disk said as it left. */
export function sendMessage(
  world: World,
  message: Message,
  promise: Observed<"send">["promise"],
): void {
  const { network } = world;
  const { from, to } = message;
  const id = network.nextMessage++;
  if (from === to) {
    // A server's word to itself goes through its own inbox: it counts once it was allowed to leave.
    const sent = observe(world, {
      type: "send",
      server: from,
      id,
      message,
      arrives: world.now,
      promise,
    });
    receiveInput(world, processOf(world, to), { type: "receive", message }, sent);
    return;
  }
  const { transport } = world.system;
  const connection = transport.type === "connection" ? connectionOf(network, from, to) : null;
  const lane = laneOf(network, from, to);
  const cause = isLeftToChance(world) ? nameCause(lane, message) : "";
  let arrives = world.now + delayOf(world, lane, cause);
  if (connection !== null) arrives = Math.max(arrives, lane.lastArrival);
  const sent = observe(world, {
    type: "send",
    server: from,
    id,
    message,
    arrives,
    promise,
  });
  if (connection !== null && !believes(connection, from)) {
    drop(world, id, message, "closed");
    return;
  }
  const flight: Flight = { message, sent, connection: connection?.number ?? 0, waits: false };
  if (connection === null && isLost(world, cause)) {
    drop(world, id, message, "loss");
    return;
  }
  lane.lastArrival = arrives;
  network.flights.set(id, flight);
  push(world.queue, arrives, sent, { type: "deliver", message: id });
  if (connection === null && isDoubled(world, cause)) {
    const again = network.nextMessage++;
    network.flights.set(again, flight);
    const copy = observe(world, {
      type: "send",
      server: from,
      id: again,
      message,
      arrives: arrives + world.plan.network.delayMin,
      promise,
    });
    push(world.queue, arrives + world.plan.network.delayMin, copy, {
      type: "deliver",
      message: again,
    });
  }
  if (connection !== null) closeWhenSilent(world, from, to, lane);
}

/** A message has come to the end of its wire. */
export function arrive(world: World, id: number): void {
  const { network } = world;
  const flight = network.flights.get(id);
  if (flight === undefined) return;
  const { message } = flight;
  const { from, to } = message;
  const lane = laneOf(network, from, to);
  const connected = flight.connection !== 0;
  if (lane.hold || (lane.cut && connected)) {
    network.flights.set(id, { ...flight, waits: true });
    return;
  }
  if (lane.cut) {
    network.flights.delete(id);
    drop(world, id, message, "partition");
    return;
  }
  if (connected && lane.releasedAt === world.now && overtakes(network, id, message)) {
    push(world.queue, world.now, flight.sent, { type: "deliver", message: id });
    return;
  }
  deliver(world, id, flight);
}

/** Is an earlier message of its lane about to arrive? */
function overtakes({ flights }: Network, id: number, { from, to }: Message): boolean {
  for (const [earlier, { message, waits }] of flights) {
    if (earlier >= id) return false;
    if (!waits && message.from === from && message.to === to) return true;
  }
  return false;
}

function deliver(world: World, id: number, flight: Flight): void {
  const { message } = flight;
  world.network.flights.delete(id);
  const process = processOf(world, message.to);
  if (process.status !== "up") {
    drop(world, id, message, "down");
    return;
  }
  if (
    flight.connection !== 0 &&
    !believes(connectionOf(world.network, message.from, message.to), message.to)
  ) {
    drop(world, id, message, "closed");
    world.cause = flight.sent;
    close(world, message.from, message.to, `${message.to} does not know the connection`);
    return;
  }
  laneOf(world.network, message.to, message.from).silentSince = null;
  world.cause = flight.sent;
  const received = observe(world, {
    type: "receive",
    server: message.to,
    id,
    message,
  });
  receiveInput(world, process, { type: "receive", message }, received);
}

/** The script's or the user's hand on one message in flight. */
export function deliverNow(world: World, id: number): void {
  const flight = world.network.flights.get(id);
  if (flight !== undefined) deliver(world, id, flight);
}

export function dropMessage(world: World, id: number, reason: DropReason): void {
  const flight = world.network.flights.get(id);
  if (flight === undefined) return;
  world.network.flights.delete(id);
  drop(world, id, flight.message, reason);
}

/** Lets everything go that waits on this lane, in the order in which it was sent. */
export function letGo(world: World, from: ServerId, to: ServerId): void {
  laneOf(world.network, from, to).releasedAt = world.now;
  for (const [id, flight] of world.network.flights) {
    if (!flight.waits || flight.message.from !== from || flight.message.to !== to) continue;
    world.network.flights.set(id, { ...flight, waits: false });
    push(world.queue, world.now, flight.sent, { type: "deliver", message: id });
  }
}

/** A process listens from now on and dials those whom it dials. */
export function openForBusiness(world: World, server: ServerId): void {
  const { transport } = world.system;
  if (transport.type !== "connection") return;
  for (const [peer] of world.servers) {
    if (peer === server || !knows(world, server, peer) || !dials(world, server, peer)) continue;
    const connection = connectionOf(world.network, server, peer);
    connection.lastAttempt = null;
    scheduleDial(world, server, peer, world.now + transport.firstAttempt);
  }
}

/**
 * Connections to whom a server does not take for a member any more end, and what it knows of its attempts is forgotten. A new
 * member is dialled at once; where the other end dials, its next attempt counts.
 */
export function changeMembers(world: World, server: ServerId, peers: readonly ServerId[]): void {
  if (world.system.transport.type !== "connection") return;
  for (const [peer] of world.servers) {
    if (peer === server) continue;
    const connection = connectionOf(world.network, server, peer);
    if (!peers.includes(peer)) {
      if (dials(world, server, peer)) connection.lastAttempt = null;
      if (believes(connection, server)) close(world, server, peer, `${peer} is no member`);
    } else if (!connection.up && !connection.opening) {
      redial(world, server, peer, connection);
    }
  }
}

/** One attempt to connect; a refused one is repeated after the transport's retry time. */
export function dial(world: World, from: ServerId, to: ServerId, number: number): void {
  const { transport } = world.system;
  const connection = connectionOf(world.network, from, to);
  if (transport.type !== "connection" || connection.dials !== number) return;
  if (processOf(world, from).status !== "up" || connection.opening) return;
  if (believes(connection, from) || !knows(world, from, to)) return;
  connection.lastAttempt = world.now;
  if (listens(world, to) && knows(world, to, from) && !walled(world, from, to)) {
    connection.opening = true;
    connection.number += 1;
    const delay = choose(
      world.tape,
      world.plan,
      `connect/${from}>${to}/${connection.number}`,
      world.plan.network.delayMin,
      world.plan.network.delayMax,
    );
    push(world.queue, world.now + delay, world.cause, {
      type: "link",
      from,
      to,
      connection: connection.number,
      up: true,
      reason: `${from} dialled`,
    });
    return;
  }
  scheduleDial(world, from, to, world.now + transport.retryEvery);
}

/** A connection that was being set up is there, or one that was there has been told to be gone. */
export function changeLink(
  world: World,
  from: ServerId,
  to: ServerId,
  number: number,
  up: boolean,
  reason: string,
): void {
  const connection = connectionOf(world.network, from, to);
  if (connection.number !== number) return;
  if (up) {
    connection.opening = false;
    if (!listens(world, to) || processOf(world, from).status !== "up" || walled(world, from, to)) {
      redial(world, from, to, connection);
      return;
    }
    setUp(world, from, to, connection, reason);
  } else if (connection.up) {
    close(world, from, to, reason);
  }
}

/** The script's or the user's hand on a connection. */
export function forceLink(world: World, a: ServerId, b: ServerId, up: boolean): void {
  if (world.system.transport.type !== "connection") return;
  const connection = connectionOf(world.network, a, b);
  if ((connection.up && connection.forgottenBy === null) === up) return;
  if (!up) {
    close(world, a, b, "closed by hand");
    return;
  }
  if (processOf(world, a).status !== "up" || processOf(world, b).status !== "up") return;
  connection.number += 1;
  connection.opening = false;
  setUp(world, a, b, connection, "connected by hand");
}

/** A process is gone. Its peers learn of it when its operating system is still there to tell them. */
export function abandon(world: World, server: ServerId, told: boolean): void {
  for (const [peer] of world.servers) {
    if (peer === server) continue;
    const connection = world.network.connections.get(pairKey(server, peer));
    if (connection === undefined) continue;
    connection.opening = false;
    if (!connection.up || connection.forgottenBy === server) continue;
    if (told) close(world, server, peer, `${server} is gone`);
    else forget(world, server, peer, connection);
  }
}

function setUp(
  world: World,
  from: ServerId,
  to: ServerId,
  connection: Connection,
  reason: string,
): void {
  // A new connection takes the place of one that only one end still believed in.
  if (connection.up) loseFlights(world, from, to);
  connection.up = true;
  connection.forgottenBy = null;
  for (const [a, b] of [
    [from, to],
    [to, from],
  ] as const) {
    const lane = laneOf(world.network, a, b);
    lane.silentSince = null;
    lane.lastArrival = world.now;
  }
  const seen = observe(world, {
    type: "link",
    a: from,
    b: to,
    up: true,
    reason,
  });
  tellLink(world, from, to, true, seen);
  tellLink(world, to, from, true, seen);
}

/** Both ends know: what was on the wire is lost, and the one who dials tries again in its time. */
function close(world: World, a: ServerId, b: ServerId, reason: string): void {
  const connection = connectionOf(world.network, a, b);
  const { forgottenBy } = connection;
  connection.up = false;
  connection.forgottenBy = null;
  const seen = observe(world, { type: "link", a, b, up: false, reason });
  loseFlights(world, a, b);
  for (const [server, peer] of [
    [a, b],
    [b, a],
  ] as const) {
    if (server !== forgottenBy) tellLink(world, server, peer, false, seen);
  }
  redial(world, a, b, connection);
}

/**
 * One end lost its power. The other goes on believing in the connection until the silence is too long, the end that is gone
 * dials anew, or answers from its next life that it does not know the connection. What is on the wire arrives.
 */
function forget(world: World, gone: ServerId, peer: ServerId, connection: Connection): void {
  const { transport } = world.system;
  if (connection.forgottenBy === peer) {
    close(world, gone, peer, `${peer} and ${gone} are gone`);
    return;
  }
  connection.forgottenBy = gone;
  if (transport.type !== "connection" || transport.idleTimeout === null) return;
  push(world.queue, world.now + transport.idleTimeout, world.cause, {
    type: "link",
    from: peer,
    to: gone,
    connection: connection.number,
    up: false,
    reason: `${peer} heard nothing from ${gone}`,
  });
}

function loseFlights(world: World, a: ServerId, b: ServerId): void {
  for (const [id, { message }] of world.network.flights) {
    const { from, to } = message;
    if ((from === a && to === b) || (from === b && to === a)) dropMessage(world, id, "closed");
  }
}

function tellLink(
  world: World,
  server: ServerId,
  peer: ServerId,
  up: boolean,
  cause: number,
): void {
  const process = processOf(world, server);
  if (process.status === "up") receiveInput(world, process, { type: "link", peer, up }, cause);
}

/** Does this end take the connection for one that is there? */
function believes({ up, forgottenBy }: Connection, end: ServerId): boolean {
  return up && forgottenBy !== end;
}

function redial(world: World, a: ServerId, b: ServerId, connection: Connection): void {
  const { transport } = world.system;
  if (transport.type !== "connection") return;
  const [from, to] = dials(world, a, b) ? [a, b] : [b, a];
  if (processOf(world, from).status !== "up") return;
  const earliest =
    connection.lastAttempt === null ? world.now : connection.lastAttempt + transport.retryEvery;
  scheduleDial(world, from, to, Math.max(world.now, earliest));
}

function scheduleDial(world: World, from: ServerId, to: ServerId, time: Micros): void {
  const connection = connectionOf(world.network, from, to);
  connection.dials += 1;
  push(world.queue, time, world.cause, { type: "dial", from, to, dial: connection.dials });
}

/** Does it take the other for a member? A node that connects and is none is turned away. */
function knows(world: World, server: ServerId, peer: ServerId): boolean {
  const peers = processOf(world, server).server?.peers ?? peersOf(world, server);
  return peers.includes(peer);
}

function dials(world: World, server: ServerId, peer: ServerId): boolean {
  const { transport } = world.system;
  if (transport.type !== "connection") return false;
  const mine = processOf(world, server).address;
  const theirs = processOf(world, peer).address;
  return transport.dials === "larger-address" ? mine > theirs : mine < theirs;
}

/** A process listens once it made its own first attempt. */
function listens(world: World, server: ServerId): boolean {
  const { transport } = world.system;
  const process = processOf(world, server);
  if (process.status !== "up" || transport.type !== "connection") return false;
  return world.now >= process.upSince + transport.firstAttempt;
}

function walled(world: World, a: ServerId, b: ServerId): boolean {
  return laneOf(world.network, a, b).cut || laneOf(world.network, b, a).cut;
}

/**
 * PySyncObj looks at the silence only when the socket is busy: the connection ends when something was sent and nothing came
 * back for the whole idle time.
 */
function closeWhenSilent(world: World, from: ServerId, to: ServerId, lane: Lane): void {
  const { transport } = world.system;
  if (transport.type !== "connection" || transport.idleTimeout === null) return;
  if (lane.silentSince === null) {
    lane.silentSince = world.now;
    return;
  }
  if (world.now - lane.silentSince > transport.idleTimeout) {
    close(world, from, to, `${from} heard nothing from ${to}`);
  }
}

/** Names the cause of what chance does to this message: what it is about, and how often that was sent before. */
function nameCause(lane: Lane, message: Message): string {
  const { from, to, kind, term, entries, success } = message;
  const cause = `${kind}/${term}/${entries[entries.length - 1]?.index ?? 0}/${success}`;
  const attempt = (lane.attempts.get(cause) ?? -1) + 1;
  lane.attempts.delete(cause); // To the end: it is the one used last.
  lane.attempts.set(cause, attempt);
  const [oldest] = lane.attempts.size > CAUSES_KEPT ? lane.attempts.keys() : [];
  if (oldest !== undefined) lane.attempts.delete(oldest);
  return `${from}>${to}/${cause}/${attempt}`;
}

function isLeftToChance({ plan: { network } }: World): boolean {
  const { delayMin, delayMax, lossPerMille, duplicatePerMille } = network;
  return delayMin !== delayMax || lossPerMille > 0 || duplicatePerMille > 0;
}

function delayOf(world: World, lane: Lane, cause: string): Micros {
  const { delayMin, delayMax } = world.plan.network;
  if (delayMin === delayMax) return delayMin + lane.slowBy;
  return chance(world, `delay/${cause}`, delayMin, delayMax) + lane.slowBy;
}

function isLost(world: World, cause: string): boolean {
  const { lossPerMille } = world.plan.network;
  return lossPerMille > 0 && chance(world, `loss/${cause}`, 0, 999) < lossPerMille;
}

function isDoubled(world: World, cause: string): boolean {
  const { duplicatePerMille } = world.plan.network;
  return duplicatePerMille > 0 && chance(world, `duplicate/${cause}`, 0, 999) < duplicatePerMille;
}

function chance(world: World, name: string, low: number, high: number): number {
  return choose(world.tape, world.plan, name, low, high);
}

function drop(world: World, id: number, message: Message, reason: DropReason): void {
  observe(world, { type: "drop", id, message, reason });
}
