import { rememberSetting } from "./remembered.ts";
import { changeUi, type Theme } from "./ui-store.ts";

/** Puts a theme on the page and remembers it. */
export function setTheme(theme: Theme): void {
  changeUi((state) => {
    state.theme = theme;
  });
  rememberSetting("theme", theme);
  applyTheme(theme);
}

export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}
