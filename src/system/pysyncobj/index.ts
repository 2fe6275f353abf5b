import type { ClientOperation } from "#raft/types.ts";
import type { System } from "#system/contract.ts";
import { codec } from "./codec.ts";
import { dumpChild, serializer } from "./dump-writer.ts";
import { commandOf, encodeSet } from "./format.ts";
import { LOOP } from "./loop.ts";
import { encodeMembership } from "./membership.ts";
import { obstacle } from "./obstacle.ts";
import { protocol } from "./protocol.ts";
import { recovery } from "./recovery.ts";
import { OPTIONS } from "./server.ts";
import { journal, route } from "./storage.ts";

/** PySyncObj 0.3.14 with a key-value application, its journal in a mapped file that nobody syncs. */
export const pysyncobj: System = {
  id: "pysyncobj",
  protocol,
  loop: LOOP,
  actors: [recovery, journal, serializer, dumpChild],
  route,
  holds: () => false,
  recovery: recovery.id,
  transport: {
    type: "connection",
    dials: "larger-address",
    retryEvery: 5_000_000,
    idleTimeout: 3_500_000,
    firstAttempt: 100_000,
  },
  machine: { encode: encodeOperation, decode: commandOf },
  codec,
  obstacle,
  options: OPTIONS,
};

function encodeOperation({ type, key, value }: ClientOperation): Uint8Array {
  if (type === "add-server") return encodeMembership({ type: "add", node: key });
  if (type === "remove-server") return encodeMembership({ type: "rem", node: key });
  return encodeSet(key, value);
}
