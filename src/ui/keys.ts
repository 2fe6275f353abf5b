/** What a key can do. `commands.ts` says how. */
export type Command =
  | "play"
  | "forward"
  | "back"
  | "next-interesting"
  | "previous-interesting"
  | "faster"
  | "slower"
  | "start"
  | "end"
  | "cut-power"
  | "cut-power-all"
  | "reboot-all"
  | "boot"
  | "partition"
  | "heal"
  | "write"
  | "time-out"
  | "disk"
  | "disk-faults"
  | "choose"
  | "disk-settings"
  | "litmus"
  | "matrix"
  | "undo"
  | "undo-all"
  | "bugs"
  | "twin"
  | "other-side"
  | "theme"
  | "select-all"
  | "clear"
  | "crash-states"
  | "library"
  | "open-files"
  | "share"
  | "help";

export interface KeyBinding {
  /** As `chordOf` writes them. */
  readonly chords: readonly string[];
  readonly command: Command;
  readonly group: "Time" | "Faults" | "Selection" | "Page";
  readonly label: string;
}

/** The whole key map, in the order of the help sheet. Digits select servers and are listed apart. */
export const KEYS: readonly KeyBinding[] = [
  { chords: ["Space", "."], command: "play", group: "Time", label: "Play or pause" },
  {
    chords: ["ArrowRight", "PageDown"],
    command: "forward",
    group: "Time",
    label: "Forward one step",
  },
  { chords: ["ArrowLeft", "PageUp"], command: "back", group: "Time", label: "Back one step" },
  {
    chords: ["shift+ArrowRight"],
    command: "next-interesting",
    group: "Time",
    label: "To the next interesting step",
  },
  {
    chords: ["shift+ArrowLeft"],
    command: "previous-interesting",
    group: "Time",
    label: "To the previous interesting step",
  },
  { chords: ["["], command: "slower", group: "Time", label: "Slower" },
  { chords: ["]"], command: "faster", group: "Time", label: "Faster" },
  { chords: ["Home"], command: "start", group: "Time", label: "To the start" },
  { chords: ["End"], command: "end", group: "Time", label: "To the end" },
  {
    chords: ["r", "shift+r"],
    command: "reboot-all",
    group: "Faults",
    label: "Reboot every machine at once",
  },
  {
    chords: ["x"],
    command: "cut-power",
    group: "Faults",
    label: "Cut the power of the selected machines",
  },
  {
    chords: ["shift+x"],
    command: "cut-power-all",
    group: "Faults",
    label: "Cut the power of every machine",
  },
  {
    chords: ["b"],
    command: "boot",
    group: "Faults",
    label: "Boot the selected machines, or all that are off",
  },
  {
    chords: ["p"],
    command: "partition",
    group: "Faults",
    label: "Cut the selected servers off from the rest",
  },
  { chords: ["h"], command: "heal", group: "Faults", label: "Heal every partition" },
  { chords: ["c"], command: "write", group: "Faults", label: "Let a client write" },
  {
    chords: ["e"],
    command: "time-out",
    group: "Faults",
    label: "Let the selected server's election timer ring",
  },
  {
    chords: ["f"],
    command: "disk-faults",
    group: "Faults",
    label: "Break the selected server's disk",
  },
  {
    chords: ["v"],
    command: "choose",
    group: "Faults",
    label: "Choose what a crash here keeps",
  },
  {
    chords: ["ctrl+z"],
    command: "undo",
    group: "Faults",
    label: "Undo what was done last",
  },
  {
    chords: ["ctrl+shift+z"],
    command: "undo-all",
    group: "Faults",
    label: "Undo all: back to the original",
  },
  { chords: ["a"], command: "select-all", group: "Selection", label: "Select all servers" },
  { chords: ["Escape"], command: "clear", group: "Selection", label: "Select nothing" },
  {
    chords: ["s"],
    command: "other-side",
    group: "Selection",
    label: "Look at the other side of the twin",
  },
  {
    chords: ["i"],
    command: "disk",
    group: "Selection",
    label: "Look at the disk of the selected server",
  },
  { chords: ["m"], command: "disk-settings", group: "Page", label: "Disks: how they behave" },
  { chords: ["q"], command: "litmus", group: "Page", label: "What a crash may leave" },
  { chords: ["d"], command: "twin", group: "Page", label: "Twin view on or off" },
  { chords: ["g"], command: "bugs", group: "Page", label: "Bugs and versions" },
  { chords: ["shift+g"], command: "matrix", group: "Page", label: "Which fix helps against what" },
  {
    chords: ["w"],
    command: "crash-states",
    group: "Page",
    label: "What a crash here could leave",
  },
  { chords: ["l"], command: "library", group: "Page", label: "Library" },
  { chords: ["o"], command: "open-files", group: "Page", label: "Open files" },
  { chords: ["k"], command: "share", group: "Page", label: "Share a link" },
  { chords: ["t"], command: "theme", group: "Page", label: "Light or dark" },
  { chords: ["?"], command: "help", group: "Page", label: "This sheet" },
];

type Pressed = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** "shift+ArrowRight", "x", "shift+x", "?", "ctrl+z"; null with a modifier that belongs to the browser. */
export function chordOf({ key, shiftKey, ctrlKey, metaKey, altKey }: Pressed): string | null {
  if (altKey) return null;
  if (ctrlKey || metaKey) {
    if (key.toLowerCase() !== "z") return null;
    return shiftKey ? "ctrl+shift+z" : "ctrl+z";
  }
  if (key === " ") return "Space";
  const isLetter = /^[a-z]$/i.test(key);
  if (key.length === 1 && !isLetter) return key;
  return `${shiftKey ? "shift+" : ""}${isLetter ? key.toLowerCase() : key}`;
}

export function commandOf(chord: string): Command | null {
  return KEYS.find(({ chords }) => chords.includes(chord))?.command ?? null;
}

/** A chord as it stands on a keyboard: "Shift + →". */
export function chordText(chord: string): string {
  const [key = "", ...held] = chord.split("+").toReversed();
  const names: Readonly<Record<string, string>> = {
    ArrowRight: "→",
    ArrowLeft: "←",
    PageDown: "Page Down",
    PageUp: "Page Up",
    Escape: "Esc",
  };
  const name = names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const modifiers = held.toReversed().map((each) => (each === "ctrl" ? "Ctrl" : "Shift"));
  return [...modifiers, name].join(" + ");
}

/** The server that a digit stands for, 1 for the first; null: no digit. */
export function digitOf({ code }: Pick<KeyboardEvent, "code">): number | null {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
  return digit === undefined ? null : Number(digit);
}
