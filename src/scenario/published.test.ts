import { readFileSync, writeFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import { expect, it } from "vitest";
import { DOCUMENT } from "./document.ts";

const PUBLISHED = "public/scenario.schema.json";

/** `UPDATE_SCHEMA=1 npx vitest run --project unit src/scenario/published.test.ts` writes it anew; then format it. */
it("the published JSON Schema is that of the document", () => {
  const schema = {
    title: "Blackstart scenario",
    description:
      "A run that can be shared: a cluster, its disks, a script of faults and writes, and what is expected of it. All times are microseconds of virtual time.",
    ...toJsonSchema(DOCUMENT, { typeMode: "input", errorMode: "ignore" }),
  };
  if (process.env.UPDATE_SCHEMA === "1") writeFileSync(PUBLISHED, JSON.stringify(schema, null, 2));
  expect(JSON.parse(readFileSync(PUBLISHED, "utf8"))).toEqual(schema);
});
