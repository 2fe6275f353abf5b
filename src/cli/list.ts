import { LIBRARY } from "#library/registry.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Answer } from "./answer.ts";
import { table } from "./text.ts";

/** `blackstart list`: what the library has. */
export function listCommand({ json }: { readonly json: boolean }): Answer {
  const entries = LIBRARY.map(({ id, kind, title, about, scenario }) => {
    const parsed = parseScenario(scenario);
    const { system, preset } = parsed.ok ? parsed.value : { system: "", preset: "" };
    return { id, kind, title, about, system, preset };
  });
  const rows = entries.map(({ id, kind, system, preset, title }) => {
    return [id, kind, `${system} ${preset}`, title];
  });
  const out = json ? JSON.stringify(entries) : table(["id", "kind", "system", "title"], rows);
  return { exit: 0, out, err: "" };
}
