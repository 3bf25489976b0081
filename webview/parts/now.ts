/** The time, for what counts up or down. */
import { useEffect, useState } from "preact/hooks";

/** @returns the time now, in ms since 1970; anew every so many ms. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
