import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#base/bytes.ts";
import { gunzip, gzip } from "#base/gzip.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import type { Entry } from "#raft/types.ts";
import { type Dump, decodeDump, dumpPickle, encodeDump } from "./dump.ts";
import { DUMPS, json, readFixture } from "./fixtures.testkit.ts";
import { encodeSet, NO_OP } from "./format.ts";
import { decodePickle, encodePickle, isDict, isTuple, type PickleValue } from "./pickle.ts";

const WHOLE = DUMPS.filter(({ decoded }) => decoded.error === undefined);
/** Of the key-value class with nothing but text in it, as `encodeDump` writes it. */
const KEY_VALUE = WHOLE.filter(({ path }) => /^0[1-6]-/.test(path));

describe("a real dump", () => {
  it.each(WHOLE)("$path has the entries and members that another reader found", (fixture) => {
    const { lastAppliedEntry, previousEntry, cluster } = fixture.decoded.value as Found;
    const { last, previous, cluster: members, state } = load(fixture.bytes);
    expect(plain(last)).toEqual(plainFound(lastAppliedEntry));
    expect(plain(previous)).toEqual(plainFound(previousEntry));
    expect([...members].sort()).toEqual(cluster.$set.map(({ state: { _id } }) => _id));
    expect(state.lastApplied).toBe(lastAppliedEntry.index);
  });

  it.each(WHOLE)("$path has the state that another reader found", ({ bytes, decoded }) => {
    const pickled = decodePickle(gunzip(bytes, 1 << 20)!.bytes);
    const tuple = pickled.ok ? pickled.value.value : null;
    const [state = null] = isTuple(tuple) ? tuple.items : [];
    expect(json(state)).toEqual((decoded.value as Found).state);
  });

  it.each(KEY_VALUE)("$path is the same pickle when it is written again", ({ bytes }) => {
    const inside = gunzip(bytes, 1 << 20)!.bytes;
    const dump = load(bytes);
    // Python's dicts keep the order of their keys; an image is sorted.
    const order = keysIn(inside);
    const values = [...dump.state.values].sort(
      (a, b) => order.indexOf(a.key) - order.indexOf(b.key),
    );
    const written = dumpPickle({
      ...dump,
      state: { ...dump.state, values },
      self: "127.0.0.1:7001",
    });
    expect(toHex(written)).toBe(toHex(inside));
  });

  it("of the key-value class is a map of texts, and nothing beyond", () => {
    const { state } = load(readFixture("01-healthy-compacted/A/raft.dump"));
    expect(state.values.map(({ key, value }) => `${key}=${value}`).join(" ")).toBe(
      "k00=w7 k01=w8 k02=w9 k03=v3 k04=v4 k05=w5 k06=w6",
    );
    expect(state.beyond).toBe("0000000000000000");
  });

  it("of Patroni says of each key which entry wrote it", () => {
    const { state } = load(readFixture("08-formats/patroni-shaped/A/127.0.0.1:2380.dump"));
    const leader = state.values.find(({ key }) => key === "/service/demo/leader");
    expect(leader).toMatchObject({ index: 5, value: expect.stringContaining('"pg-a"') });
  });

  it("of consumers shows what they hold under their names", () => {
    const { state } = load(readFixture("08-formats/consumers/raft.dump"));
    expect(state.values.map(({ key, value }) => [key, value])).toEqual([
      ["ReplCounter.counter", "5"],
      ["ReplDict.data", '{"k0": 0, "k1": 1, "k2": 2, "k3": 3, "k4": 4}'],
      ["ReplList.data", "[0, 1, 2, 3, 4]"],
      ["ReplSet.data", "{0, 1, 2}"],
    ]);
    expect(state.beyond).not.toBe("0000000000000000");
  });

  it("that another Python or another pickle protocol wrote says the same", () => {
    const said = (name: string) => {
      const { cluster: _, ...rest } = load(readFixture(`08-formats/${name}/raft.dump`));
      return rest.state.values.filter(({ key }) => key !== "types");
    };
    const first = said("pickle-protocol-2");
    expect(first.length).toBeGreaterThan(4);
    for (const name of [
      "pickle-protocol-0",
      "pickle-protocol-4",
      "pso-0.3.14-py2.7",
      "pso-0.3.8-py3.7",
    ]) {
      expect(said(name)).toEqual(first);
    }
  });
});

describe("a damaged dump is refused as Python refuses it", () => {
  const whole = readFixture("01-healthy-compacted/A/raft.dump");

  it.each([
    ["07-torn/dump-empty", "EOFError", ""],
    [
      "07-torn/dump-truncated",
      "EOFError",
      "Compressed file ended before the end-of-stream marker was reached",
    ],
  ])("%s", (name, error, reason) => {
    expect(decodeDump(readFixture(`${name}/raft.dump`))).toMatchObject({
      ...{ ok: false, name: error, reason },
    });
  });

  it("one cut within its trailer is not: the unpickler has all it needs by then", () => {
    // Measured with Python 3.11: of these 414 bytes 405 are enough.
    const loads = (length: number) => decodeDump(whole.subarray(0, length)).ok;
    expect([404, 405, 413, 414].map(loads)).toEqual([false, true, true, true]);
  });

  it("nor is one with a wrong checksum", () => {
    const wrong = whole.slice();
    wrong.fill(0, wrong.length - 8);
    expect(decodeDump(whole)).toMatchObject({ ok: true, isWhole: true });
    expect(decodeDump(wrong)).toEqual({ ...decodeDump(whole), isWhole: false });
  });

  it.each([
    ["a file of zeros", new Uint8Array(400), "BadGzipFile"],
    ["a journal", readFixture("01-healthy-compacted/A/raft.journal"), "BadGzipFile"],
    ["zeros behind its first 200 bytes", zeroedFrom(whole, 200), "EOFError"],
    ["a gzip file of something else", gzip(encodeUtf8("no pickle"), "x"), "UnpicklingError"],
    ["a pickle of something else", gzip(encodePickle(["a", "b"]), "x"), "TypeError"],
    [
      "a tuple without entries",
      gzip(encodePickle(tuple([{ type: "dict", pairs: [] }])), "x"),
      "TypeError",
    ],
  ])("%s", (_, bytes, name) => {
    expect(decodeDump(bytes)).toMatchObject({ ok: false, name });
  });

  it("whatever the bytes are, reading them ends", () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        const found = decodeDump(bytes);
        expect(found.ok || found.offset <= length).toBe(true);
      }),
    );
  });
});

describe("encodeDump", () => {
  const entry = fc.record({
    index: fc.nat(),
    term: fc.nat(),
    command: fc.oneof(fc.constant(NO_OP), fc.uint8Array({ maxLength: 40 })),
  });
  const values = fc.uniqueArray(
    fc.record({ key: fc.string({ maxLength: 4 }), value: fc.string({ maxLength: 4 }) }),
    { selector: ({ key }) => key, maxLength: 12 },
  );
  const beyond = fc.constantFrom("0000000000000000", "00c0ffee12345678");

  it("is undone by decodeDump, and what was decoded is written as it was", () => {
    fc.assert(
      fc.property(entry, entry, values, beyond, (previous, last, pairs, digest) => {
        const dump: Dump = {
          state: {
            lastApplied: last.index,
            values: pairs
              .map((each) => ({ ...each, index: 0 }))
              .sort((a, b) => (a.key < b.key ? -1 : 1)),
            beyond: digest,
          },
          previous,
          last,
          cluster: ["A", "B", "c:1"],
        };
        const bytes = encodeDump({ ...dump, self: "B" });
        expect(load(bytes)).toEqual(dump);
        expect(toHex(encodeDump({ ...load(bytes), self: "B" }))).toBe(toHex(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it("counts the writer among the members", () => {
    const { previous, last, state } = load(readFixture("01-healthy-compacted/A/raft.dump"));
    const bytes = encodeDump({ previous, last, state, cluster: ["B"], self: "A" });
    expect(load(bytes).cluster).toEqual(["A", "B"]);
  });

  it("writes what two entries share once: Python has each single byte only once", () => {
    const state = { lastApplied: 2, values: [], beyond: "0000000000000000" };
    const of = (command: Uint8Array) =>
      dumpPickle({
        ...{ state, cluster: [], self: "A" },
        previous: { index: 1, term: 1, command: NO_OP },
        last: { index: 2, term: 1, command },
      });
    const [shared, apart] = [of(NO_OP), of(encodeSet("k", "v"))].map((bytes) => toHex(bytes));
    const encoded = /5f636f64656373/g; // "_codecs"
    expect(shared?.match(encoded)).toHaveLength(1);
    expect(shared!.length).toBeLessThan(apart!.length);
  });

  it("gives names to numbers that are beyond 2^53, in their order", () => {
    const wide = 3543600036814353920n;
    const item = (index: bigint, term: bigint): PickleValue =>
      tuple([{ type: "bytes", bytes: NO_OP }, index, term]);
    const pickle = tuple([
      { type: "dict", pairs: [] },
      item(wide + 1n, wide),
      item(wide, 3n),
      null,
    ]);
    const { previous, last } = load(gzip(encodePickle(pickle), "x"));
    expect(last.index - previous.index).toBe(1);
    expect(last.term).toBe(previous.index);
    expect(Number.isSafeInteger(last.index)).toBe(true);
  });
});

interface Found {
  readonly state: unknown;
  readonly lastAppliedEntry: FoundEntry;
  readonly previousEntry: FoundEntry;
  readonly cluster: { readonly $set: readonly { readonly state: { readonly _id: string } }[] };
}

interface FoundEntry {
  readonly index: number;
  readonly term: number;
  readonly command: { readonly hex: string };
}

function load(bytes: Uint8Array): Dump {
  const found = decodeDump(bytes);
  if (!found.ok) throw new Error(`${found.name}: ${found.reason}`);
  return found.value;
}

function plain({ index, term, command }: Entry): unknown {
  return [index, term, toHex(command)];
}

function plainFound({ index, term, command }: FoundEntry): unknown {
  return [index, term, command.hex];
}

function tuple(items: readonly PickleValue[]): PickleValue {
  return { type: "tuple", items };
}

function zeroedFrom(bytes: Uint8Array, from: number): Uint8Array {
  return bytes.slice().fill(0, from);
}

function keysIn(inside: Uint8Array): unknown[] {
  const pickled = decodePickle(inside);
  const value = pickled.ok ? pickled.value.value : null;
  const [state = null] = isTuple(value) ? value.items : [];
  const data = isDict(state) ? (state.pairs.find(([key]) => key === "data")?.[1] ?? null) : null;
  return isDict(data) ? data.pairs.map(([key]) => key) : [];
}
