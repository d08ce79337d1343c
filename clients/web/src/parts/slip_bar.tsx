import { Link, useLocation } from 'wouter';
import { useWords } from '../language';
import { together } from '../odds';
import { kindOfSlip, useSlip } from '../slip';
import { Icon } from './icons';

/** What is on the slip, above the tabs, wherever one chooses. */
export function SlipBar() {
  const { w } = useWords();
  const [path] = useLocation();
  const slip = useSlip();
  const { picks } = slip;
  const choosing = path === '/' || path === '/search' || path.startsWith('/fixture');
  if (!picks.length || !choosing) return null;
  return (
    <aside aria-label={w.slip.title}>
      <Link href="/slip" className="slip-bar">
        <span className="count">{picks.length}</span>
        <span>{w.slip.open}</span>
        {(picks.length === 1 || kindOfSlip(slip) === 'MULTI') && <strong>{together(picks.map(({ odds }) => odds))}</strong>}
        <Icon name="next" />
      </Link>
    </aside>
  );
}
