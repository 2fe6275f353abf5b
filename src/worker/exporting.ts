import { exportedFiles, type Which } from "#exporter/files.ts";
import { zipOf } from "#exporter/zip.ts";
import { diskOf, type Timeline } from "#sim/timeline.ts";

/** The disks of these machines at a step as a zip archive; null: there is no file on them. */
export function exportZip(
  timeline: Timeline,
  step: number,
  machines: readonly string[],
  which: Which,
): Uint8Array<ArrayBuffer> | null {
  const disks = machines.map((machine) => diskOf(timeline, step, machine));
  const files = exportedFiles(disks, which);
  return files.length === 0 ? null : new Uint8Array(zipOf(files));
}
