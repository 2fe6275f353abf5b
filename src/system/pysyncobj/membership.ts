import type { StepContext } from "#raft/protocol.ts";
import type { ServerId } from "#raft/types.ts";
import { decodeCommand, nodeObject } from "./format.ts";
import { encodePickle, isList } from "./pickle.ts";
import { currentLogIndex, option, type PySyncObj } from "./server.ts";

/** What a MEMBERSHIP entry asks for. */
export interface MembershipRequest {
  readonly type: "add" | "rem";
  readonly node: ServerId;
}

/** First byte of a MEMBERSHIP command. */
const MEMBERSHIP = 2;

/** syncobj.py:359-388: the pickled list of what to do, the node's id, and the node. */
export function encodeMembership({ type, node }: MembershipRequest): Uint8Array {
  const id = { type: "shared", text: node } as const;
  return Uint8Array.of(MEMBERSHIP, ...encodePickle([type, id, nodeObject(node)]));
}

/** __parseChangeClusterRequest (syncobj.py:1327-1331). Null: another kind of entry, or one that asks for nothing known. */
export function membershipOf(command: Uint8Array): MembershipRequest | null {
  if (command[0] !== MEMBERSHIP) return null;
  const decoded = decodeCommand(command);
  if (decoded.type !== "membership" || !isList(decoded.request)) return null;
  const [type, node] = decoded.request;
  const isKnown = type === "add" || type === "rem";
  return isKnown && typeof node === "string" ? { type, node } : null;
}

/** Do entries change the membership as they are appended? Once they are applied they do so in any case. */
export function isDynamic(server: PySyncObj): boolean {
  return option(server, "dynamicMembershipChange") !== 0;
}

/**
 * __changeCluster (syncobj.py:1268-1284). The leader's own first entry must be applied. An earlier change need not be: the
 * original looks at an index for that which nothing ever sets.
 */
export function changeClusterAsLeader(
  server: PySyncObj,
  change: MembershipRequest,
  context: StepContext,
): boolean {
  if (server.lastApplied < (server.noopIndex ?? 0)) return false;
  return changeCluster(server, change, context);
}

/** __doChangeCluster (syncobj.py:1286-1325). False: it changes nothing. A node is never removed from its own cluster. */
export function changeCluster(
  server: PySyncObj,
  change: MembershipRequest,
  context: StepContext,
): boolean {
  const { node } = change;
  if (node === server.id) return false;
  const isMember = server.peers.includes(node);
  if (isMember === (change.type === "add")) return false;
  if (change.type === "add") admit(server, node, context);
  else expel(server, node);
  return true;
}

/** A MEMBERSHIP entry is cut off: what it had changed is changed back (syncobj.py:926-931). */
export function undoChange(
  server: PySyncObj,
  change: MembershipRequest,
  context: StepContext,
): void {
  const { node, type } = change;
  changeCluster(server, { node, type: type === "add" ? "rem" : "add" }, context);
}

/** __updateClusterConfiguration (syncobj.py:1416-1432): a dump says who the members are. */
export function replaceCluster(
  server: PySyncObj,
  cluster: readonly ServerId[],
  context: StepContext,
): void {
  for (const node of server.peers) {
    if (!cluster.includes(node)) expel(server, node);
  }
  for (const node of cluster) {
    if (node !== server.id && !server.peers.includes(node)) admit(server, node, context);
  }
}

function admit(server: PySyncObj, node: ServerId, context: StepContext): void {
  server.peers = [...server.peers, node];
  server.nextIndex[node] = currentLogIndex(server.log) + 1;
  server.matchIndex[node] = 0;
  if (server.role === "leader") server.lastResponseTime[node] = context.now;
}

function expel(server: PySyncObj, node: ServerId): void {
  server.peers = server.peers.filter((each) => each !== node);
  delete server.nextIndex[node];
  delete server.matchIndex[node];
}
