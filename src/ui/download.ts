import type { Scenario } from "#scenario/types.ts";

/** Saves the scenario as a file. */
export async function downloadScenario(scenario: Scenario): Promise<void> {
  const { canonicalJson } = await import("#scenario/canonical.ts");
  download(`${slug(scenario.title)}.blackstart.json`, canonicalJson(scenario, 2));
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
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
