import { ok, type Result, refused } from "#base/result.ts";
import { EXT4_LIKE_WRITE_BACK } from "#disk/types.ts";
import { DISK_SETTINGS } from "#scenario/disk-document.ts";
import { changeDisk, readDiskPatch } from "#scenario/disk-patch.ts";
import { problemText } from "#scenario/problem.ts";
import { problemsOf } from "#scenario/rules.ts";
import type { Scenario } from "#scenario/types.ts";

/**
 * The scenario on other disks: each text is `[MACHINE:]NAME=VALUE[,NAME=VALUE...]`, names and values as in a document.
 * Refused, in lines: a machine or a name that is not there, a value that cannot be, settings that do not fit together.
 */
export function onDisks(
  scenario: Scenario,
  texts: readonly string[],
): Result<Scenario, readonly string[]> {
  let changed = scenario;
  for (const text of texts) {
    const done = onDisk(changed, text);
    if (!done.ok) return refused([`--disk ${text}: ${done.problem}`]);
    changed = done.value;
  }
  const problems = problemsOf(changed);
  return problems.length === 0 ? ok(changed) : refused(problems.map(problemText));
}

function onDisk(scenario: Scenario, text: string): Result<Scenario> {
  const [, machine = null, list = ""] = /^(?:([^=]*):)?(.*)$/.exec(text) ?? [];
  const ids = scenario.cluster.machines.map(({ id }) => id);
  if (machine !== null && !ids.includes(machine)) {
    return refused(`there is no machine ${machine}; there are ${ids.join(", ")}.`);
  }
  const settings: [string, unknown][] = [];
  for (const item of list.split(",")) {
    const at = item.indexOf("=");
    const [name, value] = at < 0 ? [item, ""] : [item.slice(0, at), item.slice(at + 1)];
    if (!Object.hasOwn(DISK_SETTINGS, name)) {
      const all = Object.keys(DISK_SETTINGS).join(", ");
      return refused(`there is no setting ${JSON.stringify(name)}; there are ${all}.`);
    }
    if (at < 0) return refused(`${name} needs a value: ${name}=...`);
    if (name === "writeBack" && !/^(null|ext4-like|\d+\/\d+\/\d+)$/.test(value)) {
      return refused(
        `writeBack is null, ext4-like, or dataAge/wakeEvery/metadataEvery in microseconds, not ${JSON.stringify(value)}.`,
      );
    }
    settings.push([name, jsonOf(name, value)]);
  }
  const patch = readDiskPatch(Object.fromEntries(settings));
  if (!patch.ok) return refused(patch.problem.map(problemText).join("; "));
  return ok(changeDisk(scenario, machine, patch.value));
}

/** A value as a document would have it; what is none is left as it is, for the schema to refuse. */
function jsonOf(name: string, text: string): unknown {
  if (name === "admits") return text === "" ? [] : text.split("+");
  if (name === "writeBack" && text === "ext4-like") return EXT4_LIKE_WRITE_BACK;
  if (name === "writeBack" && text.includes("/")) {
    const [dataAge, wakeEvery, metadataEvery] = text.split("/").map(Number);
    return { dataAge, wakeEvery, metadataEvery };
  }
  if (text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** A setting as `--disk` takes it. */
export function settingText([name, value]: readonly [string, unknown]): string {
  if (Array.isArray(value)) return `${name}=${value.join("+")}`;
  if (typeof value !== "object" || value === null) return `${name}=${String(value)}`;
  return `${name}=${Object.values(value).join("/")}`;
}
