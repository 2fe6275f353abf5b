import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository, wherever it was cloned and whatever the working directory is. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** @param {string[]} parts */
export const inRoot = (...parts) => join(root, ...parts);
