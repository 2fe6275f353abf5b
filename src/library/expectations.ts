import { CHECK_IDS } from "#scenario/checks.ts";

/** Under this preset (null: under every) these checks break, and all others hold. */
export function allButThese(preset: string | null, breaking: readonly string[]) {
  return CHECK_IDS.map((check) => ({ check, holds: !breaking.includes(check), preset }));
}
