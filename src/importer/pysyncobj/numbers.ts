import type { Whole } from "#system/pysyncobj/format.ts";

/** The numbers of a cluster's files, as they are in the files and as a run can hold them. */
export interface Numbers {
  /** What a run calls a number of the files: itself, or a safe integer in its place of the order. */
  nameOf(value: Whole): number;
  /** The number that a run means, exact. */
  trueOf(name: number): bigint;
  /** Those that a run calls something else, in order. */
  readonly renamed: readonly { readonly value: bigint; readonly name: number }[];
}

const WIDE = 2n ** 53n;
/** From here on numbers make room for wider ones. */
const ROOM_FROM = 2n ** 52n;
/** Numbers stay as far from each other as they are, up to this. */
const STEP_MOST = 2n ** 20n;

/** Numbers are renamed only where some are wider than what a run can hold: their order stays, and small distances do. */
export function numbersOf(all: Iterable<Whole>): Numbers {
  const high = new Set<bigint>();
  for (const value of all) if (value >= ROOM_FROM) high.add(BigInt(value));
  const sorted = [...high].sort((a, b) => (a < b ? -1 : 1));
  const names = [{ value: 0n, name: 0 }];
  if ((sorted.at(-1) ?? 0n) >= WIDE) {
    let previous = ROOM_FROM;
    let name = Number(ROOM_FROM);
    for (const value of sorted) {
      const step = value - previous;
      name += Number(step < STEP_MOST ? step : STEP_MOST);
      names.push({ value, name });
      previous = value;
    }
  }
  const byValue = new Map(names.map((each) => [each.value, each.name]));
  return {
    nameOf: (value) => byValue.get(BigInt(value)) ?? Number(value),
    trueOf(name) {
      // What a run counts on from a number is that far from it in truth, too.
      const { value, name: known } = lastUpTo(names, name);
      return value + BigInt(name - known);
    },
    renamed: names.filter(({ value, name }) => value !== BigInt(name)),
  };
}

function lastUpTo<Each extends { readonly name: number }>(names: readonly Each[], name: number) {
  let [low, high] = [0, names.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((names[middle]?.name ?? 0) <= name) low = middle;
    else high = middle - 1;
  }
  return names[low] ?? { value: 0n, name: 0 };
}
