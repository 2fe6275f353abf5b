import { ok, type Result, refused } from "#base/result.ts";

/** Options that stand for something even when they are empty: no bug at all. */
const MAY_BE_EMPTY: readonly string[] = ["--bugs"];

/**
 * The words of the command line as the parser takes them for what they are: it would read a negative number as an option,
 * and an empty text as 0. Refused: an option that is given nothing, by its name.
 */
export function settledWords(words: readonly string[]): Result<readonly string[]> {
  const settled: string[] = [];
  for (const [at, word] of words.entries()) {
    const before = words[at - 1] ?? "";
    const isNamed = /^--[a-z][a-z-]*$/.test(before);
    const [, name = ""] = /^(--[a-z][a-z-]*)=$/.exec(word) ?? [];
    const empty = name !== "" ? name : isNamed && word === "" ? before : "";
    if (empty !== "" && !MAY_BE_EMPTY.includes(empty)) {
      return refused(
        `${empty} is given nothing. Say what it is to be (${empty} VALUE), or leave it out.`,
      );
    }
    if (isNamed && /^-\d/.test(word)) settled[settled.length - 1] = `${before}=${word}`;
    else settled.push(word);
  }
  return ok(settled);
}
