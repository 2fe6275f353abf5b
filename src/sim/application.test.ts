import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeUtf8 } from "#base/utf8.ts";
import type { Command } from "#system/contract.ts";
import { applicationDigest, applyEntry, createApplication } from "./application.ts";

const commands = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant("set" as const),
      key: fc.constantFrom("a", "b", "ab", ""),
      value: fc.constantFrom("1", "2", "b1", ""),
    }),
    fc.record({ type: fc.constant("delete" as const), key: fc.constantFrom("a", "b", "ab") }),
  ),
  { maxLength: 30 },
);

it("equal maps have equal digests, whatever way led to them", () => {
  fc.assert(
    fc.property(commands, (list) => {
      const walked = run(list);
      const direct = run(
        [...walked.values].map(([key, { value }]) => ({ type: "set", key, value }) as const),
      );
      expect(applicationDigest(walked)).toBe(applicationDigest(direct));
    }),
  );
});

it("different maps have different digests", () => {
  fc.assert(
    fc.property(commands, commands, (one, other) => {
      const [a, b] = [run(one), run(other)];
      expect(applicationDigest(a) === applicationDigest(b)).toBe(text(a) === text(b));
    }),
  );
});

it("compare-and-set writes only over what it expects", () => {
  const cas = (expected: string | null, value: string) =>
    ({ type: "compare-and-set", key: "k", expected, value }) as const;
  const { values } = run([cas("x", "1"), cas(null, "2"), cas("2", "3"), cas("2", "4")]);
  expect(values.get("k")?.value).toBe("3");
});

it("an increment counts as often as it is applied, whatever was there and however large it grows", () => {
  const add = (by: string) => ({ type: "increment", key: "k", by }) as const;
  const sum = (list: readonly Command[]) => run(list).values.get("k")?.value;
  expect(sum([add("1"), add("1"), add("-3")])).toBe("-1");
  expect(sum([{ type: "set", key: "k", value: "many" }, add("2"), add("more")])).toBe("2");
  expect(sum([add("9007199254740993"), add("1")])).toBe("9007199254740994");
});

it("commands of an unknown application count, in their order", () => {
  const one = { type: "opaque", text: "f1(1)" } as const;
  const other = { type: "opaque", text: "f2(1)" } as const;
  const digests = [[], [one], [one, one], [one, other], [other, one]].map((list) =>
    applicationDigest(run(list)),
  );
  expect(new Set(digests).size).toBe(digests.length);
});

function run(list: readonly Command[]) {
  const application = createApplication();
  list.forEach((command, at) => {
    const entry = { index: at + 1, term: 1, command: encodeUtf8("") };
    applyEntry(application, entry, { command, text: "" });
  });
  return application;
}

function text(application: ReturnType<typeof run>): string {
  return JSON.stringify([...application.values].map(([k, { value }]) => [k, value]).sort());
}
