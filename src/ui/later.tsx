import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { sayNotFetched } from "./not-fetched.ts";
import { CardButton, type CardButtonProps } from "./stage/CardButton.tsx";

// Parts that the first picture can do without: their code comes right after it.

/** A component whose code is fetched when it is first shown, with what stands in its place until then. */
function late<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: (props: Props) => ReactNode,
): (props: Props) => ReactNode {
  const Loaded = fetched(load);
  return (props) => (
    <Suspense fallback={meanwhile(props)}>
      <Loaded {...props} />
    </Suspense>
  );
}

/** A component whose code is fetched when it is first shown; where that fails the user is told, and nothing is shown. */
function fetched<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  return lazy(async () => {
    const component = await load().catch((): ComponentType<Props> => {
      sayNotFetched();
      return nothing;
    });
    return { default: component };
  }) as unknown as ComponentType<Props>;
}

const nothing = () => null;

export const DIALOGS = {
  help: fetched(() => import("./dialogs/HelpDialog.tsx").then((m) => m.HelpDialog)),
  about: fetched(() => import("./dialogs/AboutDialog.tsx").then((m) => m.AboutDialog)),
  library: fetched(() => import("./dialogs/LibraryDialog.tsx").then((m) => m.LibraryDialog)),
  share: fetched(() => import("./dialogs/ShareDialog.tsx").then((m) => m.ShareDialog)),
  import: fetched(() => import("./dialogs/ImportDialog.tsx").then((m) => m.ImportDialog)),
  export: fetched(() => import("./dialogs/ExportDialog.tsx").then((m) => m.ExportDialog)),
  "disk-settings": fetched(() =>
    import("./dialogs/DiskSettingsDialog.tsx").then((m) => m.DiskSettingsDialog),
  ),
  matrix: fetched(() => import("./dialogs/MatrixDialog.tsx").then((m) => m.MatrixDialog)),
  litmus: fetched(() => import("./dialogs/LitmusDialog.tsx").then((m) => m.LitmusDialog)),
};

export const Later = {
  Feed: late(
    () => import("./panels/Feed.tsx").then(({ Feed }) => Feed),
    () => <section className="panel feed" />,
  ),
  Legend: late(() => import("./panels/Legend.tsx").then(({ Legend }) => Legend), nothing),
  AllMenu: late(() => import("./panels/ActionMenus.tsx").then(({ AllMenu }) => AllMenu), nothing),
  MoreMenu: late(
    () => import("./panels/ActionMenus.tsx").then(({ MoreMenu }) => MoreMenu),
    nothing,
  ),
  ClientPopover: late(
    () => import("./panels/ClientPopover.tsx").then(({ ClientPopover }) => ClientPopover),
    nothing,
  ),
  BugsPopover: late(
    () => import("./panels/BugsPopover.tsx").then(({ BugsPopover }) => BugsPopover),
    nothing,
  ),
  DiskTab: late(
    () => import("./panels/DiskTab.tsx").then(({ DiskTab }) => DiskTab),
    () => <p className="note">Loading…</p>,
  ),
  CrashTab: late(
    () => import("./panels/sweep/CrashTab.tsx").then(({ CrashTab }) => CrashTab),
    () => <p className="note">Loading…</p>,
  ),
  CardMenu: late<CardButtonProps>(
    () => import("./stage/CardMenu.tsx").then(({ CardMenu }) => CardMenu),
    (props) => <CardButton {...props} />,
  ),
};
