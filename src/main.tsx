import { createRoot } from "react-dom/client";
import { App } from "#ui/App.tsx";
import { createPlayer } from "#ui/player.ts";
import { createSession } from "#ui/session.ts";
import { createClient } from "#worker/client.ts";

const container = document.getElementById("root");
if (container === null) throw new Error("index.html has no #root");

const session = createSession(createClient());
const player = createPlayer(session);
createRoot(container).render(<App session={session} player={player} />);
