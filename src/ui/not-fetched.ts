import { showBanner } from "./ui-store.ts";

/** Tells that code of the page itself could not be fetched. */
export function sayNotFetched(): void {
  showBanner({
    tone: "bad",
    topic: "fetch",
    text: "A part of the page could not be fetched.",
    remedy: "Reload the page when its server can be reached again.",
  });
}
