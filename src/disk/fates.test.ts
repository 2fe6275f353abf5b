import { describe, expect, it } from "vitest";
import { type Factors, fatesIn, fateWith, gathered, isWithin, narrowed } from "./fates.ts";
import { type Fate, KEPT, LOST } from "./ground.ts";

const A = [fate("k.."), fate("l..")];
const B = [fate(".k."), fate(".lk"), fate(".ll")];

describe("sets of states as a product", () => {
  it("are all combinations of what the factors decide", () => {
    const words = fatesIn([A, B], 10).map(text);
    expect(words).toEqual(["kk.", "klk", "kll", "lk.", "llk", "lll"]);
  });

  it("are listed as far as asked", () => {
    expect(fatesIn([A, B], 4)).toHaveLength(4);
    expect(fatesIn([A, B], 0)).toEqual([]);
  });

  it("multiply only what a question depends on", () => {
    const asked = gathered([A, B], [2], fate("..."), 100);
    expect(asked?.fates.map(text)).toEqual([".k.", ".lk", ".ll"]);
    expect(asked?.others).toEqual([A]);
  });

  it("tell a question what factors left alone say throughout", () => {
    const asked = gathered([[fate("k..")], B], [0, 1], fate("..."), 100);
    expect(asked?.fates.map(text)).toEqual(["kk.", "klk", "kll"]);
  });

  it("are not multiplied beyond what is asked for", () => {
    expect(gathered([A, B], [0, 1], fate("..."), 5)).toBeNull();
  });

  it("have a state in which all is right where each factor has one", () => {
    const nothingLostBut = (piece: number) => (each: Fate) =>
      each.every((value, i) => value !== LOST || i === piece);
    expect(text(fateWith([A, B], nothingLostBut(1)) as Fate)).toBe("kk.");
    expect(fateWith([[fate("l..")], B], nothingLostBut(1))).toBeNull();
  });

  it("take one answer in beside the others", () => {
    expect(narrowed([fate("..k")], [A]).map((factor) => factor.map(text))).toEqual([
      ["k.k", "l.k"],
    ]);
    expect(narrowed(B, [A])).toEqual([B, A]);
  });
});

describe("states that are like others wherever somebody looks", () => {
  const within = (factors: Factors, others: Factors, pieces: readonly number[]) =>
    isWithin(factors, others, pieces, fate("..."));

  it("agree with them on those pieces, whatever they are elsewhere", () => {
    expect(within([[fate("kl.")]], [[fate("k..")]], [0, 1, 2])).toBe(true);
    expect(within([[fate("k..")]], [[fate("kl.")]], [0, 1, 2])).toBe(false);
    expect(within([[fate("k..")]], [[fate("kl.")]], [0, 2])).toBe(true);
    expect(within([[fate("l..")]], [[fate("k..")]], [0])).toBe(false);
  });

  it("are so each by itself, and by what all factors say together", () => {
    expect(within([A, B], [B], [0, 1, 2])).toBe(true);
    expect(within([B], [A, B], [0, 1, 2])).toBe(false);
    expect(within([B], [A, B], [1, 2])).toBe(true);
    expect(within([A, [fate(".k."), fate(".lk")]], [A, B], [0, 1, 2])).toBe(true);
    expect(within([A, B], [A, [fate(".k."), fate(".lk")]], [0, 1, 2])).toBe(false);
  });
});

function fate(word: string): Fate {
  return Uint8Array.from(word, (each) => (each === "k" ? KEPT : each === "l" ? LOST : 0));
}

function text(each: Fate): string {
  return [...each].map((value) => ".kl"[value]).join("");
}
