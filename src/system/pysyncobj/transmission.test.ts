import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "#base/bytes.ts";
import { create, effectsOf, leader, logOf, messageOf, tick, told } from "./server.testkit.ts";
import { entryOfParts, partsOf } from "./transmission.ts";

const LONG = { index: 2, term: 1, command: Uint8Array.from({ length: 100 }, (_, at) => at) };

describe("an entry as long as a batch", () => {
  it("travels in parts", () => {
    const size = 60;
    const parts = partsOf(LONG, size);
    expect(parts.slice(0, 2).map(({ transmission }) => transmission)).toEqual(["start", "finish"]);
    expect(concatBytes(parts.map(({ data }) => data)).length).toBeGreaterThan(100);
  });

  it("is the same entry when all of them are put together", () => {
    const entries = fc.record({
      index: fc.integer({ min: 1, max: 1 << 30 }),
      term: fc.integer({ min: 0, max: 1 << 30 }),
      command: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    });
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 100 }), (entry, size) => {
        const bytes = concatBytes(partsOf(entry, size).map(({ data }) => data));
        expect(entryOfParts(bytes)).toEqual(entry);
      }),
    );
  });

  it("is sent to a node at once, all parts of it", () => {
    const a = leader("0", { links: ["B"], options: { appendEntriesBatchSizeBytes: 1 } });
    tick(a);
    const [start, ...rest] = told(a, "B next_node_idx next_node_idx=2 reset=True success=False");
    expect([start, ...rest]).toEqual([undefined]);
    const sent = tick(a, 200_000);
    expect(sent[0]).toBe("B append_entries t1 prev=1/0 commit=1 transmission=start data=1");
    expect(sent.length).toBeGreaterThan(2);
    expect(a.server.nextIndex.B).toBe(3);
  });

  it("is answered by neither yes nor no until its last part has come", () => {
    const a = create("0");
    const [start, process] = [
      "B append_entries t1 prev=1/0 commit=1 transmission=start",
      "B append_entries t1 prev=1/0 commit=1 transmission=process",
    ];
    const reply = ["B next_node_idx next_node_idx=2 reset=False success=False"];
    const bytes = concatBytes(partsOf(LONG, 1_000).map(({ data }) => data));
    expect(told(a, start, bytes.subarray(0, 50))).toEqual(reply);
    expect(told(a, process, bytes.subarray(50, 80))).toEqual(reply);
    expect(
      told(a, "B append_entries t1 prev=1/0 commit=1 transmission=finish", bytes.subarray(80)),
    ).toEqual(["append 2/1", "B next_node_idx next_node_idx=3 reset=False success=True"]);
    expect(a.server.log.entries[1]).toEqual(LONG);
  });

  it("whose part before the last says finish too raises an exception there, and is whole with the next", () => {
    const a = create("0");
    const parts = partsOf(LONG, 60);
    expect(parts.map(({ transmission }) => transmission)).toEqual(["start", "finish", "finish"]);
    const effects = parts.map(({ transmission, data }) => {
      const message = messageOf("B append_entries t1 prev=1/0 commit=1");
      const fields = { ...message.fields, transmission };
      const [effect] = effectsOf(a, { type: "receive", message: { ...message, fields, data } });
      return effect?.type;
    });
    expect(effects).toEqual(["send", "error", "append"]);
    expect(logOf(a)).toBe("0,1");
  });
});
