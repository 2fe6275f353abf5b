/**
 * The new value, with every part that equals the old one replaced by the old part. Frames arrive as copies; kept
 * identities let memoised components see that nothing about them changed.
 */
export function settle<Value>(old: unknown, next: Value): Value {
  if (Object.is(old, next)) return next;
  if (Array.isArray(next)) return settleArray(old, next) as Value;
  if (isPlain(next)) return settleObject(old, next) as Value;
  return next;
}

function settleArray(old: unknown, next: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(old)) return next;
  const settled = next.map((value, at) => settle(old[at], value));
  const same = old.length === settled.length && settled.every((value, at) => value === old[at]);
  return same ? old : settled;
}

function settleObject(old: unknown, next: Readonly<Record<string, unknown>>): unknown {
  if (!isPlain(old)) return next;
  const keys = Object.keys(next);
  let same = keys.length === Object.keys(old).length;
  const settled: Record<string, unknown> = {};
  for (const key of keys) {
    settled[key] = settle(old[key], next[key]);
    same &&= settled[key] === old[key];
  }
  return same ? old : settled;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
