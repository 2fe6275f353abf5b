import { useRef } from "react";
import { settle } from "./settle.ts";

/** A value made anew for each frame, whose parts keep their identity as long as they say the same. */
export function useSettled<Value>(value: Value): Value {
  const kept = useRef(value);
  kept.current = settle(kept.current, value);
  return kept.current;
}
