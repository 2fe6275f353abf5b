import { describe, expect, it } from "vitest";
import type { ClientOperation } from "#raft/types.ts";
import { pysyncobj } from "./index.ts";
import { encodePickle } from "./pickle.ts";
import { create, give, leader, type Made, messageOf, tick, told } from "./server.testkit.ts";

const options = { dynamicMembershipChange: 1 };

describe("a change of the members", () => {
  it("counts at the leader as soon as it is appended: the new one is sent to", () => {
    const a = ready();
    ask(a, "add-server", "D");
    expect(tick(a)).toContain("append 3/1");
    expect(a.server.peers).toEqual(["B", "C", "D"]);
    give(a, { type: "link", peer: "D", up: true });
    expect(tick(a, 200_000)).toContain("D append_entries t1 prev=2/1 commit=2 entries=1");
  });

  it("that removes a member counts at once, too", () => {
    const a = ready();
    ask(a, "remove-server", "C");
    tick(a);
    expect(a.server.peers).toEqual(["B"]);
    expect(a.server.nextIndex.C).toBeUndefined();
  });

  it("is denied before the leader has applied its first entry", () => {
    const a = leader("0", { options });
    ask(a, "add-server", "D");
    expect(tick(a)).toContain("reply x REQUEST_DENIED");
  });

  it.each([
    ["add-server", "B"],
    ["add-server", "A"],
    ["remove-server", "D"],
  ] as const)("that changes nothing is denied (%s %s)", (type, node) => {
    const a = ready();
    ask(a, type, node);
    expect(tick(a)).toContain("reply x REQUEST_DENIED");
  });

  it("is denied to who would remove itself", () => {
    expect(ask(ready(), "remove-server", "A")).toEqual(["reply x REQUEST_DENIED"]);
  });

  it("needs the setting that allows it: without, the call raises", () => {
    const a = leader("0");
    expect(ask(a, "add-server", "D")).toEqual(["reply x dynamicMembershipChange is disabled"]);
  });

  it("does not wait for the one before: two at a time are let through", () => {
    const a = ready();
    ask(a, "add-server", "D");
    ask(a, "add-server", "E");
    tick(a);
    expect(a.server.peers).toEqual(["B", "C", "D", "E"]);
  });

  it("is passed on to the leader, who may deny it", () => {
    const a = create("0", { options });
    told(a, "B append_entries t1 prev=1/0 commit=1");
    ask(a, "add-server", "D");
    expect(tick(a)).toEqual(["B apply_command request_id=1"]);
    expect(told(a, "B apply_command_response request_id=1 error=6")).toEqual([
      "reply x REQUEST_DENIED",
    ]);
  });

  it("that another node passed on is denied by a response", () => {
    const a = leader("0", { options, links: ["B"] });
    const { fields, ...message } = messageOf("B apply_command request_id=7");
    const command = hex(commandOf("add-server", "D"));
    give(a, { type: "receive", message: { ...message, fields: { ...fields, command } } });
    expect(tick(a)).toContain("B apply_command_response request_id=7 error=6");
  });

  it("counts at a follower when it is appended, and is undone when it is cut off", () => {
    const a = follower();
    expect(a.server.peers).toEqual(["B", "C", "D"]);
    told(a, "C append_entries t2 prev=1/0 commit=1");
    expect(a.server.peers).toEqual(["B", "C"]);
  });

  it("a removal is undone as well", () => {
    const a = follower("remove-server", "C");
    expect(a.server.peers).toEqual(["B"]);
    told(a, "B append_entries t2 prev=1/0 commit=1");
    expect(a.server.peers).toEqual(["B", "C"]);
  });

  it("that was appended in an earlier life counts when it is applied", () => {
    const log = { baseIndex: 0, baseTerm: 0, entries: [entry(1), addition(2)], length: 2 };
    const a = create("", { options, commit: 2, found: { log } });
    expect(a.server.peers).toEqual(["B", "C"]);
    expect(tick(a)).toEqual([expect.stringMatching(/^apply 2 /)]);
    expect(a.server.peers).toEqual(["B", "C", "D"]);
  });
});

it("an entry about the members changes nothing of the map", () => {
  const command = commandOf("add-server", "D");
  expect(pysyncobj.machine.decode(command)).toEqual({ type: "no-op", text: "add server D" });
});

it("an entry that switches the code version is applied, and changes nothing", () => {
  const command = Uint8Array.of(3, ...encodePickle(1));
  const switched = { index: 2, term: 1, command };
  const log = { baseIndex: 0, baseTerm: 0, entries: [entry(1), switched], length: 2 };
  const a = create("", { commit: 2, found: { log } });
  expect(tick(a)).toEqual([expect.stringMatching(/^apply 2 /)]);
  expect(a.server.lastApplied).toBe(2);
  expect(pysyncobj.machine.decode(command)).toEqual({
    type: "no-op",
    text: "switch to code version 1",
  });
});

function ready(): Made {
  const a = leader("0", { options, links: ["B"] });
  told(a, "B next_node_idx next_node_idx=3 reset=False success=True");
  tick(a);
  return a;
}

function follower(type: "add-server" | "remove-server" = "add-server", key = "D"): Made {
  const a = create("0", { options });
  const message = messageOf("B append_entries t1 prev=1/0 commit=1");
  const entries = [{ index: 2, term: 1, command: commandOf(type, key) }];
  give(a, { type: "receive", message: { ...message, entries } });
  return a;
}

function ask(made: Made, type: "add-server" | "remove-server", key: string): string[] {
  const operation = operationOf(type, key);
  return give(made, { type: "client", operation, command: pysyncobj.machine.encode(operation) });
}

function operationOf(type: ClientOperation["type"], key: string): ClientOperation {
  return { id: "x", client: "c", type, key, value: "", expected: null };
}

function commandOf(type: "add-server" | "remove-server", key: string): Uint8Array {
  return pysyncobj.machine.encode(operationOf(type, key));
}

function entry(index: number) {
  return { index, term: 0, command: Uint8Array.of(1) };
}

function addition(index: number) {
  return { index, term: 1, command: commandOf("add-server", "D") };
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
}
