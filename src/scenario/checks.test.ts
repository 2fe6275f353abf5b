import { expect, it } from "vitest";
import { CHECKS } from "#audit/registry.ts";
import { CHECK_IDS } from "./checks.ts";

it("an expectation may name every check of the auditor, and no other", () => {
  expect(CHECK_IDS).toEqual(CHECKS.map(({ id }) => id));
});
