import { create } from "zustand";
import { immer } from "zustand/middleware/immer";
import type { ImportReport, Side, StoredRun } from "#worker/protocol.ts";
import { recallSetting } from "./remembered.ts";

export type Tab = "server" | "disk" | "crash" | "event" | "checks" | "script";
export type Sheet = "inspect" | "log" | "script";
export type Dialog =
  | "help"
  | "library"
  | "share"
  | "import"
  | "export"
  | "about"
  | "disk-settings"
  | "litmus"
  | "matrix";
export type Theme = "system" | "light" | "dark";

/** By the story (what matters is held), by so many events a second, or by virtual time at a scale. */
export type Speed =
  | { readonly by: "story" }
  | { readonly by: "events"; readonly perSecond: number }
  | { readonly by: "time"; readonly scale: number };

export interface Banner {
  readonly id: number;
  readonly tone: "bad" | "warning" | "plain";
  readonly text: string;
  /** What the user can do about it. */
  readonly remedy: string;
  /** A banner of the same topic replaces this one. */
  readonly topic: string;
  /** Saving has failed and can be tried again. */
  readonly retry?: boolean;
}

/** How far a long work has come. */
export interface Reading {
  readonly done: number;
  readonly of: number;
  readonly text: string;
  readonly cancel: () => void;
}

/** A cell of the table of fixes that was opened. */
interface OpenedCell {
  /** Its run. */
  readonly run: string | null;
  /** Its place among all cells, row by row. */
  readonly at: number;
  /** "S4 · PR #202". */
  readonly name: string;
}

/** State of the interface itself: what is selected, open and playing. */
export interface UiState {
  side: Side;
  /** Selected servers; the first is the one the inspector shows. */
  selected: string[];
  tab: Tab;
  sheet: Sheet;
  playing: boolean;
  speed: Speed;
  theme: Theme;
  dialog: Dialog | null;
  /** An open popover that a key can open too. */
  popover: "client" | "bugs" | "faults" | null;
  /** What a crash shall keep is being chosen, in the inspector's tab of disks. */
  choosing: boolean;
  banners: Banner[];
  report: ImportReport | null;
  /** Files are being read: how far, and how to end that. */
  reading: Reading | null;
  runs: StoredRun[];
  /** Where in the table of fixes one has been last. */
  cell: OpenedCell | null;
  /** The worker is at something that takes long. */
  busy: string | null;
  /** A crash of the worker, which ends the session. */
  failure: { readonly text: string; readonly advice: string } | null;
}

const START: UiState = {
  side: "main",
  selected: [],
  tab: "checks",
  sheet: "inspect",
  playing: false,
  speed: { by: "story" },
  theme: recallTheme(),
  dialog: null,
  popover: null,
  choosing: false,
  banners: [],
  report: null,
  reading: null,
  runs: [],
  cell: null,
  busy: null,
  failure: null,
};

export const useUi = create<UiState>()(immer(() => START));

/** Changes the interface's state by a recipe. */
export function changeUi(recipe: (state: UiState) => void): void {
  useUi.setState(recipe);
}

let banners = 0;

export function showBanner(banner: Omit<Banner, "id">): void {
  banners += 1;
  const id = banners;
  changeUi((state) => {
    state.banners = state.banners.filter(({ topic }) => topic !== banner.topic);
    state.banners.push({ ...banner, id });
  });
}

export function closeBanner(id: number): void {
  changeUi((state) => {
    state.banners = state.banners.filter((each) => each.id !== id);
  });
}

export function closeTopic(topic: string): void {
  changeUi((state) => {
    state.banners = state.banners.filter((each) => each.topic !== topic);
  });
}

function recallTheme(): Theme {
  const theme = recallSetting("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}
