import { useUi } from "./ui-store.ts";
import { useCalm } from "./use-calm.ts";

/** At most this often. Milliseconds. */
const CALM = 120;

/** For tables beside the stage: while it plays they follow at a calmer pace; what is paused is shown as it is, at once. */
export function useCalmWhilePlaying<Value>(value: Value): Value {
  const playing = useUi((state) => state.playing);
  const calm = useCalm(value, CALM);
  return playing ? calm : value;
}
