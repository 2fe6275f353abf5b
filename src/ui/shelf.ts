import { type Result, refused } from "#base/result.ts";
import { LIBRARY, libraryScenario } from "#library/registry.ts";
import { decodeLink, encodeLink, type Link, type LinkText } from "#scenario/link.ts";
import { type Problem, problemText } from "#scenario/problem.ts";
import { documentOfTrace, traceFormatOf } from "#scenario/recording.ts";
import { parseScenario, readScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";

// All scenarios that come with the page, and what reads and writes documents and links: much code, which the first picture
// can do without. What is shown at first imports nothing of it but by `fetchShelf`.

type Script = Scenario["script"];

export const SHELF = {
  readLink(fragment: string): Result<Link> {
    return decodeLink(fragment, LIBRARY);
  },
  writeLink(link: Link): Result<LinkText> {
    return encodeLink(link, LIBRARY);
  },
  /** A scenario of the library, by its id. */
  takeFromLibrary(id: string): Result<Scenario> {
    return worded(parseScenario(libraryScenario(id)?.scenario));
  },
  /** A scenario document, or a trace of a real system, from its text. */
  readDocument(text: string): Result<Scenario> {
    if (traceFormatOf(text) === null) return worded(readScenario(text));
    const document = documentOfTrace(text);
    return document.ok ? worded(parseScenario(document.value)) : document;
  },
  /** The script that the library has under this title; null: it has none. */
  scriptInLibrary(title: string): Script | null {
    const entry = LIBRARY.find((each) => each.title === title);
    const parsed = entry === undefined ? null : parseScenario(entry.scenario);
    return parsed?.ok ? parsed.value.script : null;
  },
};

/** The first thing that is wrong, in words. */
function worded(parsed: Result<Scenario, readonly Problem[]>): Result<Scenario> {
  if (parsed.ok) return parsed;
  const [problem] = parsed.problem;
  return refused(problem === undefined ? "it cannot be read" : problemText(problem));
}
