/** What a command says and how it ends. Data, so that a command can be tested as a function. */
export interface Answer {
  /** 0: all is as expected. 1: it is not. 2: what was asked for cannot be done. */
  readonly exit: 0 | 1 | 2;
  /** For standard output, without the last line break. */
  readonly out: string;
  /** For standard error, likewise; empty: nothing. */
  readonly err: string;
}

export function badInput(...lines: readonly string[]): Answer {
  return { exit: 2, out: "", err: lines.join("\n") };
}
