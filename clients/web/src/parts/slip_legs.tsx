import { Link } from 'wouter';
import { moment } from '../clock';
import { useWords } from '../language';
import { useSlip } from '../slip';
import type { Pick } from '../slip';
import { Icon } from './icons';

export function SlipLegs() {
  const picks = useSlip((slip) => slip.picks);
  return <ol className="legs">{picks.map((pick) => <Leg key={pick.marketId} pick={pick} />)}</ol>;
}

function Leg({ pick }: { pick: Pick }) {
  const { w, tongue, named } = useWords();
  const remove = useSlip((slip) => slip.remove);
  const game = `${named(pick.home)} – ${named(pick.away)}`;
  return (
    <li className="leg">
      <div>
        <p className="leg-pick">{named(pick.selection)}</p>
        <p className="faint">{named(pick.market)}</p>
        <p>{pick.fixtureId ? <Link href={`/fixture/${encodeURIComponent(pick.fixtureId)}`}>{game}</Link> : game}</p>
        <p className="faint">{moment(pick.startsAt, tongue)}</p>
      </div>
      <strong className="leg-odds">{pick.odds}</strong>
      <button type="button" className="icon-button" aria-label={w.slip.remove(`${named(pick.selection)}, ${game}`)} onClick={() => { remove(pick.marketId); }}>
        <Icon name="close" />
      </button>
    </li>
  );
}
