import type { Importer } from "./contract.ts";
import { pysyncobjImporter } from "./pysyncobj/index.ts";

/** Every kind of file that can be read. */
export const IMPORTERS: readonly Importer[] = [pysyncobjImporter];
