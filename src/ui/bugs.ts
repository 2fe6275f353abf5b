import { bugsOfPreset, type SystemEntry } from "#system/catalogue.ts";

interface Choice {
  readonly preset: string;
  readonly bugs: readonly string[] | null;
}

/** The bugs that a side has on: its own list, else those of its preset. */
export function bugsOn(system: SystemEntry | null, { preset, bugs }: Choice): readonly string[] {
  return bugs ?? (system === null ? null : bugsOfPreset(system.id, preset)) ?? [];
}

export function sameBugs(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}
