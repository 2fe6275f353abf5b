import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from "./base64.ts";

const bytes = fc.uint8Array({ maxLength: 200 });

describe("base64", () => {
  it("agrees with the platform's own codec", () => {
    fc.assert(
      fc.property(bytes, (some) => {
        expect(encodeBase64(some)).toBe(Buffer.from(some).toString("base64"));
        expect(encodeBase64Url(some)).toBe(Buffer.from(some).toString("base64url"));
      }),
    );
  });

  it("decodes what it encoded", () => {
    fc.assert(
      fc.property(bytes, (some) => {
        expect(decodeBase64(encodeBase64(some))).toEqual(some);
        expect(decodeBase64Url(encodeBase64Url(some))).toEqual(some);
      }),
    );
  });

  it("reads no text but the one that stands for the bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."AQgw-_+/= ") }), (text) => {
        const standard = decodeBase64(text);
        if (standard !== null) expect(encodeBase64(standard)).toBe(text);
        const safe = decodeBase64Url(text);
        if (safe !== null) expect(encodeBase64Url(safe)).toBe(text);
      }),
    );
  });

  it.each(["A", "AA", "AAA", "AA=", "A===", "AB==", "AA==AA==", "A A=", "AA-="])(
    "refuses %j",
    (text) => {
      expect(decodeBase64(text)).toBeNull();
    },
  );
});
