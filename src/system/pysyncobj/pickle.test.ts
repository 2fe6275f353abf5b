import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "#base/bytes.ts";
import { crc32 } from "#base/crc.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import { JOURNALS } from "./fixtures.testkit.ts";
import { decodePickle, encodePickle, type PickleValue, pickleText } from "./pickle.ts";

describe("decodePickle", () => {
  it.each([
    ["80024b2a2e", 42],
    ["80024d39302e", 12345],
    ["80024affffffff2e", -1],
    ["80028a0200802e", -32768],
  ])("reads %s", (hex, value) => {
    const result = decodePickle(bytes(hex));
    expect(result.ok ? result.value.value : null).toBe(value);
  });

  it("keeps an integer beyond 2^53 exactly", () => {
    const value = 1208925819614629174706176n;
    expect(decoded(toHex(encodePickle(value)))).toBe(value);
  });

  it("reads bytes that protocol 2 writes as encoded text", () => {
    const hex = `8002${global("_codecs", "encode")}5802000000c3bf${"58060000006c6174696e31"}86522e`;
    expect(decoded(hex)).toEqual({ type: "bytes", bytes: Uint8Array.of(255) });
  });

  it("never executes: a call stays a name with its arguments", () => {
    const hex = `8002${global("os", "system")}5804000000726d202f85522e`;
    expect(decoded(hex)).toMatchObject({ type: "object", module: "os", name: "system" });
  });

  it("reads protocol 0 as it reads protocol 2", () => {
    const text = "(dp0\nVraftCommitIndex\np1\nI13\ns.";
    expect(decoded(toHex(encodeUtf8(text)))).toEqual({
      type: "dict",
      pairs: [["raftCommitIndex", 13]],
    });
  });

  it("says where a pickle is cut", () => {
    expect(decodePickle(bytes("80025805000000"))).toEqual({
      ok: false,
      problem: { offset: 2, reason: "the pickle is cut short" },
    });
  });

  it("refuses an opcode that no data needs, by its number", () => {
    expect(decodePickle(bytes("8002512e"))).toMatchObject({
      ok: false,
      problem: { offset: 2, reason: "opcode 0x51 is not one that data is written with" },
    });
  });

  it("ends on any bytes, with a value or a problem inside them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
        const result = decodePickle(random);
        const offset = result.ok ? result.value.end : result.problem.offset;
        return offset >= 0 && offset <= random.length;
      }),
    );
  });
});

describe("encodePickle", () => {
  it("is undone by decodePickle", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const result = decodePickle(encodePickle(value));
        expect(result.ok && result.value.value).toEqual(value);
      }),
    );
  });

  it.each([
    [0, 3305279986, 1697660620],
    [1, 764444127, 2907581838],
    [2, 2693913441, 2435009021],
    [255, 3118604830, 3919290370],
    [999, 1509556932, 2303171390],
    [1000, 1193596617, 3153971437],
    [1001, 411268334, 2161340394],
    [2000, 1330095642, 2772883835],
  ])("adds %i items in batches, as CPython 3.11 does", (count, ofDict, ofList) => {
    const texts = Array.from({ length: count }, (_, i) => `value ${i}`);
    const pairs = texts.map((text, i) => [`k${i}`, text] as const);
    expect(crc32(encodePickle({ type: "dict", pairs }))).toBe(ofDict);
    expect(crc32(encodePickle(texts))).toBe(ofList);
  });

  it("writes once what CPython 3.11 holds once: single characters and bytes, empty text and bytes", () => {
    const one: PickleValue = { type: "bytes", bytes: Uint8Array.of(1) };
    const none: PickleValue = { type: "bytes", bytes: new Uint8Array() };
    const items = [one, { ...one }, none, { ...none }, "a", "a", "", "ab", "ab"];
    expect(toHex(encodePickle({ type: "tuple", items }))).toBe(
      "800228635f636f646563730a656e636f64650a7100580100000001710158060000006c6174696e3171028671035271046804635f5f6275696c74696e5f5f0a62797465730a7105295271066806580100000061710768075800000000710858020000006162710958020000006162710a74710b2e",
    );
  });

  it("writes every call of the real journals as the library did, when no text is shared in it", () => {
    let count = 0;
    for (const { decoded: journal } of JOURNALS) {
      for (const { commandHex } of journal.entries ?? []) {
        // 0x68 recalls a text that was written before: Python does so when two arguments are one object.
        const isSimple = /^0080024b0[01]58.{8}(?:(?!68).)*2e$/.test(commandHex);
        const result = decodePickle(bytes(commandHex.slice(2)));
        if (!isSimple || !result.ok) continue;
        const kinds = pickleText(result.value.value);
        if (/b"|<|\{|\[/.test(kinds)) continue;
        expect(toHex(encodePickle(result.value.value))).toBe(commandHex.slice(2));
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});

describe("pickleText", () => {
  it("reads like Python", () => {
    const value: PickleValue = { type: "tuple", items: [1, null, true, "a", [2], 1.5] };
    expect(pickleText(value)).toBe('(1, None, True, "a", [2], 1.5)');
  });

  it("stays short when a small pickle shares its way to endless text", () => {
    let value: PickleValue = ["x", "x", "x", "x"];
    for (let depth = 0; depth < 60; depth++) value = [value, value, value, value];
    expect(pickleText(value).length).toBeLessThan(420);
  });
});

describe("what the real unpickler refuses, too", () => {
  it("a protocol that no Python has", () => {
    expect(decodePickle(bytes("80624b012e"))).toEqual({
      ok: false,
      problem: { offset: 0, reason: "its protocol is not known" },
    });
    expect(decodePickle(bytes("80054b012e")).ok).toBe(true);
  });

  it("a class with a name that is not UTF-8", () => {
    expect(decodePickle(bytes("80026386090a6e0a2e"))).toMatchObject({
      ok: false,
      problem: { offset: 2, reason: "a class has a name that is not UTF-8" },
    });
  });
});

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 200n }),
);

const plain: fc.Arbitrary<PickleValue> = fc.letrec<{ value: PickleValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.record({
      type: fc.constant("tuple" as const),
      items: fc.array(tie("value"), { maxLength: 5 }),
    }),
    fc.record({
      type: fc.constant("dict" as const),
      pairs: fc.uniqueArray(fc.tuple(fc.string(), tie("value")), {
        maxLength: 4,
        selector: ([key]) => key,
      }),
    }),
    fc.record({ type: fc.constant("bytes" as const), bytes: fc.uint8Array({ maxLength: 9 }) }),
  ),
})).value;

function bytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

function decoded(hex: string): PickleValue | undefined {
  const result = decodePickle(bytes(hex));
  return result.ok ? result.value.value : undefined;
}

function global(module: string, name: string): string {
  return `63${toHex(encodeUtf8(`${module}\n${name}\n`))}`;
}
