import { sayNotFetched } from "./not-fetched.ts";
import { consultLibrary } from "./telling.ts";

/** The library and what reads documents; it is fetched when it is first asked for. Null: that failed, and the user is told. */
export async function fetchShelf(): Promise<typeof import("./shelf.ts").SHELF | null> {
  try {
    const { SHELF } = await import("./shelf.ts");
    consultLibrary(SHELF.scriptInLibrary);
    return SHELF;
  } catch {
    sayNotFetched();
    return null;
  }
}
