import type { Request, ToUi, ToWorker } from "./protocol.ts";

/** The page's end of the worker. */
export interface Client {
  /**
   * Asks, and gets the one answer. Never rejects and never hangs: when the worker has ended, the answer is `refused`.
   */
  send(request: Request): Promise<ToUi>;
  /** The same, for what takes long: `id` is the one of its `progress`, and what a `cancel` names. */
  start(request: Request): { readonly id: number; readonly answer: Promise<ToUi> };
  /** Hears what is no answer: `progress`, `saved`, `storage`, `crashed`. Returns how to stop. */
  onMessage(listener: (message: ToUi) => void): () => void;
  terminate(): void;
}

const RELOAD = "Reload the page. If it happens again, this browser cannot run the simulation.";

/** Starts the worker. One for the page: make it outside of components. */
export function createClient(worker: Worker = startWorker()): Client {
  const listeners = new Set<(message: ToUi) => void>();
  const waiting = new Map<number, (answer: ToUi) => void>();
  let asked = 0;
  /** Something has been saved. */
  let stored = false;
  /** Why nothing is answered any more; null: it is. */
  let ended: string | null = null;

  function start(request: Request): { readonly id: number; readonly answer: Promise<ToUi> } {
    asked += 1;
    const id = asked;
    if (ended !== null) {
      return { id, answer: Promise.resolve({ type: "refused", id, reason: ended }) };
    }
    const answer = new Promise<ToUi>((resolve) => {
      waiting.set(id, resolve);
      worker.postMessage({ ...request, id } satisfies ToWorker);
    });
    return { id, answer };
  }

  const send = (request: Request) => start(request).answer;

  function take(message: ToUi): void {
    if (message.type === "crashed") end(message.text);
    if (message.type === "saved" && !stored) {
      stored = true;
      keepStorage();
    }
    if (!("id" in message) || message.type === "progress") {
      for (const listener of listeners) listener(message);
      return;
    }
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    answer?.(message);
  }

  function crash(text: string): void {
    if (ended === null) take({ type: "crashed", text, advice: RELOAD });
  }

  function end(reason: string): void {
    ended ??= reason;
    worker.terminate();
    stopWatching();
    for (const [id, answer] of waiting) answer({ type: "refused", id, reason: ended });
    waiting.clear();
  }

  worker.addEventListener("message", ({ data }: MessageEvent<ToUi>) => take(data));
  worker.addEventListener("messageerror", () => crash("The worker sent what cannot be read."));
  worker.addEventListener("error", (event: ErrorEvent) => {
    crash(event.message || "The worker cannot be started.");
  });
  const stopWatching = onLeave(() => void send({ type: "checkpoint" }));

  return {
    send,
    start,
    onMessage(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    terminate: () => end("The worker was ended."),
  };
}

function startWorker(): Worker {
  return new Worker(new URL("./host.ts", import.meta.url), { type: "module" });
}

/** Asks the browser not to throw away what is stored. Only a page may ask, not a worker. */
function keepStorage(): void {
  if (typeof document === "undefined") return;
  // Whether it agrees makes no difference to what we do, and where it cannot be asked there is nothing to be done.
  navigator.storage?.persist?.().catch(() => undefined);
}

/** Calls `left` when the page is hidden or closed, as long as there is a page. Returns how to stop. */
function onLeave(left: () => void): () => void {
  if (typeof document === "undefined") return () => undefined;
  const hidden = () => {
    if (document.visibilityState === "hidden") left();
  };
  document.addEventListener("visibilitychange", hidden);
  addEventListener("pagehide", left);
  return () => {
    document.removeEventListener("visibilitychange", hidden);
    removeEventListener("pagehide", left);
  };
}
