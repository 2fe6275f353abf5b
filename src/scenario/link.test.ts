import fc from "fast-check";
import { deflateSync } from "fflate";
import { describe, expect, it } from "vitest";
import { decodeLink, encodeLink, type Link, type Shelf } from "./link.ts";
import { anyScenario, minimal, scenarioOf } from "./scenario.testkit.ts";

const SHELVED = { ...minimal(), title: "On the shelf", until: 5_000_000 };
const shelf: Shelf = [{ id: "shelved", scenario: SHELVED }];

const anyLink: fc.Arbitrary<Link> = fc.record({
  scenario: fc.oneof(anyScenario, fc.constant(scenarioOf(SHELVED))),
  position: fc.nat(100_000),
  view: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.string({ maxLength: 20 }), {
    maxKeys: 3,
  }),
  outcome: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
});

describe("a link", () => {
  it("reopens exactly the scenario, position, selection and outcome it was made of", () => {
    fc.assert(
      fc.property(anyLink, (link) => {
        expect(decodeLink(textOf(link), shelf)).toEqual({ ok: true, value: link });
      }),
    );
  });

  it("is the same text for the same scenario", () => {
    fc.assert(
      fc.property(anyLink, (link) => {
        const again = decodeLink(textOf(link), shelf);
        expect(again.ok && textOf(again.value)).toBe(textOf(link));
      }),
    );
  });

  it("needs no escaping in an address", () => {
    fc.assert(fc.property(anyLink, (link) => /^#[\w=&.-]+$/.test(textOf(link))));
  });

  it("names an unchanged library scenario by its id alone", () => {
    expect(textOf(at(SHELVED))).toBe("#l=shelved");
  });

  it("carries only what was changed of a library scenario", () => {
    const text = textOf(at({ ...SHELVED, seed: 9 }));
    expect(text).toMatch(/^#l=shelved&s=1\./);
    expect(text.length).toBeLessThan(60);
  });

  it("can leave a field of a library scenario out", () => {
    const { until: _, ...rest } = SHELVED;
    const link = at({ ...rest, seed: 2 });
    expect(textOf(link)).toMatch(/^#l=shelved/);
    expect(decodeLink(textOf(link), shelf)).toEqual({ ok: true, value: link });
  });

  it("warns when chat programs would cut it", () => {
    const short = encodeLink(at(SHELVED), shelf);
    expect(short.ok && short.value.warning).toBeNull();
    const long = encodeLink(at({ ...SHELVED, about: noise(1900), title: "x" }), []);
    expect(long.ok && long.value.warning).toBeNull();
    const longer = encodeLink(at(withNoise(60)), []);
    expect(longer.ok && longer.value.warning).toMatch(/chat and mail programs/);
  });

  it("refuses to be made of more than it can carry", () => {
    const files = [{ path: "A/x", base64: "AAAA".repeat(1_390_000) }];
    const link = at({ ...SHELVED, cluster: { machines: [{ id: "A", files }] } });
    expect(encodeLink(link, [])).toEqual({
      ok: false,
      problem: "This scenario is too large for a link. Save it as a file instead.",
    });
  });
});

describe("a bad link says what is wrong", () => {
  const good = textOf({ ...at({ ...SHELVED, seed: 9 }), position: 12 });

  it.each<[string, string, RegExp]>([
    ["nothing", "", /names no scenario/],
    ["an anchor of some page", "#top", /names no scenario/],
    ["an unknown field", "#l=shelved&x=1", /names no scenario/],
    ["a field twice", "#l=shelved&l=shelved", /names no scenario/],
    ["an unknown library scenario", "#l=nope", /"nope" that is not in the library/],
    ["no format", "#s=abc", /does not say its format/],
    ["a newer format", "#s=7.AAAA.AAAA", /format 7; this page reads formats up to 1/],
    ["no checksum", good.replace(/\.[^.]*$/, ""), /cut off/],
    ["no deflate stream", "#s=1._____w.AAAAAA", /damaged/],
    ["not base64", "#s=1.!!!.AAAAAA", /damaged/],
    ["no JSON", packed("hello"), /not JSON/],
    ["no object", packed("7"), /broken/],
    ["an unknown field inside", packed('{"scenario":{},"run":"alert(1)"}'), /run is not a field/],
    ["no scenario", packed("{}"), /cannot be used/],
    ["another document", packed('{"scenario":{"a":1}}'), /format must be "blackstart-scenario"/],
    [
      "a wrong scenario",
      packed(JSON.stringify({ scenario: { ...SHELVED, sed: 1 } })),
      /sed is not a field/,
    ],
    ["a negative position", packed('{"position":-1}'), /position/],
    ["both kinds at once", `#l=shelved&${packed('{"scenario":{}}').slice(1)}`, /both/],
    ["a change of nothing", packed('{"change":{"seed":1}}'), /both|cannot be used/],
    ["an absurd length", `#s=1.${"A".repeat(2_000_000)}`, /too long/],
  ])("%s", (_name, text, reason) => {
    const decoded = decodeLink(text, shelf);
    expect(decoded.ok ? "" : decoded.problem).toMatch(reason);
  });

  it("whatever single character was changed, unless it means the same", () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.constantFrom(..."Aaz09-_.#&="), (at, letter) => {
        const changed = good.slice(0, at) + letter + good.slice(at + 1);
        if (changed === good) return;
        const decoded = decodeLink(changed, shelf);
        if (decoded.ok) expect(textOf(decoded.value)).toBe(good);
        else expect(decoded.problem).toMatch(/^Th.*\.$/s);
      }),
    );
  });

  it("wherever it was cut", () => {
    for (let length = 0; length < good.length; length++) {
      const cut = good.slice(0, length);
      if (cut !== "#l=shelved") expect(decodeLink(cut, shelf).ok).toBe(false);
    }
  });

  it("and unpacks no more than four megabytes of what would be a hundred", () => {
    const bomb = deflateSync(new Uint8Array(100_000_000), { level: 9 });
    const text = `#s=1.${Buffer.from(bomb).toString("base64url")}.AAAAAA`;
    expect(decodeLink(text, shelf)).toEqual({
      ok: false,
      problem: "This link is damaged: it unpacks to more than 4194304 bytes.",
    });
  });
});

function at(document: unknown): Link {
  return { scenario: scenarioOf(document), position: 0, view: {}, outcome: null };
}

function textOf(link: Link): string {
  const encoded = encodeLink(link, shelf);
  if (!encoded.ok) throw new Error(encoded.problem);
  return encoded.value.fragment;
}

/** A link as somebody else would make it: a right wrapping of anything. */
function packed(json: string): string {
  const bytes = Buffer.from(json);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(bytes));
  return `#s=1.${Buffer.from(deflateSync(bytes)).toString("base64url")}.${sum.toString("base64url")}`;
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let k = 0; k < 8; k++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

/** Text that deflate can do little with. */
function noise(length: number): string {
  let state = 1;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}

function withNoise(lines: number): unknown {
  const anchor = { type: "at", time: 0 };
  const all = noise(300 * lines);
  const narration = Array.from({ length: lines }, (_, i) => ({
    anchor,
    text: all.slice(300 * i, 300 * (i + 1)),
  }));
  return { ...SHELVED, narration };
}
