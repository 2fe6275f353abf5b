import { Suspense, useEffect } from "react";
import { letGo, onKeyDown } from "./commands.ts";
import { Desk } from "./Desk.tsx";
import { DropGround } from "./DropGround.tsx";
import { DIALOGS } from "./later.tsx";
import { useIsPhone } from "./media.ts";
import { openFirst, openFragment } from "./opening.ts";
import { Pocket } from "./Pocket.tsx";
import { Banners } from "./panels/Banners.tsx";
import { Narrator } from "./panels/Caption.tsx";
import { TopBar } from "./panels/TopBar.tsx";
import type { Player } from "./player.ts";
import { useRun } from "./run-store.ts";
import type { Session } from "./session.ts";
import { applyTheme } from "./theme.ts";
import { useUi } from "./ui-store.ts";
import { ToolsContext } from "./use-tools.ts";
import "./styles/theme.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/stage.css";
import "./styles/card.css";
import "./styles/flight.css";
import "./styles/caption.css";
import "./styles/panel.css";
import "./styles/matrix.css";
import "./styles/states.css";
import "./styles/feed.css";
import "./styles/inspector.css";
import "./styles/checks.css";
import "./styles/event.css";
import "./styles/transport.css";
import "./styles/overlays.css";
import "./styles/phone.css";
import { shownPlace } from "./walking.ts";

interface Props {
  readonly session: Session;
  readonly player: Player;
}

/** The whole page. */
export function App({ session, player }: Props) {
  const phone = useIsPhone();
  const step = useRun((state) => state.step);
  const place = useRun(shownPlace);
  const ready = useRun((state) => state.views.main !== undefined);
  const dialog = useUi((state) => state.dialog);
  const theme = useUi((state) => state.theme);
  const title = useRun((state) => state.scenario?.title);
  const Dialog = dialog === null ? null : DIALOGS[dialog];

  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    document.title = title === undefined ? "Blackstart" : `${title} · Blackstart`;
  }, [title]);
  useEffect(() => {
    void openFirst(session).then((fresh) => fresh && player.present());
    const onHash = () => {
      if (location.hash.length > 1) void openFragment(session, location.hash);
    };
    const onKey = (event: KeyboardEvent) => onKeyDown(event, { session, player });
    addEventListener("hashchange", onHash);
    addEventListener("keydown", onKey);
    addEventListener("click", letGo);
    return () => {
      removeEventListener("hashchange", onHash);
      removeEventListener("keydown", onKey);
      removeEventListener("click", letGo);
    };
  }, [session, player]);

  return (
    <ToolsContext value={{ session, player }}>
      <div className="app" data-step={step} data-place={place} data-ready={ready} data-testid="app">
        <TopBar />
        <Banners />
        {ready ? phone ? <Pocket /> : <Desk /> : <Opening />}
        <Narrator />
      </div>
      <Suspense fallback={<Fetching />}>{Dialog !== null && <Dialog />}</Suspense>
      <DropGround />
    </ToolsContext>
  );
}

function Opening() {
  return (
    <main className="opening" aria-busy="true">
      <p>Opening…</p>
    </main>
  );
}

/** What was asked for is on its way: shown only when that takes long. */
function Fetching() {
  return (
    <p className="fetching" role="status">
      Loading…
    </p>
  );
}
