import { ok, type Result, refused } from "#base/result.ts";

/**
 * JSON from outside. The problem is the parser's own sentence, which differs between engines: it is shown, never
 * decided upon.
 */
export function readJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}
