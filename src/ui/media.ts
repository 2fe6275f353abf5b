import { useSyncExternalStore } from "react";

const PHONE = "(max-width: 759px)";
const STILL = "(prefers-reduced-motion: reduce)";

/** A narrow window: the cluster on top, the rest in a sheet of tabs. */
export function useIsPhone(): boolean {
  return useMedia(PHONE);
}

/** The user asked for less motion: arrows are drawn instead of flights. */
export function useIsStill(): boolean {
  return useMedia(STILL);
}

export function isStill(): boolean {
  return matchMedia(STILL).matches;
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}
