/** What share a count out of so many leaves possible, in per mille, with 95 % confidence (Clopper and Pearson, 1934). */
export function intervalOf(count: number, of: number): readonly [low: number, high: number] {
  const low = count === 0 ? 0 : bisect((share) => 1 - below(count - 1, of, share) >= 0.025);
  const high = count === of ? 1000 : bisect((share) => below(count, of, share) <= 0.025);
  return [low, high];
}

/** The least share, in per mille, from which on this holds. */
function bisect(holds: (share: number) => boolean): number {
  let [low, high] = [0, 1000];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle / 1000)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** That at most `count` of `of` come about. */
function below(count: number, of: number, share: number): number {
  if (share >= 1) return count >= of ? 1 : 0;
  let term = (1 - share) ** of;
  let sum = term;
  for (let k = 1; k <= count; k++) {
    term *= ((of - k + 1) / k) * (share / (1 - share));
    sum += term;
  }
  return sum;
}
