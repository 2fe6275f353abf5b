import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeCommand, encodeCommand, stateMachine } from "./commands.ts";

const text = fc.string({ unit: "grapheme" });

it("decodes what it encoded", () => {
  const command = fc.oneof(
    fc.record({ type: fc.constant("set" as const), key: text, value: text }),
    fc.record({ type: fc.constant("delete" as const), key: text }),
    fc.record({
      type: fc.constant("compare-and-set" as const),
      key: text,
      expected: fc.option(text),
      value: text,
    }),
    fc.record({ type: fc.constant("increment" as const), key: text, by: text }),
    fc.constant({ type: "no-op" as const }),
  );
  fc.assert(
    fc.property(command, (each) => {
      expect(decodeCommand(encodeCommand(each))).toEqual(each);
    }),
  );
});

it("encodes what it decoded to the same bytes, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(encodeCommand(decodeCommand(bytes))).toEqual(bytes);
    }),
  );
});

it("takes bytes of no known form for opaque", () => {
  expect(decodeCommand(Uint8Array.of(9, 1))).toEqual({ type: "opaque", text: "0901" });
  expect(decodeCommand(Uint8Array.of(1, 255, 0, 0, 0))).toEqual({
    type: "opaque",
    text: "01ff000000",
  });
});

it("tells a key that must be absent from one that must be empty", () => {
  const operation = {
    id: "1",
    client: "c",
    type: "compare-and-set",
    key: "k",
    value: "v",
  } as const;
  const [absent, empty] = [null, ""].map((expected) =>
    decodeCommand(stateMachine.encode({ ...operation, expected })),
  );
  expect([absent, empty]).toMatchObject([{ expected: null }, { expected: "" }]);
});

it("makes an increment of a client's", () => {
  const operation = { id: "1", client: "c", type: "increment", key: "k", value: "2" } as const;
  const command = decodeCommand(stateMachine.encode({ ...operation, expected: null }));
  expect(command).toEqual({ type: "increment", key: "k", by: "2" });
});

it("makes a set of a client's write", () => {
  const operation = {
    id: "1",
    client: "c",
    type: "write",
    key: "k",
    value: "v",
    expected: null,
  } as const;
  expect(decodeCommand(stateMachine.encode(operation))).toEqual({
    type: "set",
    key: "k",
    value: "v",
  });
});
