import type { Column } from "#matrix/columns.ts";
import type { FixSet } from "#matrix/fix-sets.ts";

/** Released, proposed to the project as a pull request, or tried here alone. */
export function standingOf({ id }: FixSet): "released" | "proposed" | "tried" {
  if (id === "none") return "released";
  return id.startsWith("pr-") ? "proposed" : "tried";
}

/** A cell in a few words: "S4 · PR #202". */
export function nameOf({ title }: FixSet, { id }: Column): string {
  return `${id} · ${title.replace(/ =.*|:.*/, "")}`;
}
