import { describe, expect, it } from "vitest";
import { pending, sector } from "./disk.testkit.ts";
import {
  agreementText,
  choiceText,
  effectsAt,
  followedText,
  leftText,
  pagesText,
  pageText,
  SECTOR_STATES,
  sectorText,
  slabsOf,
  versionsText,
} from "./disk-words.ts";

describe("a sector in words", () => {
  it("says where it is and what it holds", () => {
    expect(sectorText(sector(3, { state: "written" }), 512)).toBe(
      "Sector 3, bytes 1536 to 2047: written; newer in the cache, and no sync has covered it.",
    );
  });

  it("names the versions that a crash may leave", () => {
    const dirty = sector(0, { state: "written", versions: 3, pending: [12, 15] });
    expect(versionsText(dirty, "power", pending("12 15<12"))).toBe(
      "A power cut may leave any of 3 versions: the durable one, #12 or #15.",
    );
  });

  it("is left alone by a crash when nothing is pending on it", () => {
    expect(versionsText(sector(0), "os", [])).toBe("A system crash leaves it as it is.");
  });

  it("counts the versions that are too many to name", () => {
    const many = sector(0, { versions: 11 });
    expect(versionsText(many, "power", pending("1 2 3 4 5 6 7 8 9 10"))).toMatch(
      /^A power cut may leave any of 11 versions: .* #6 or 4 more\.$/,
    );
  });

  it("may be garbage where overwrites are not power-safe", () => {
    const [one, two] = pending("1 2<1");
    const effects = [{ ...one!, kind: "garble" as const }, two!];
    expect(versionsText(sector(0, { versions: 3 }), "power", effects)).toBe(
      "A power cut may leave any of 3 versions: the durable one, #2 or garbage.",
    );
  });

  it("keeps in any case what the device has, and may keep what came after", () => {
    const [one, two, three] = pending("1 2<1 3<2");
    const inDevice = [
      { ...one!, forced: true },
      { ...two!, forced: true },
    ];
    const dirty = sector(0, { state: "in-flight", versions: 4 });
    expect(versionsText(dirty, "os", inDevice)).toBe(
      "A system crash leaves it as it is: the device's own cache holds #2.",
    );
    expect(versionsText(dirty, "os", [...inDevice, three!])).toBe(
      "A system crash may leave any of 2 versions: #2 or #3.",
    );
  });

  it("falls back to the platter where the kernel has given it up", () => {
    expect(versionsText(sector(0, { state: "forgotten" }), "power", [])).toBe(
      "A power cut takes it back to what the platter holds.",
    );
  });

  it("has a letter of its own for each state", () => {
    const letters = Object.values(SECTOR_STATES).map(({ letter }) => letter);
    expect(new Set(letters).size).toBe(letters.length);
  });
});

describe("pages in words", () => {
  const givenUp = {
    page: 0,
    state: "dirty" as const,
    pending: [],
    sectors: [sector(0, { state: "forgotten" })],
  };
  const dirty = { ...givenUp, page: 1, pending: [4], sectors: [sector(8, { state: "written" })] };

  it("tell a page that counts as clean from one that is", () => {
    expect(pageText(givenUp)).toBe(
      "The kernel counts page 0 as clean, although the platter differs.",
    );
    expect(pageText({ ...givenUp, state: "clean", sectors: [sector(0)] })).toBe("Page 0 is clean.");
    expect(pageText(dirty)).toBe("Page 1 is not flushed.");
  });

  it("count as dirty only what a sync would write", () => {
    expect(pagesText([givenUp, dirty])).toBe("1 dirty, 1 unlike the platter");
    expect(pagesText([{ ...givenUp, state: "clean" }])).toBe("");
  });
});

describe("cache and platter with nothing pending", () => {
  const file = (path: string, bytes: readonly number[], durable: readonly number[]) => ({
    path,
    size: bytes.length,
    durableSize: durable.length,
    pages: [],
    bytes: Uint8Array.from(bytes),
    durableBytes: Uint8Array.from(durable),
    spans: [],
    problems: [],
  });

  it("agree when all bytes do", () => {
    expect(agreementText([file("A/wal", [1, 2], [1, 2])])).toMatch(/^Cache and platter agree/);
  });

  it.each([
    ["a byte differs", [1, 0]],
    ["one is shorter", [1]],
  ])("do not agree when %s", (_, durable) => {
    const files = [file("A/wal", [1, 2], durable), file("A/vote", [], [])];
    expect(agreementText(files)).toMatch(/the platter holds other bytes of A\/wal: /);
  });
});

describe("the slabs of a sector", () => {
  it("are the durable bytes with each newer version above", () => {
    const dirty = sector(0, { state: "written", versions: 3, pending: [1, 2] });
    expect(slabsOf(dirty, 4)).toEqual({ slabs: ["durable", "written", "written"], more: 0 });
  });

  it("leave out what is too much, and say how much", () => {
    const dirty = sector(0, { state: "written", versions: 9, pending: [] });
    expect(slabsOf(dirty, 3)).toEqual({ slabs: ["durable", "written", "written"], more: 6 });
  });

  it("are one damaged slab where nothing is pending", () => {
    expect(slabsOf(sector(0, { state: "rotten" }), 4).slabs).toEqual(["rotten"]);
  });

  it("are written over damage that is still on the platter", () => {
    const torn = sector(0, { state: "torn", versions: 2, pending: [4] });
    expect(slabsOf(torn, 4).slabs).toEqual(["torn", "written"]);
  });

  it("show what no sync will write over what is durable", () => {
    expect(slabsOf(sector(0, { state: "forgotten" }), 4).slabs).toEqual(["durable", "forgotten"]);
  });
});

describe("a choice in words", () => {
  it("says what it leaves of a sector", () => {
    const [one, two, three] = pending("1 2 3");
    const effects = [one!, two!, { ...three!, kind: "garble" as const }];
    expect(leftText(effects, new Set())).toBe("With this choice it keeps its durable bytes.");
    expect(leftText(effects, new Set([1, 2]))).toBe("With this choice #2 is the newest on it.");
    expect(leftText(effects, new Set([1, 2, 3]))).toBe("With this choice it holds garbage.");
  });

  it("says how much is kept", () => {
    const effects = pending("1 2 3");
    expect(choiceText(new Set([1]), effects)).toBe("keeps 1 of 3");
    expect(choiceText(new Set(), effects)).toBe("loses all 3");
    expect(choiceText(new Set([1, 2, 3]), effects)).toBe("keeps all 3");
  });

  it("gives the rule by which something was dropped", () => {
    expect(followedText({ sequence: 14, because: 9, rule: "truncate-first" }, false)).toBe(
      "#14 was dropped too: it writes where the truncate #9 cut off older data.",
    );
  });

  it("gives the rule by which something was kept", () => {
    expect(followedText({ sequence: 9, because: 14, rule: "exposed-data" }, true)).toBe(
      "#9 was kept too: #14 lets readers see the bytes of it.",
    );
  });
});

it("finds the effects on a stretch of a file", () => {
  const effects = pending("1 2 3 4");
  expect(effectsAt(effects, "A/wal", 2, 2).map(({ sequence }) => sequence)).toEqual([2, 3]);
  expect(effectsAt(effects, "A/other", 0, 9)).toEqual([]);
});
