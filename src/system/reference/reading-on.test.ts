import fc from "fast-check";
import { expect, it } from "vitest";
import { concatBytes } from "#base/bytes.ts";
import { decodeWal } from "./format.ts";
import { encodeFlush, type WalRecord } from "./record.ts";

const flushes = fc.array(fc.array(fc.nat(255), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 12,
});

it("a file reads the same, whatever was read before it", () => {
  fc.assert(
    fc.property(flushes, fc.nat(), fc.nat(), fc.nat(255), (commands, cut, place, value) => {
      const whole = fileOf(commands);
      const changed = whole.slice(0, 1 + (cut % whole.length));
      changed[place % changed.length] = value;
      forget();
      const alone = decodeWal(changed);
      forget();
      decodeWal(whole);
      expect(decodeWal(changed)).toEqual(alone);
      expect(decodeWal(whole)).toEqual(decodeWal(whole.slice()));
    }),
  );
});

function fileOf(commands: readonly (readonly number[])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let offset = 0;
  let index = 1;
  for (const flush of commands) {
    const records = flush.map((byte): WalRecord => {
      const command = Uint8Array.of(byte);
      return { type: "entry", entry: { index: index++, term: 1, command } };
    });
    const bytes = encodeFlush(
      [{ type: "hard-state", term: 1, votedFor: null }, ...records],
      offset,
    );
    parts.push(bytes);
    offset += bytes.length;
  }
  return concatBytes(parts);
}

/** Reads so many other files that nothing is known any more. */
function forget(): void {
  for (let i = 0; i < 20; i++) decodeWal(Uint8Array.of(255, i));
}
