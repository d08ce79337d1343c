import { useEffect, useState } from 'react';

// Longer than a browser's timer goes, 24 days; nothing here waits so long.
const LONGEST_MS = 2 ** 31 - 1;

/** Whether a moment has passed, and again once it has; one that is not there has. */
export function usePassed(moment: string | number | null): boolean {
  const at = moment === null ? 0 : new Date(moment).getTime();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setTimeout(() => { setNow(Date.now()); }, Math.min(LONGEST_MS, Math.max(0, at - Date.now())));
    return () => { clearTimeout(timer); };
  }, [at]);
  return now >= at;
}
