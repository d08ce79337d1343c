import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { dateOf } from '../clock';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { More } from '../parts/states';
import { CreateFixture, PutCompetition, PutTeam } from './api/generated';
import type { CompetitionTier } from './api/generated';
import { ask } from './ask';
import { Act, line, oneOf, perhaps } from './form';
import { Folded, Shown, momentOf } from './parts';
import { competitions, gamesOf, sports } from './queries';

const TIERS: readonly (readonly [CompetitionTier, string])[] = [['SMALL', 'Small: little may be lost on a market'], ['STANDARD', 'Standard'], ['POPULAR', 'Popular: most may be lost']];
const ID = { mistake: '1 to 64 letters, digits or : . _ -', rules: { required: true, pattern: /^[0-9A-Za-z:._-]{1,64}$/ } };
const NAME = { rules: { required: true, maxLength: 60 }, mistake: '1 to 60 characters.' };
const named = (en: string, sw: string) => ({ en, sw: sw || null });

/** Competitions, teams and games, new or changed. */
export default function Offer() {
  const asked = useQuery(sports);
  const [chosen, choose] = useState('');
  return (
    <>
      <Back to="/desk/games" />
      <h1>Offer a game</h1>
      <p className="faint">A competition and two teams first, each once. A game has markets once they are added on its own page.</p>
      <Shown of={asked}>
        {(found) => {
          const sportId = chosen || (found[0]?.id ?? '');
          return (
            <>
              <Field label="Sport"><select value={sportId} onChange={({ target }) => { choose(target.value); }}>{found.map(({ id, name }) => <option key={id} value={id}>{name.en}</option>)}</select></Field>
              <Folded title="A team, new or renamed"><Team sportId={sportId} /></Folded>
              <Folded title="A competition, new or changed"><Competition sportId={sportId} /></Folded>
              <NewGame key={sportId} sportId={sportId} />
            </>
          );
        }}
      </Shown>
    </>
  );
}

const Team = ({ sportId }: { sportId: string }) => (
  <Act label="Keep the team" asks={{ id: line('Its id', ID), en: line('Its name in English', NAME), sw: perhaps('Its name in Kiswahili', { hint: 'Empty: the English one.' }) }}
    send={async ({ id, en, sw }, clientRequestId) => {
      const { putTeam: team } = await ask(PutTeam, { input: { clientRequestId, id, sportId, name: named(en, sw) } });
      return `${team.name.en} is kept as ${team.id}. Games that are there already keep the name that they have.`;
    }} />
);

function Competition({ sportId }: { sportId: string }) {
  const hours = (label: string, first: string) => perhaps(label, { first, type: 'numeric', short: true, mistake: 'Whole hours, 1 to 8,760.', rules: { pattern: /^\d{1,4}$/ } });
  const asks = {
    id: line('Its id', ID), en: line('Its name in English', NAME), sw: perhaps('Its name in Kiswahili', { hint: 'Empty: the English one.' }),
    countryId: line('Country’s id', { ...ID, hint: 'For example KE.', short: true }), country: line('Country’s name', { ...NAME, short: true }),
    tier: oneOf<CompetitionTier>('What its markets may cost', TIERS, 'STANDARD'),
    from: perhaps('Its own rules for late games, from', { type: 'date', hint: 'Empty: the operator’s rules hold. What is kept here replaces the rules that it had.' }),
    shortest: perhaps('Shortest play in minutes', { first: '90', type: 'numeric', short: true, mistake: 'Whole minutes, 1 to 10,080.', rules: { pattern: /^\d{1,5}$/ } }),
    wait: hours('Hours until a broken-off game is void', '48'), late: hours('Hours until one without result is void', ''),
  };
  return <Act label="Keep the competition" asks={asks} send={async (given, clientRequestId) => {
    const rules = given.from ? [{
      from: given.from, shortestPlayMinutes: Number.parseInt(given.shortest, 10), waitHours: Number.parseInt(given.wait, 10),
      voidAfterHours: given.late ? Number.parseInt(given.late, 10) : null,
    }] : null;
    const input = { clientRequestId, id: given.id, sportId, tier: given.tier, name: named(given.en, given.sw), country: { id: given.countryId, name: named(given.country, '') }, rules };
    return `${(await ask(PutCompetition, { input })).putCompetition.name.en} is kept.`;
  }} />;
}

function NewGame({ sportId }: { sportId: string }) {
  const asked = useInfiniteQuery(competitions(sportId));
  const [chosen, choose] = useState('');
  return (
    <section className="card still" aria-label="A game">
      <h2>A game</h2>
      <Shown of={asked}>
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          return (
            <>
              <Field label="Competition" hint={all.length ? undefined : 'This sport has none yet.'}>
                <select value={chosen} onChange={({ target }) => { choose(target.value); }}>
                  <option value="">Choose one</option>
                  {all.map(({ id, name, country }) => <option key={id} value={id}>{country.name.en}: {name.en}</option>)}
                </select>
              </Field>
              <More of={asked} />
              {chosen && <GameOf key={chosen} competitionId={chosen} />}
            </>
          );
        }}
      </Shown>
    </section>
  );
}

function GameOf({ competitionId }: { competitionId: string }) {
  const { data = [] } = useQuery(gamesOf(competitionId));
  const [made, setMade] = useState('');
  const known = [...new Map(data.flatMap(({ home, away }) => [home, away]).map(({ id, name }) => [id, name.en] as const))];
  const team = (label: string) => line(label, { ...ID, hint: 'Its id, as it was kept.', known, short: true });
  const asks = {
    homeTeamId: team('Named first'), awayTeamId: team('Named second'),
    starts: line('Start, by Nairobi’s clock', { type: 'datetime-local', mistake: 'A day and a time.' }),
    id: perhaps('The game’s id', { hint: 'Empty: of its teams and its day.', mistake: ID.mistake, rules: { pattern: ID.rules.pattern } }),
  };
  return (
    <>
      <Act label="Create the game" asks={asks} send={async ({ id, starts, ...teams }) => {
        const startsAt = momentOf(starts);
        const input = { ...teams, competitionId, startsAt, id: id || `${teams.homeTeamId}-${teams.awayTeamId}-${dateOf(startsAt)}` };
        const game = (await ask(CreateFixture, { input })).createFixture;
        setMade(game.id);
        return `${game.home.name.en} – ${game.away.name.en} is there, without markets yet.`;
      }} />
      {made && <p><Link href={`/desk/games/${encodeURIComponent(made)}`}>Price it: to the game</Link></p>}
    </>
  );
}
