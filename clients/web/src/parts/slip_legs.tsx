import { Link } from 'wouter';
import { moment } from '../clock';
import { useWords } from '../language';
import { kindOfSlip, useSlip } from '../slip';
import type { Pick } from '../slip';
import { Icon } from './icons';

export function SlipLegs() {
  const slip = useSlip();
  return <ol className="legs">{slip.picks.map((pick) => <Leg key={pick.marketId} pick={pick} inSystem={kindOfSlip(slip) === 'SYSTEM'} />)}</ol>;
}

/** Whether a leg is in every line of its system. One leg at least is none. */
function Banker({ pick: { marketId, selection }, game }: { pick: Pick; game: string }) {
  const { w, named } = useWords();
  const { picks, bankers, toggleBanker } = useSlip();
  const is = bankers.includes(marketId);
  const most = picks.filter((pick) => bankers.includes(pick.marketId)).length + 1 >= picks.length;
  return (
    <button type="button" className="chip banker" aria-pressed={is} disabled={!is && most} onClick={() => { toggleBanker(marketId); }}>
      {w.slip.banker}<span className="hidden">: {named(selection)}, {game}</span>
    </button>
  );
}

function Leg({ pick, inSystem }: { pick: Pick; inSystem: boolean }) {
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
        {inSystem && <Banker pick={pick} game={game} />}
      </div>
      <strong className="leg-odds">{pick.odds}</strong>
      <button type="button" className="icon-button" aria-label={w.slip.remove(`${named(pick.selection)}, ${game}`)} onClick={() => { remove(pick.marketId); }}>
        <Icon name="close" />
      </button>
    </li>
  );
}
