/** How many hues and patterns a theme has to offer for terms. */
export const HUES = 6;
export const PATTERNS = 4;

export interface TermStyle {
  readonly term: number;
  /** 0..HUES-1, always the same for a term. */
  readonly hue: number;
  /** 0: plain. 1..PATTERNS-1 tell terms apart that share a hue and are on screen together. */
  readonly pattern: number;
}

export function hueOf(term: number): number {
  return ((term % HUES) + HUES) % HUES;
}

/** The style of every term on screen: terms are plain unless another one on screen has the same hue. */
export function termStyles(terms: Iterable<number>): ReadonlyMap<number, TermStyle> {
  const byHue = new Map<number, number[]>();
  for (const term of new Set(terms)) {
    const hue = hueOf(term);
    byHue.set(hue, [...(byHue.get(hue) ?? []), term]);
  }
  const styles = new Map<number, TermStyle>();
  for (const [hue, aliased] of byHue) {
    const taken = new Set<number>();
    for (const term of aliased.sort((a, b) => a - b)) {
      const pattern = aliased.length === 1 ? 0 : freePattern(term, taken);
      taken.add(pattern);
      styles.set(term, { term, hue, pattern });
    }
  }
  return styles;
}

/** A term keeps its own pattern, as long as no smaller term has it; beyond PATTERNS aliases they repeat. */
function freePattern(term: number, taken: ReadonlySet<number>): number {
  const own = Math.floor(term / HUES) % PATTERNS;
  for (let k = 0; k < PATTERNS; k++) {
    const pattern = (own + k) % PATTERNS;
    if (!taken.has(pattern)) return pattern;
  }
  return own;
}
