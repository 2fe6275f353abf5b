// What the browser remembers for us between visits. Every access may be refused (private windows), and then nothing is.

export interface RememberedRun {
  readonly run: string;
  /** The fragment it was opened from; empty: none. */
  readonly from: string;
}

/** The run this tab showed last; null: it is a new tab. */
export function recallTab(): string | null {
  return parseRun(read(() => sessionStorage, "run"))?.run ?? null;
}

/**
 * The run that goes on when the page is opened with this fragment: what this tab showed under that address, else what any tab
 * opened from it.
 */
export function recallOpened(fragment: string): string | null {
  const remembered = [read(() => sessionStorage, "run"), read(() => localStorage, "run")];
  return remembered.map(parseRun).find((each) => each?.from === fragment)?.run ?? null;
}

export function rememberRun({ run, from }: RememberedRun): void {
  write(() => sessionStorage, "run", JSON.stringify({ run, from: location.hash }));
  write(() => localStorage, "run", JSON.stringify({ run, from }));
}

/** This tab shows a run that was stored. Whence it came stays as it is. */
export function rememberResumed(run: string): void {
  const known = parseRun(read(() => localStorage, "run"));
  rememberRun({ run, from: known?.run === run ? known.from : "" });
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
