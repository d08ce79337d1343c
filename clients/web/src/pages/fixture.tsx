import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useParams } from 'wouter';
import { newer } from '../api/newer';
import { fixture, markets } from '../api/queries';
import type { FixturePartsFragment, MarketPartsFragment } from '../api/generated';
import { moment } from '../clock';
import { useWords } from '../language';
import { Back } from '../parts/back';
import { OddsButton } from '../parts/odds_button';
import { Empty, Shown } from '../parts/states';
import { useSession } from '../session';

const GROUPS = ['MAIN', 'GOALS', 'HANDICAP', 'HALVES', 'COMBINED', 'SCORE', 'CORNERS', 'CARDS'] as const;

/** Prices as they move: pushed to who is signed in, looked at again for a guest. */
function useMoves(fixtureId: string): void {
  const client = useQueryClient();
  const userId = useSession((session) => session.userId);
  useEffect(() => {
    if (!userId) return undefined;
    let end: (() => void) | undefined;
    let over = false;
    void import('../api/live').then(({ onMarket }) => {
      if (over) return;
      end = onMarket(fixtureId, (market) => {
        client.setQueryData(markets(fixtureId).queryKey, (had) =>
          had?.map((one) => (one.id === market.id ? newer(one, market) : one)));
      });
    });
    return () => { over = true; end?.(); };
  }, [fixtureId, userId, client]);
}

export default function Fixture() {
  const { id } = useParams<{ id: string }>();
  const game = useQuery(fixture(id));
  const offered = useQuery(markets(id));
  useMoves(id);
  return (
    <>
      <Back to="/" whence />
      <Shown of={game}>
        {(found) => <><Head game={found} /><Shown of={offered}>{(all) => <Markets game={found} all={all} />}</Shown></>}
      </Shown>
    </>
  );
}

function Head({ game }: { game: FixturePartsFragment }) {
  const { w, tongue, named } = useWords();
  return (
    <header className="game">
      <p className="competition"><span>{named(game.competition.country.name)}</span> {named(game.competition.name)}</p>
      <h1>
        <span>{named(game.home.name)}</span>
        {game.score
          ? <b className="score">{game.score.regular.home}–{game.score.regular.away}</b>
          : <span className="versus">{w.versus}</span>}
        <span>{named(game.away.name)}</span>
      </h1>
      <p className="faint">{moment(game.startsAt, tongue)}{game.status !== 'SCHEDULED' && ` · ${w.status[game.status]}`}</p>
    </header>
  );
}

function Markets({ game, all }: { game: FixturePartsFragment; all: MarketPartsFragment[] }) {
  const { w, named } = useWords();
  const groups = GROUPS.filter((group) => all.some((market) => market.group === group));
  const [chosen, setChosen] = useState<string>();
  const group = chosen ?? groups[0];
  if (!all.length) return <Empty title={w.noMarkets} />;
  return (
    <>
      <div className="chips" role="group" aria-label={w.marketGroups}>
        {groups.map((one) => (
          <button key={one} type="button" className="chip" aria-pressed={one === group} onClick={() => { setChosen(one); }}>{w.group[one]}</button>
        ))}
      </div>
      {all.filter((market) => market.group === group).map((market) => (
        <section key={market.id} className="market">
          <h2>{named(market.name)}{market.status !== 'OPEN' && <span className="tag warn">{w.market[market.status]}</span>}</h2>
          <div className={`odds-grid of-${String(Math.min(market.selections.length, 3))}`}>
            {market.selections.map((selection) => <OddsButton key={selection.id} {...{ fixture: game, market, selection }} />)}
          </div>
        </section>
      ))}
    </>
  );
}
