import type { System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";

/** A modelled system; null: there is none of this name. The first visit's comes along, any other is fetched. */
export async function fetchSystem(id: string): Promise<System | null> {
  if (id === pysyncobj.id) return pysyncobj;
  const { systemById } = await import("#system/registry.ts");
  return systemById(id);
}
