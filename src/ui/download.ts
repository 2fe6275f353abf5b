import type { Scenario } from "#scenario/types.ts";

/** Saves the scenario as a file. */
export async function downloadScenario(scenario: Scenario): Promise<void> {
  const { canonicalJson } = await import("#scenario/canonical.ts");
  const document = new Blob([canonicalJson(scenario, 2)], { type: "application/json" });
  download(`${slug(scenario.title)}.blackstart.json`, document);
}

/** Saves disks as an archive. `which`: words that tell it from other exports of the same scenario. */
export function downloadDisks(title: string, which: string, zip: Uint8Array<ArrayBuffer>): void {
  download(`${slug(title)}-${which}.zip`, new Blob([zip], { type: "application/zip" }));
}

/** Saves a report as text. */
export function downloadReport(lines: readonly string[]): void {
  download("blackstart-report.txt", new Blob([lines.join("\n")], { type: "text/plain" }));
}

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function slug(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ["scenario"];
  return words.join("-").slice(0, 60);
}
