import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "#base/bytes.ts";
import { METAS } from "#system/pysyncobj/fixtures.testkit.ts";
import { decodeMeta, EMPTY_META } from "#system/pysyncobj/format.ts";
import { dialectOf, encodeMetaIn } from "./dialects.ts";

const OURS = { protocol: 2, python: 3 } as const;

describe("decode, then encode in its own dialect, is the identity on every undamaged meta", () => {
  it.each(METAS.filter(({ bytes }) => decodeMeta(bytes).ok))("$path", ({ bytes }) => {
    const dialect = dialectOf(bytes);
    expect(dialect).not.toBeNull();
    const meta = decodeMeta(bytes);
    const again = encodeMetaIn(meta.ok ? meta.value : EMPTY_META, dialect ?? OURS);
    expect(toHex(again ?? new Uint8Array())).toBe(toHex(bytes));
  });
});

// What Python 3.11 writes for {'raftCommitIndex': 70000, 'currentTerm': 300, 'votedForNodeId': '127.0.0.1:7002', 'x': None}.
const PICKLES: readonly (readonly [number, string])[] = [
  [
    0,
    "286470300a5672616674436f6d6d6974496e6465780a70310a4937303030300a735663757272656e745465726d0a70320a493330300a7356766f746564466f724e6f646549640a70330a563132372e302e302e313a373030320a70340a7356780a70350a4e732e",
  ],
  [
    1,
    "7d710028580f00000072616674436f6d6d6974496e64657871014a70110100580b00000063757272656e745465726d71024d2c01580e000000766f746564466f724e6f646549647103580e0000003132372e302e302e313a37303032710458010000007871054e752e",
  ],
  [
    2,
    "80027d710028580f00000072616674436f6d6d6974496e64657871014a70110100580b00000063757272656e745465726d71024d2c01580e000000766f746564466f724e6f646549647103580e0000003132372e302e302e313a37303032710458010000007871054e752e",
  ],
  [
    3,
    "80037d710028580f00000072616674436f6d6d6974496e64657871014a70110100580b00000063757272656e745465726d71024d2c01580e000000766f746564466f724e6f646549647103580e0000003132372e302e302e313a37303032710458010000007871054e752e",
  ],
  [
    4,
    "80049554000000000000007d94288c0f72616674436f6d6d6974496e646578944a701101008c0b63757272656e745465726d944d2c018c0e766f746564466f724e6f64654964948c0e3132372e302e302e313a37303032948c0178944e752e",
  ],
  [
    5,
    "80059554000000000000007d94288c0f72616674436f6d6d6974496e646578944a701101008c0b63757272656e745465726d944d2c018c0e766f746564466f724e6f64654964948c0e3132372e302e302e313a37303032948c0178944e752e",
  ],
];

describe("a dict with more in it, in each protocol", () => {
  it.each(PICKLES)("protocol %i", (protocol, hex) => {
    const bytes = fromHex(hex) ?? new Uint8Array();
    expect(dialectOf(bytes)).toEqual({ protocol, python: 3 });
  });
});

it("what no dialect here writes is nobody's", () => {
  expect(dialectOf(Uint8Array.of(0x80, 2, 0x7d, 0x2e, 0))).toBeNull();
  // A float.
  expect(
    encodeMetaIn({ type: "dict", pairs: [["x", 0.5]] }, { protocol: 4, python: 3 }),
  ).toBeNull();
});
