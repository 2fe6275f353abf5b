import { createIdbStore } from "./idb.ts";
import type { ToUi, ToWorker } from "./protocol.ts";
import { createRunLocks } from "./run-lock.ts";
import { createSession } from "./session.ts";
import { ENGINE_VERSION } from "./version.ts";

const ADVICE =
  "This is a mistake in Blackstart. Reload the page: the run goes on from the last step that was saved.";

const session = createSession({
  store: createIdbStore({ name: "blackstart", engine: ENGINE_VERSION, now: Date.now }),
  locks: createRunLocks(navigator.locks),
  examiner: () => import("./examiner.ts").then(({ examiner }) => examiner),
  engine: ENGINE_VERSION,
  tell,
  now: () => performance.now(),
  later(task, milliseconds) {
    const timer = setTimeout(task, milliseconds);
    return () => clearTimeout(timer);
  },
  sliceEvents: 2_000, // Some 20 ms.
  breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
  newName,
});

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  session.handle(data).catch(crash);
};
self.addEventListener("unhandledrejection", ({ reason }) => crash(reason));

function tell(message: ToUi): void {
  self.postMessage(message);
}

function crash(error: unknown): void {
  tell({
    type: "crashed",
    text: error instanceof Error ? error.message : String(error),
    advice: ADVICE,
  });
  self.close();
}

/** Chance is fine here: nothing in a run depends on its name. */
function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
