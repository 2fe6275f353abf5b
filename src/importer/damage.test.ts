import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filesIn } from "#system/pysyncobj/fixtures.testkit.ts";
import type { GivenFile } from "./contract.ts";
import { importFiles } from "./import-files.ts";
import { reportLines } from "./report-text.ts";

/** What may become of a file: cut off, a run of bytes gone to zero or to anything else. */
type Harm =
  | { readonly type: "cut"; readonly at: number }
  | { readonly type: "fill"; readonly at: number; readonly length: number; readonly byte: number };

const thousandth = fc.integer({ min: 0, max: 1000 });
const harm: fc.Arbitrary<Harm> = fc.oneof(
  fc.record({ type: fc.constant("cut" as const), at: thousandth }),
  fc.record({
    type: fc.constant("fill" as const),
    at: thousandth,
    length: fc.integer({ min: 1, max: 600 }),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
);

describe("whatever happened to real files, the report comes about", () => {
  it.each([
    "01-healthy-compacted",
    "02-simultaneous-restart/truncated-C",
    "08-formats/patroni-shaped",
    "08-formats/all-value-types-in-journal",
  ])("%s", (set) => {
    const files = filesIn(set).filter(({ path }) => !path.endsWith(".json"));
    const harmed = fc.record({ file: fc.nat({ max: files.length - 1 }), harm });
    fc.assert(
      fc.property(fc.array(harmed, { minLength: 1, maxLength: 4 }), (all) => {
        const given = files.map((file, i) =>
          all
            .filter((each) => each.file === i)
            .reduce((bytes, each) => harmedBy(bytes, each.harm), file),
        );
        const { forensics, findings, files: read } = importFiles(given);
        for (const { path, size, parts, condition } of forensics.files) {
          const covered = parts.reduce((sum, { length }) => sum + length, 0);
          expect([path, covered]).toEqual([path, condition === "foreign" ? 0 : size]);
        }
        for (const { boots } of forensics.boots) {
          const versions = boots.flatMap((boot) => boot.versions);
          expect(new Set(versions).size).toBe(versions.length);
          for (const boot of boots) expect(boot.server === null).toBe(boot.verdict === "refuses");
        }
        expect(read).toHaveLength(given.length);
        expect(reportLines(forensics).length).toBeGreaterThan(0);
        // Each file that is not intact is named in some sentence.
        for (const { path, intact } of read) {
          if (!intact) expect(findings.some((text) => text.includes(`${path}, byte `))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});

function harmedBy({ path, bytes }: GivenFile, what: Harm): GivenFile {
  const at = Math.floor((bytes.length * what.at) / 1000);
  if (what.type === "cut") return { path, bytes: bytes.slice(0, at) };
  const changed = bytes.slice();
  changed.fill(what.byte, at, at + what.length);
  return { path, bytes: changed };
}
