import { useEffect, useRef, useState } from 'react';
import type { MarketPartsFragment } from '../api/generated';
import { useWords } from '../language';
import { moved } from '../odds';
import { pickOf, useSlip } from '../slip';
import type { Named } from '../slip';

interface Of {
  fixture: { id: string; startsAt: string; home: { name: Named }; away: { name: Named } };
  market: MarketPartsFragment;
  selection: MarketPartsFragment['selections'][number];
  /** Its short name (1, X, 2) instead of the long one. */
  brief?: boolean;
}

const SHOWN_MS = 4000;

/** Whether a price went up or down just now. */
function useMove(odds: string): -1 | 0 | 1 {
  const before = useRef(odds);
  const [move, setMove] = useState<-1 | 0 | 1>(0);
  useEffect(() => {
    if (before.current === odds) return undefined;
    setMove(moved(before.current, odds));
    before.current = odds;
    const timer = setTimeout(() => { setMove(0); }, SHOWN_MS);
    return () => { clearTimeout(timer); };
  }, [odds]);
  return move;
}

export function OddsButton({ fixture, market, selection, brief = false }: Of) {
  const { w, named } = useWords();
  const toggle = useSlip((slip) => slip.toggle);
  const chosen = useSlip((slip) => slip.picks.some(({ selectionId }) => selectionId === selection.id));
  const move = useMove(selection.odds);
  const open = market.status === 'OPEN';
  const spoken = `${named(fixture.home.name)} – ${named(fixture.away.name)}, ${named(market.name)}: ${brief ? named(selection.name) : ''}`;
  return (
    <button
      type="button" className={`odds${move > 0 ? ' rose' : move < 0 ? ' fell' : ''}`} aria-pressed={chosen}
      disabled={!open && !chosen} data-selection={selection.id}
      onClick={() => { toggle(pickOf(fixture, market, selection)); }}
    >
      <span className="hidden">{spoken}</span>
      <span className="odds-name">{brief ? selection.key : named(selection.name)}</span>
      <span className="odds-value">{open ? selection.odds : selection.result ? w.bet.result[selection.result] : <><span aria-hidden="true">–</span><span className="hidden">{w.market[market.status]}</span></>}</span>
    </button>
  );
}
