import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "./bytes.ts";
import { gunzip, gzip, gzipParts } from "./gzip.ts";
import { encodeUtf8 } from "./utf8.ts";

const MOST = 1 << 20;
const TEXT = encodeUtf8("the state machine, the state machine, and the last two entries");

describe("gzip", () => {
  it("is undone by gunzip", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        const found = gunzip(gzip(bytes, "raft.dump.tmp"), MOST);
        expect(found).toMatchObject({ isWhole: true, damage: null });
        expect(toHex(found!.bytes)).toBe(toHex(bytes));
      }),
    );
  });

  it("writes the header of Python's gzip module, without a time", () => {
    const packed = gzip(TEXT, "a.tmp");
    expect(toHex(packed.subarray(0, 16))).toBe("1f8b08080000000002ff612e746d7000");
    expect(gzipParts(packed)).toEqual({ name: { offset: 10, text: "a.tmp" }, data: 16 });
  });

  it("gives the same bytes every time", () => {
    expect(toHex(gzip(TEXT, "a"))).toBe(toHex(gzip(TEXT, "a")));
  });
});

describe("gunzip", () => {
  it("gives up where there is too much, and keeps nothing of it", () => {
    const zeros = gzip(new Uint8Array(3 * MOST), "a");
    const found = gunzip(zeros, MOST);
    expect(found).toMatchObject({ isTooMuch: true, isWhole: false });
    expect(found?.bytes.length).toBe(0);
  });

  const packed = gzip(TEXT, "a");

  it("of a cut file gives what is there, and knows that it is not all", () => {
    for (let length = 12; length < packed.length; length++) {
      const found = gunzip(packed.subarray(0, length), MOST);
      expect(found?.isWhole).toBe(false);
      const { bytes } = found!;
      expect(toHex(TEXT)).toContain(toHex(bytes));
    }
  });

  it("of a file that lacks nothing but its trailer gives everything", () => {
    for (let missing = 1; missing <= 8; missing++) {
      const found = gunzip(packed.subarray(0, packed.length - missing), MOST);
      expect(toHex(found!.bytes)).toBe(toHex(TEXT));
    }
  });

  it("of a wrong checksum gives everything all the same", () => {
    const wrong = packed.slice();
    wrong[packed.length - 8] = (wrong[packed.length - 8] ?? 0) ^ 1;
    expect(gunzip(wrong, MOST)).toMatchObject({ isWhole: false, bytes: TEXT });
  });

  it.each(["", "1f", "1f8b0808", "00000000000000000000000000", "1f8b08080000000002ff61"])(
    "of %s finds no header",
    (hex) => expect(gunzip(fromHex(hex) ?? new Uint8Array(), MOST)).toBeNull(),
  );

  it("gives up on what unpacks to too much", () => {
    expect(gunzip(gzip(new Uint8Array(100_000), "a"), 1000)?.damage).toMatch(/more than 1000/);
  });

  it("ends on any bytes, and takes none of them for whole", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        const bytes = new Uint8Array([...packed.subarray(0, 12), ...random]);
        fc.pre(toHex(bytes) !== toHex(packed));
        expect(gunzip(bytes, MOST)?.isWhole).toBe(false);
      }),
    );
  });
});
