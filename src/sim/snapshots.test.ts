import { expect, it } from "vitest";
import type { Protocol, Recovered } from "#raft/protocol.ts";
import type { Actor, System } from "#system/contract.ts";
import { reference } from "#system/reference/index.ts";
import {
  applicationDigest,
  applicationFrom,
  applyEntry,
  createApplication,
  imageOf,
} from "./application.ts";
import type { Observation } from "./observation.ts";
import { only, plan, write } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { createWorld } from "./world.ts";

const KEPT = {
  lastApplied: 7,
  values: [{ key: "k", value: "kept", index: 5 }],
  beyond: "0000000000000000",
};

it("an image and back is the same state machine, commands that nobody understands included", () => {
  const application = createApplication();
  const command = new Uint8Array();
  const apply = (index: number, decoded: Parameters<typeof applyEntry>[2]["command"]) =>
    applyEntry(application, { index, term: 1, command }, { command: decoded, text: "" });
  apply(1, { type: "set", key: "b", value: "1" });
  apply(2, { type: "opaque", text: "somebody else's" });
  apply(3, { type: "set", key: "a", value: "2" });
  const image = imageOf(application);
  expect(image.values.map(({ key }) => key)).toEqual(["a", "b"]);
  expect(image.beyond).not.toBe(KEPT.beyond);
  const again = applicationFrom(image);
  expect(applicationDigest(again)).toBe(applicationDigest(application));
  expect(imageOf(again)).toEqual(image);
});

it("a server starts with the state machine that its recovery found", () => {
  const { world, seen } = run(recovering(KEPT), []);
  expect(world.servers.get("A")?.application.values.get("k")?.value).toBe("kept");
  const [restored] = only(seen, "restored");
  const [recovered] = only(seen, "recovered");
  expect(restored).toMatchObject({ server: "A", lastApplied: 7, values: KEPT.values });
  expect(restored?.sequence).toBe((recovered?.sequence ?? 0) + 1);
});

it("a protocol replaces the state machine and the log as it goes", () => {
  const { world, seen } = run(installing(), [write(2_000_000, "k", "1")]);
  expect(only(seen, "rebase")).toMatchObject([{ reason: "snapshot", baseIndex: 7, baseTerm: 1 }]);
  expect(only(seen, "restored")).toMatchObject([{ lastApplied: 7 }]);
  expect(world.servers.get("A")?.application.values.get("k")?.value).toBe("kept");
  expect(world.servers.get("A")?.server?.log.baseIndex).toBe(7);
});

it("a change of the members is seen", () => {
  const { seen } = run(installing(), [write(2_000_000, "k", "1")]);
  expect(only(seen, "members")).toMatchObject([{ server: "A", peers: ["Z"] }]);
});

function run(system: System, script: Parameters<typeof plan>[1]) {
  const seen: Observation[] = [];
  const world = createWorld(plan(1, script), system, (observation) => seen.push(observation));
  while (advance(world));
  return { world, seen };
}

/** Recovery says that it also found this state machine. */
function recovering(state: typeof KEPT): System {
  const actors = reference.actors.map(
    (actor): Actor => ({
      ...actor,
      next(own, context) {
        const step = actor.next(own, context);
        if (step?.type !== "recovered") return step;
        const recovered: Recovered = { ...step.recovered, state };
        return { ...step, recovered };
      },
    }),
  );
  return { ...reference, actors };
}

/** A client's write makes it install a snapshot. */
function installing(): System {
  const protocol: Protocol = {
    ...reference.protocol,
    step(server, input, context) {
      if (input.type !== "client") {
        reference.protocol.step(server, input, context);
        return;
      }
      server.log.baseIndex = 7;
      server.log.baseTerm = 1;
      server.log.length = 0;
      server.lastApplied = 7;
      server.commitIndex = 7;
      server.peers = ["Z"];
      context.emit({
        type: "rebase",
        reason: "snapshot",
        baseIndex: 7,
        baseTerm: 1,
        entries: [],
      });
      context.emit({ type: "restore", state: KEPT });
    },
  };
  return { ...reference, protocol };
}
