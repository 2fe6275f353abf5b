import { expect, it } from "vitest";
import { inFormWords, policyAbout } from "./disk-options.ts";

it("names settings as the form does, not by their path", () => {
  expect(
    inFormWords(
      'cluster.machines[0].disk.powersafeOverwrite does not fit: powersafeOverwrite is false, but with tear "none" no write is ever left half done',
    ),
  ).toBe(
    '“Power-safe overwrite” does not fit: “Power-safe overwrite” is false, but with “Torn writes” "none" no write is ever left half done',
  );
  expect(inFormWords("disk.exposure does not fit")).toBe("“Size without data” does not fit");
});

it("has a definition of each policy that heads a table, and none of others", () => {
  expect(policyAbout("data-first")).toMatch(/^Names and sizes/);
  expect(policyAbout("user")).toBe("");
});
