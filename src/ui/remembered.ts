// What the browser remembers for us between visits. Every access may be refused (private windows), and then nothing is.

export interface RememberedRun {
  readonly run: string;
  /** The fragment it was opened from; empty: none. */
  readonly from: string;
}

/** The run this tab showed last, else the one any tab showed last. */
export function recallRun(): RememberedRun | null {
  return parseRun(read(() => sessionStorage, "run")) ?? parseRun(read(() => localStorage, "run"));
}

export function rememberRun(run: RememberedRun): void {
  const text = JSON.stringify(run);
  write(() => sessionStorage, "run", text);
  write(() => localStorage, "run", text);
}

export function forgetRun(): void {
  write(() => sessionStorage, "run", null);
  write(() => localStorage, "run", null);
}

export function recallSetting(name: string): string | null {
  return read(() => localStorage, name);
}

export function rememberSetting(name: string, value: string): void {
  write(() => localStorage, name, value);
}

function parseRun(text: string | null): RememberedRun | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { run, from } = value as Record<string, unknown>;
    return typeof run === "string" && typeof from === "string" ? { run, from } : null;
  } catch {
    return null;
  }
}

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Nothing is remembered, and nothing else depends on it.
  }
}
