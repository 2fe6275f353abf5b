/** Numbers drawn along a line of pixels, and back. What lies outside is put at the end it is nearer to. */
export interface Line {
  at(value: number): number;
  valueAt(pixel: number): number;
}

/** `values` and `pixels`: their first and last, which must differ. */
export function lineOf(values: readonly [number, number], pixels: readonly [number, number]): Line {
  return { at: between(values, pixels), valueAt: between(pixels, values) };
}

function between(from: readonly [number, number], to: readonly [number, number]) {
  return (value: number) => {
    const part = Math.min(1, Math.max(0, (value - from[0]) / (from[1] - from[0])));
    return to[0] + part * (to[1] - to[0]);
  };
}
