import type { ScenarioDisk } from "#scenario/types.ts";

// Every setting of a disk in words: what it decides, what each value means, and what it simplifies.

export interface Choice<Value> {
  readonly value: Value;
  readonly label: string;
  readonly about: string;
}

/** A setting of which one of a few values is chosen. */
export interface Setting<Name extends keyof ScenarioDisk = keyof ScenarioDisk> {
  readonly name: Name;
  readonly title: string;
  readonly about: string;
  readonly choices: readonly Choice<ScenarioDisk[Name]>[];
}

const setting = <Name extends keyof ScenarioDisk>(
  name: Name,
  title: string,
  about: string,
  choices: readonly Choice<ScenarioDisk[Name]>[],
) => ({ name, title, about, choices }) as unknown as Setting;

export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting[];
}

export const SETTING_GROUPS: readonly SettingGroup[] = [
  {
    title: "What a crash may leave",
    settings: [
      setting(
        "policy",
        "Order of write-back",
        "Which writes survive only together with which. Each is a rule that can be stated, not a file system.",
        [
          {
            value: "strict",
            label: "strict",
            about: "Everything in the order of the calls: a crash leaves a prefix.",
          },
          {
            value: "per-file",
            label: "per-file",
            about: "Each file in its own order; nothing holds between files.",
          },
          {
            value: "data-first",
            label: "data-first",
            about: "Names and sizes are written after all earlier data of every file.",
          },
          {
            value: "ordered-journal",
            label: "ordered-journal (ext4-like)",
            about:
              "Names and truncates in order; a longer size after the data it shows; a rename over a file after that file's data.",
          },
          {
            value: "metadata-first",
            label: "metadata-first",
            about: "Names and truncates in order; data comes whenever it comes.",
          },
          {
            value: "adversarial",
            label: "adversarial",
            about: "Only what no file system can break: the worst that a crash may do.",
          },
        ],
      ),
      setting(
        "tear",
        "Torn writes",
        "What a power loss may leave of a write that was not synced. A system crash keeps or loses whole pages.",
        [
          { value: "none", label: "none", about: "All of one write or nothing." },
          { value: "page", label: "by page", about: "Any of its 4096-byte pages." },
          { value: "sector", label: "by sector", about: "Any of its sectors." },
          {
            value: "byte-prefix",
            label: "at any byte",
            about: "Any of its sectors, and one of them cut: new before the cut, old behind it.",
          },
        ],
      ),
      setting("sectorSize", "Sector size", "What the device writes as one.", [
        { value: 512, label: "512 bytes", about: "The classical sector." },
        { value: 4096, label: "4096 bytes", about: "One sector a page, as newer devices have it." },
      ]),
      setting(
        "powersafeOverwrite",
        "Power-safe overwrite",
        "May a sector that was being written when the power failed come out as garbage?",
        [
          {
            value: true,
            label: "yes, it is safe",
            about: "Old or new, and nothing beside the write changes.",
          },
          {
            value: false,
            label: "no, it may garble",
            about: "The sector may hold garbage, durable bytes beside the write included.",
          },
        ],
      ),
      setting(
        "exposure",
        "Size without data",
        "What a reader finds where a size reached the platter and its data did not.",
        [
          { value: "zeros", label: "zeros", about: "As most file systems give." },
          {
            value: "garbage",
            label: "garbage",
            about: "What the blocks held before; fixed for each sector by the seed.",
          },
        ],
      ),
      setting("renameAtomic", "Rename over a file", "Is it one change?", [
        { value: true, label: "atomic", about: "The old file or the new one." },
        {
          value: false,
          label: "in steps",
          about: "It may be left half done: the old name gone, both there, or neither.",
        },
      ]),
      setting(
        "storeGrain",
        "Stores through a mapping",
        "Write-back may catch a copy into a mapping half done.",
        [
          { value: null, label: "whole", about: "A store is one piece within its page." },
          {
            value: 8,
            label: "8 bytes at a time",
            about: "Any of its 8-byte pieces, as a processor stores words.",
          },
          {
            value: 64,
            label: "64 bytes at a time",
            about: "Any of its 64-byte pieces, as a cache line.",
          },
        ],
      ),
    ],
  },
  {
    title: "What a sync does",
    settings: [
      setting("flushing", "Honesty", "Does a sync that says it worked do its work?", [
        { value: "honest", label: "honest", about: "The data is on the platter." },
        {
          value: "device",
          label: "lies: device cache",
          about:
            "It has reached the device's own cache: a system crash spares it, a power loss takes it.",
        },
        {
          value: "total",
          label: "lies: does nothing",
          about: "Nothing is written. No Raft survives this on a quorum.",
        },
      ]),
      setting("syncScope", "Scope of fsync", "What it covers besides the file's data and size.", [
        {
          value: "posix",
          label: "the file alone",
          about: "All that the standard promises; a name needs a sync of its directory.",
        },
        {
          value: "new-dent",
          label: "and its first name",
          about: "The name under which a new file was created comes along.",
        },
        {
          value: "whole-journal",
          label: "and all earlier names",
          about: "Every earlier change of names and sizes, as one journal does by accident.",
        },
      ]),
      setting(
        "syncFailure",
        "After a failed fsync",
        "What becomes of the data whose sync failed.",
        [
          {
            value: "clean",
            label: "forgotten",
            about: "It counts as clean: readers see it until a crash, and no later sync writes it.",
          },
          {
            value: "revert",
            label: "taken back",
            about: "Memory goes back to what the platter holds, at once.",
          },
          {
            value: "stay-dirty",
            label: "stays dirty",
            about: "As before the call: trying again is a real attempt.",
          },
        ],
      ),
    ],
  },
];

/** What a policy allows, in a sentence; empty: nobody says. */
export function policyAbout(policy: string): string {
  const settings = SETTING_GROUPS.flatMap((group) => group.settings);
  const choices = settings.find(({ name }) => name === "policy")?.choices ?? [];
  return choices.find(({ value }) => value === policy)?.about ?? "";
}

/** What was said of a document's fields, said of the settings of this form. */
export function inFormWords(text: string): string {
  const ofField = text.replace(/\b(?:cluster\.machines\[\d+\]\.)?disk\.(?=\w)/g, "");
  const settings = [...SETTING_GROUPS.flatMap((group) => group.settings), ALLOCATION];
  return settings.reduce(
    (said, { name, title }) => said.replace(new RegExp(`\\b${name}\\b`, "g"), `“${title}”`),
    ofField,
  );
}

/** When a full disk says so; beside the capacity. */
export const ALLOCATION = setting("allocation", "A full disk says so", "", [
  { value: "at-write", label: "at the write", about: "ENOSPC as the write is made." },
  {
    value: "at-sync",
    label: "at the sync",
    about: "Delayed allocation: the write works, and the sync answers ENOSPC.",
  },
]);
