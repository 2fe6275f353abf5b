import type { Implications, Piece } from "./pieces.ts";
import { closeUp } from "./rules.ts";

/** Rules among made-up pieces: by piece what it needs; and those that survive every crash, with what they need. */
export function implied(
  needs: readonly (readonly number[])[],
  survivors: readonly number[] = [],
): Implications {
  const starts = [0];
  const flat: number[] = [];
  for (const each of needs) {
    flat.push(...each);
    starts.push(flat.length);
  }
  const pieces = needs.map(
    (_, i): Piece => ({ sequence: i + 1, lastSequence: i + 1, kind: "data", parts: [] }),
  );
  const forced = new Uint8Array(pieces.length);
  for (const piece of survivors) forced[piece] = 1;
  const rules = {
    pieces,
    starts,
    needs: flat,
    rules: flat.map(() => "same-cell" as const),
    forced,
  };
  closeUp(rules, forced);
  return rules;
}

/** Every closed set that a crash may keep, by brute force: all subsets are looked at. */
export function closedMasks({ pieces, starts, needs, forced }: Implications): Uint8Array[] {
  const masks: Uint8Array[] = [];
  for (let bits = 0; bits < 2 ** pieces.length; bits++) {
    const mask = Uint8Array.from(pieces, (_, i) => (bits >> i) & 1);
    const isClosed = pieces.every((_, i) => {
      if (mask[i] !== 1) return forced[i] !== 1;
      return needs.slice(starts[i], starts[i + 1]).every((needed) => mask[needed] === 1);
    });
    if (isClosed) masks.push(mask);
  }
  return masks;
}
