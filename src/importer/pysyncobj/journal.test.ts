import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "#base/bytes.ts";
import {
  decodeJournal,
  encodeHeader,
  encodeRecord,
  HEADER_SIZE,
  type JournalRecord,
} from "#system/pysyncobj/format.ts";
import { type ScannedJournal, scanJournal } from "./journal.ts";

describe("a journal too long to be held as objects reads as it would in one piece", () => {
  const whole = journalOf(2_000);

  it("whole", () => {
    const { scanned, slices } = scan(whole);
    expect(slices).toBeGreaterThan(2);
    expect(plain(scanned)).toEqual(plain(decodeJournal(whole)));
    expect(scanned.records.length).toBe(2_000);
    expect(scanned.records.at(-1)?.index).toBe(2_000);
  });

  it("cut in the middle of a record", () => {
    const cut = whole.subarray(0, endOf(whole) - 30);
    expect(plain(scan(cut).scanned)).toEqual(plain(decodeJournal(cut)));
    expect(scan(cut).scanned.loadError).toBeNull();
  });

  it("with a page of zeros in the middle", () => {
    const torn = whole.slice();
    torn.fill(0, 98_304, 102_400);
    expect(plain(scan(torn).scanned)).toEqual(plain(decodeJournal(torn)));
    expect(scan(torn).scanned.loadError?.name).toBe("struct.error");
  });

  it("with an impossible length", () => {
    const torn = whole.slice();
    const { offset } = decodeJournal(whole).records.at(1_200) ?? { offset: 0 };
    new DataView(torn.buffer).setUint32(offset, 0xf0000000, true);
    expect(plain(scan(torn).scanned)).toEqual(plain(decodeJournal(torn)));
  });

  it("with an index left out and a term that goes down where two slices meet", () => {
    for (const place of [48, 49, 50, 97, 98, 99]) {
      const odd = whole.slice();
      const { offset } = decodeJournal(whole).records.at(place) ?? { offset: 0 };
      const view = new DataView(odd.buffer);
      view.setBigUint64(offset + 4, 2n ** 60n, true);
      view.setBigUint64(offset + 12, 9n, true);
      expect([place, plain(scan(odd).scanned)]).toEqual([place, plain(decodeJournal(odd))]);
    }
  });

  it("with a header that is older than the records, which are ghosts then", () => {
    const behind = whole.slice();
    const { offset } = decodeJournal(whole).records.at(1_990) ?? { offset: 0 };
    new DataView(behind.buffer).setUint32(36, offset, true);
    expect(plain(scan(behind).scanned)).toEqual(plain(decodeJournal(behind)));
    expect(scan(behind).scanned.ghosts).toHaveLength(10);
  });
});

it("problems without end are counted", () => {
  const bad = journalOf(2_000, (record) => record.fill(0xff, record.length - 4));
  const { problems } = scan(bad).scanned;
  expect(problems).toHaveLength(1001);
  expect(problems.at(-1)?.reason).toBe("and 1000 more like these behind it");
});

function journalOf(count: number, change: (record: Uint8Array) => void = () => {}): Uint8Array {
  const records = Array.from({ length: count }, (_, i) => {
    const record = encodeRecord(
      i + 1,
      i < 1_000 ? 3 : 4,
      Uint8Array.from({ length: 56 }, () => 1),
    );
    change(record);
    return record;
  });
  const length = records.reduce((sum, { length }) => sum + length, HEADER_SIZE);
  return concatBytes([encodeHeader(length), ...records, new Uint8Array(1000)]);
}

function endOf(bytes: Uint8Array): number {
  return decodeJournal(bytes).endOffset;
}

function scan(bytes: Uint8Array): { scanned: ScannedJournal; slices: number } {
  const slices = scanJournal(bytes, { shortMost: 4096, slice: 4096 });
  for (let count = 0; ; count++) {
    const { done, value } = slices.next();
    if (done) return { scanned: value, slices: count };
  }
}

function plain({ records, ...rest }: ScannedJournal) {
  const text = (record: JournalRecord) => ({ ...record, command: toHex(record.command) });
  return { ...rest, ghosts: rest.ghosts.map(text), records: Array.from(records, text) };
}
