import { useUi } from "./ui-store.ts";
import { useCalm } from "./use-calm.ts";

/** At most this often. Milliseconds. */
const CALM = 120;

/**
 * For what stands beside the flights: while it plays it follows at a calmer pace, every `wait` milliseconds at most; what is
 * paused is shown as it is, at once.
 */
export function useCalmWhilePlaying<Value>(value: Value, wait = CALM): Value {
  const playing = useUi((state) => state.playing);
  const calm = useCalm(value, wait);
  return playing ? calm : value;
}
