import { useEffect, useRef, useState } from "react";

/** A value that changes at most every so many milliseconds, and ends on the newest: for what is dear to draw. */
export function useCalm<Value>(value: Value, wait: number): Value {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    const show = () => {
      last.current = performance.now();
      setShown(value);
    };
    const rest = last.current + wait - performance.now();
    if (rest <= 0) {
      show();
      return;
    }
    const timer = setTimeout(show, rest);
    return () => clearTimeout(timer);
  }, [value, wait]);
  return shown;
}
