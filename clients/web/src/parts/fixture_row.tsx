import { Link } from 'wouter';
import type { FixturePartsFragment } from '../api/generated';
import { moment, time } from '../clock';
import { useWords } from '../language';
import { OddsButton } from './odds_button';

/** A game in a list, with its first market. */
function FixtureRow({ fixture, dated }: { fixture: FixturePartsFragment; dated: boolean }) {
  const { w, tongue, named } = useWords();
  const [market] = fixture.markets;
  const { score } = fixture;
  return (
    <li className="fixture">
      <Link href={`/fixture/${encodeURIComponent(fixture.id)}`} className="fixture-names">
        <span className="fixture-when">
          {fixture.status === 'SCHEDULED' ? (dated ? moment : time)(fixture.startsAt, tongue) : w.status[fixture.status]}
        </span>
        <span className="teams">
          <span>{named(fixture.home.name)}{score && <b>{score.regular.home}</b>}</span>
          <span>{named(fixture.away.name)}{score && <b>{score.regular.away}</b>}</span>
        </span>
      </Link>
      {market
        ? <div className={`odds-row of-${String(market.selections.length)}`}>
          {market.selections.map((selection) => <OddsButton key={selection.id} {...{ fixture, market, selection }} brief />)}
        </div>
        : <p className="faint">{w.noMarkets}</p>}
    </li>
  );
}

/** Games below their competition; `dated`: each with its day, where none stands above them. */
export function FixtureList({ fixtures, dated = false }: { fixtures: FixturePartsFragment[]; dated?: boolean }) {
  const { named } = useWords();
  const groups = new Map<string, FixturePartsFragment[]>();
  for (const fixture of fixtures) groups.set(fixture.competition.id, [...(groups.get(fixture.competition.id) ?? []), fixture]);
  return [...groups.values()].map((games) => {
    const [{ competition, id }] = games as [FixturePartsFragment];
    return (
      <section key={id} className="games">
        <h2 className="competition"><span>{named(competition.country.name)}</span> {named(competition.name)}</h2>
        <ul>{games.map((fixture) => <FixtureRow key={fixture.id} {...{ fixture, dated }} />)}</ul>
      </section>
    );
  });
}
