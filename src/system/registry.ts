import type { System } from "./contract.ts";
import { pysyncobj } from "./pysyncobj/index.ts";
import { reference } from "./reference/index.ts";

/** Every modelled system. */
export const SYSTEMS: readonly System[] = [pysyncobj, reference];

export function systemById(id: string): System | null {
  return SYSTEMS.find((each) => each.id === id) ?? null;
}
