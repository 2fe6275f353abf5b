import { otherSpeed } from "#view/playback.ts";
import { allMachines, boot, crash, machinesOf, partition, rebootAll } from "./actions.ts";
import type { Action } from "./contract.ts";
import { type Command, chordOf, commandOf, digitOf } from "./keys.ts";
import type { Player } from "./player.ts";
import { useRun } from "./run-store.ts";
import { select, toggle } from "./selection.ts";
import type { Session } from "./session.ts";
import { setTheme } from "./theme.ts";
import { changeUi, type Dialog, showBanner, useUi } from "./ui-store.ts";

interface Context {
  readonly session: Session;
  readonly player: Player;
}

/** Does what a key or a button stands for. */
export function perform(command: Command, context: Context): void {
  if (useUi.getState().failure !== null && !WITHOUT_SIMULATOR.includes(command)) return;
  COMMANDS[command](context);
}

/** Hears the keys of the page. Those in fields, dialogs and menus are theirs. */
export function onKeyDown(event: KeyboardEvent, context: Context): void {
  if (event.defaultPrevented || belongsElsewhere(event)) return;
  const digit = digitOf(event);
  if (digit !== null && !event.ctrlKey && !event.metaKey && !event.altKey) {
    selectByDigit(digit, event.shiftKey);
    event.preventDefault();
    return;
  }
  const chord = chordOf(event);
  const command = chord === null ? null : commandOf(chord);
  if (command === null) return;
  event.preventDefault();
  perform(command, context);
}

/** After a click with a pointer the keys are the page's again: Space plays, whatever was clicked last. */
export function letGo(event: MouseEvent): void {
  const { activeElement } = document;
  if (event.detail === 0 || !(activeElement instanceof HTMLElement)) return;
  if (activeElement.matches(PRESSED) && activeElement.closest(OWNERS) === null)
    activeElement.blur();
}

const COMMANDS: Readonly<Record<Command, (context: Context) => void>> = {
  play: ({ player }) => player.toggle(),
  forward: ({ player }) => player.stepBy(1),
  back: ({ player }) => player.stepBy(-1),
  "next-interesting": ({ player }) => player.toInteresting(1),
  "previous-interesting": ({ player }) => player.toInteresting(-1),
  start: ({ player }) => player.toStart(),
  end: ({ player }) => player.toEnd(),
  faster: () => changeSpeed(1),
  slower: () => changeSpeed(-1),
  "reboot-all": (context) => act(context, (frame) => rebootAll(frame)),
  "cut-power-all": (context) => act(context, (frame) => crash(allMachines(frame), "power")),
  "cut-power": (context) =>
    act(context, (frame) => crash(machinesOf(frame, chosen()), "power"), "cut its power"),
  boot: (context) => act(context, bootChosen),
  partition: (context) => act(context, (frame) => partition(frame, chosen()), "cut it off"),
  heal: (context) => act(context, () => ({ type: "heal" })),
  "time-out": (context) => {
    const [server] = chosen();
    act(context, () => ({ type: "timeout", server: server ?? "" }), "let its timer ring");
  },
  disk: () => {
    showDisk();
    focusPanel();
  },
  "disk-faults": () => {
    showDisk();
    openPopover("faults");
  },
  choose: () => {
    showDisk();
    focusPanel();
    changeUi((state) => {
      state.choosing = true;
    });
  },
  "disk-settings": () => openDialog("disk-settings"),
  litmus: () => openDialog("litmus"),
  matrix: () => openDialog("matrix"),
  undo: ({ session }) => void session.undo("last"),
  "undo-all": ({ session }) => void session.undo("all"),
  write: () => openPopover("client"),
  bugs: () => openPopover("bugs"),
  twin: ({ session }) => void session.setTwin(useRun.getState().views.twin === undefined),
  "other-side": () =>
    changeUi((state) => {
      const hasTwin = useRun.getState().views.twin !== undefined;
      state.side = state.side === "main" && hasTwin ? "twin" : "main";
    }),
  theme: () => setTheme(isDark() ? "light" : "dark"),
  "select-all": () => {
    const { side } = useUi.getState();
    select(side, useRun.getState().views[side]?.frame.servers.map(({ id }) => id) ?? []);
  },
  clear: () =>
    changeUi((state) => {
      state.selected = [];
    }),
  "crash-states": () => {
    changeUi((state) => {
      state.tab = "crash";
      state.sheet = "inspect";
    });
    focusPanel();
  },
  library: () => openDialog("library"),
  "open-files": () => openDialog("import"),
  share: () => openDialog("share"),
  help: () => openDialog("help"),
};

/** What still works when the simulator has ended. */
const WITHOUT_SIMULATOR: readonly Command[] = ["theme", "share", "help", "select-all", "clear"];

/** Performs an action on the side shown. `needs`: what cannot be done while no server is selected. */
function act(
  { session }: Context,
  make: (frame: NonNullable<ReturnType<typeof shownFrame>>) => Action | null,
  needs?: string,
): void {
  const frame = shownFrame();
  if (frame === undefined) return;
  if (needs !== undefined && chosen().length === 0) {
    showBanner({
      tone: "plain",
      topic: "selection",
      text: `Select a server first to ${needs}.`,
      remedy: "Click its card, or press its number.",
    });
    return;
  }
  const action = make(frame);
  if (action !== null) void session.act(action);
}

function shownFrame() {
  return useRun.getState().views[useUi.getState().side]?.frame;
}

function chosen(): readonly string[] {
  return useUi.getState().selected;
}

/** The selected machines; with none selected, all that have no power or no running process. */
function bootChosen(frame: NonNullable<ReturnType<typeof shownFrame>>): Action | null {
  const idle = frame.machines
    .filter(
      ({ power, servers }) =>
        power === "off" ||
        frame.servers.every(
          ({ id, process }) => !servers.includes(id) || process === "down" || process === "failed",
        ),
    )
    .map(({ id }) => id);
  const wanted = chosen().length > 0 ? machinesOf(frame, chosen()) : idle;
  return wanted.length === 0 ? null : boot(wanted);
}

function selectByDigit(digit: number, more: boolean): void {
  const { side } = useUi.getState();
  const server = useRun.getState().views[side]?.frame.servers[digit - 1];
  if (server === undefined) return;
  if (more) toggle(side, server.id);
  else select(side, [server.id]);
}

function changeSpeed(by: 1 | -1): void {
  changeUi((state) => {
    const now = state.speed.by === "events" ? state.speed.perSecond : USUAL_SPEED;
    state.speed = { by: "events", perSecond: otherSpeed(now, by) };
  });
}

function showDisk(): void {
  changeUi((state) => {
    state.tab = "disk";
    state.sheet = "inspect";
  });
}

/** Whoever asked for a panel by its key goes on in it: Tab then leads to its first control. */
function focusPanel(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(".tab-content[data-state=active]")?.focus();
  });
}

function openDialog(dialog: Dialog): void {
  changeUi((state) => {
    state.dialog = dialog;
  });
}

function openPopover(popover: "client" | "bugs" | "faults"): void {
  changeUi((state) => {
    state.popover = popover;
  });
}

function isDark(): boolean {
  const { theme } = useUi.getState();
  return theme === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}

/** Where faster and slower start from when something else has set the pace. Events a second. */
const USUAL_SPEED = 4;
const TICKS = "input[type=radio], input[type=checkbox]";
const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const OWNERS = "[role=dialog], [role=menu], [role=listbox], [role=combobox]";
const ARROWS = `[role=tablist], [role=slider], ${TICKS}`;
const PRESSED = `button, a, summary, [role=tab], [role=switch], ${TICKS}`;

/** Does the key mean something to what has the focus? */
function belongsElsewhere(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof Element)) return false;
  if (target.closest(FIELDS) !== null || target.closest(OWNERS) !== null) return true;
  if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
    return target.closest(ARROWS) !== null;
  }
  return event.key === " " && target.closest(PRESSED) !== null;
}
