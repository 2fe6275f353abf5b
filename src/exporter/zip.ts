import { zipSync } from "fflate";
import type { ExportedFile } from "./files.ts";

/** The earliest time that the format has; none is better, for the same disk gives the same archive. */
const TIME = "1980-01-01T00:00:00";

/** A zip archive of these files; the same bytes on every platform. */
export function zipOf(files: readonly ExportedFile[]): Uint8Array {
  return zipSync(Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])), {
    level: 6,
    mtime: TIME,
  });
}
