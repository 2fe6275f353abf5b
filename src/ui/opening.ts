import { placeAt, placeOf } from "#view/walk.ts";
import { fetchShelf } from "./fetch-shelf.ts";
import { FIRST_SCENARIO } from "./first-scenario.ts";
import { recallOpened, recallTab, rememberRun } from "./remembered.ts";
import { useRun } from "./run-store.ts";
import type { Session } from "./session.ts";
import { knowFromLibrary } from "./telling.ts";
import { changeUi, closeTopic, showBanner, type Tab, useUi } from "./ui-store.ts";
import { shownPlace, walkOfRun } from "./walking.ts";

/**
 * What the page starts with: the link in its address, else the run that was left, else the main incident.
 * True: it is new, and may play by itself.
 */
export async function openFirst(session: Session): Promise<boolean> {
  const fragment = location.hash;
  if (fragment.length > 1) {
    const opened = recallOpened(fragment);
    if (opened !== null && (await resume(session, opened))) return false;
    if (await openFragment(session, fragment)) return false;
  }
  const left = recallTab() ?? (await newestRun(session));
  if (left !== null && (await resume(session, left))) return false;
  return openMainIncident(session);
}

/** Goes on with a run. What its author wrote and what was done by hand is told apart from its first picture on. */
async function resume(session: Session, run: string): Promise<boolean> {
  await fetchShelf();
  return session.resume(run);
}

/** What an empty address opens comes with the page, read and checked. */
async function openMainIncident(session: Session): Promise<boolean> {
  if (!(await session.openChecked(FIRST_SCENARIO))) return false;
  const { scenario } = useRun.getState();
  if (scenario !== null) knowFromLibrary(scenario);
  return true;
}

/** The run that was saved last. What is stored knows it even after the browser was killed, and with it what it remembered. */
async function newestRun(session: Session): Promise<string | null> {
  await session.listRuns();
  const [newest = null] = useUi.getState().runs.toSorted((a, b) => b.savedAt - a.savedAt);
  return newest === null ? null : newest.run;
}

/** Opens a link. One that cannot be used says why, and leaves the run shown alone. */
export async function openFragment(session: Session, fragment: string): Promise<boolean> {
  const shelf = await fetchShelf();
  if (shelf === null) return false;
  const link = shelf.readLink(fragment);
  if (!link.ok) {
    showBanner({
      tone: "bad",
      topic: "link",
      text: link.problem,
      remedy: "Ask for the link again, or for the scenario as a file. The run shown is as it was.",
    });
    return false;
  }
  const { scenario, position, view, outcome } = link.value;
  if (!(await session.open(scenario, { step: position, from: fragment }))) return false;
  closeTopic("link");
  takeViewWords(view);
  await showBeside(session, position, view);
  const { hash } = useRun.getState();
  if (outcome !== null && hash !== "" && outcome !== hash) {
    showBanner({
      tone: "warning",
      topic: "outcome",
      text: "This version of Blackstart plays the scenario differently from the one that made the link.",
      remedy: "What you see is what this version does; the steps may not be those that were meant.",
    });
  }
  return true;
}

export async function openLibrary(session: Session, id: string): Promise<boolean> {
  const shelf = await fetchShelf();
  if (shelf === null) return false;
  const scenario = shelf.takeFromLibrary(id);
  if (scenario.ok) return session.open(scenario.value, { step: 0, from: "" });
  showBanner({ tone: "bad", topic: "refused", text: `${id}: ${scenario.problem}`, remedy: "" });
  return false;
}

/** Files that were dropped or picked: one scenario document, or what a real cluster left on its disks. */
export async function openFiles(session: Session, files: readonly PickedFile[]): Promise<void> {
  const [only] = files;
  if (only !== undefined && files.length === 1 && /\.json$/i.test(only.path)) {
    return openDocument(session, only);
  }
  if (files.length === 0) return;
  picked = files;
  await importInOrder(session, files);
}

/** What was picked last: a part of it can be read again by itself. */
let picked: readonly PickedFile[] = [];

/** Reads of what was picked last only what is in this folder. */
export function openPart(session: Session, folder: string): Promise<void> {
  return importInOrder(
    session,
    picked.filter(({ path }) => path.startsWith(`${folder}/`)),
  );
}

/** Reads again all that was picked last. */
export function openWhole(session: Session): Promise<void> {
  return importInOrder(session, picked);
}

/** The folders among what was picked last that leave something of it out. */
export function partsPicked(): readonly string[] {
  const folders = new Set(picked.flatMap(({ path }) => foldersOf(path)));
  const isPart = (folder: string) => picked.some(({ path }) => !path.startsWith(`${folder}/`));
  return [...folders].filter(isPart).sort();
}

/** "a/b/c" is in "a" and "a/b". */
function foldersOf(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

async function importInOrder(session: Session, files: readonly PickedFile[]): Promise<void> {
  await session.importFiles(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
}

/** A file of the user's; its bytes are read where they are needed. */
export interface PickedFile {
  readonly path: string;
  readonly content: Blob;
}

/** Puts a link that was just shared into the address, so that a reload and a bookmark mean the same. */
export function adoptFragment(fragment: string): void {
  history.replaceState(null, "", fragment);
  const { run } = useRun.getState();
  if (run !== null) rememberRun({ run, from: fragment });
}

/** What is selected and open, as a link carries it. */
export function viewWords(): Readonly<Record<string, string>> {
  const { side, selected, tab } = useUi.getState();
  return {
    ...{ side, tab, ...besideWord() },
    ...(selected.length === 0 ? {} : { selected: selected.join(" ") }),
  };
}

/** The twin's own step, where it alone has gone on. */
function besideWord(): Readonly<Record<string, string>> {
  const state = useRun.getState();
  const walk = walkOfRun(state);
  const place = shownPlace(state);
  const beside = walk?.twin?.[place];
  if (walk === null || beside === undefined || placeAt(walk, "main", state.step) === place)
    return {};
  return { beside: String(beside) };
}

async function showBeside(
  session: Session,
  step: number,
  { beside }: Readonly<Record<string, string>>,
): Promise<void> {
  const walk = walkOfRun(useRun.getState());
  if (walk?.twin == null || beside === undefined || !/^\d{1,9}$/.test(beside)) return;
  const place = placeOf(walk, step, Number(beside));
  // Only what can be gone to by stepping.
  if (walk.main[place] === step && walk.twin[place] === Number(beside)) {
    await session.seek(step, Number(beside));
  }
}

function takeViewWords(view: Readonly<Record<string, string>>): void {
  changeUi((state) => {
    state.side = view.side === "twin" ? "twin" : "main";
    if (isTab(view.tab)) state.tab = view.tab;
    state.selected = (view.selected ?? "").split(" ").filter((id) => id !== "");
  });
}

const TABS: readonly Tab[] = ["server", "disk", "crash", "event", "checks", "script"];

function isTab(text: string | undefined): text is Tab {
  return TABS.some((tab) => tab === text);
}

async function openDocument(session: Session, { path, content }: PickedFile): Promise<void> {
  const shelf = await fetchShelf();
  if (shelf === null) return;
  const scenario = shelf.readDocument(await content.text());
  if (!scenario.ok) {
    showBanner({
      tone: "bad",
      topic: "refused",
      text: `${path} is no scenario: ${scenario.problem}.`,
      remedy: "The run shown is as it was.",
    });
    return;
  }
  await session.open(scenario.value, { step: 0, from: "" });
  changeUi((state) => {
    state.dialog = null;
  });
}
