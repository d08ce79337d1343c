import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { dateOf } from '../clock';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { Empty, More } from '../parts/states';
import { CreateFixture, PutCompetition, PutTeam } from './api/generated';
import type { CompetitionTier } from './api/generated';
import { ask } from './ask';
import { Act, line, oneOf, perhaps } from './form';
import { Folded, Shown, momentOf } from './parts';
import { competitions, sports, teams } from './queries';

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
      <p className="faint">A competition first, then the game’s two teams by their names. It has markets once they are added on its own page.</p>
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

interface Named { id: string; name: { en: string } }

/** `called`: what its name begins as; `done` gets it once it is kept. */
const Team = ({ sportId, called = '', done }: { sportId: string; called?: string; done?: (team: Named) => void }) => (
  <Act label="Keep the team" asks={{ id: line('Its id', ID), en: line('Its name in English', { ...NAME, first: called }), sw: perhaps('Its name in Kiswahili', { hint: 'Empty: the English one.' }) }}
    send={async ({ id, en, sw }, clientRequestId) => {
      const { putTeam: team } = await ask(PutTeam, { input: { clientRequestId, id, sportId, name: named(en, sw) } });
      done?.(team);
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
              {chosen && <GameOf key={chosen} sportId={sportId} competitionId={chosen} />}
            </>
          );
        }}
      </Shown>
    </section>
  );
}

/** A team of the sport, by its name; one that is not there yet is kept here. */
function TeamOf({ sportId, label, chosen, choose }: { sportId: string; label: string; chosen: Named | null; choose: (team: Named | null) => void }) {
  const [text, setText] = useState('');
  const wanted = text.trim();
  if (chosen) {
    return (
      <p className="desk-facts">
        {label}: <b>{chosen.name.en}</b> <code>{chosen.id}</code>
        <button type="button" className="button small quiet" aria-label={`${label}: choose another`} onClick={() => { choose(null); }}>Choose another</button>
      </p>
    );
  }
  return (
    <div>
      <Field label={label} hint="How a word of its name begins."><input type="search" autoComplete="off" maxLength={40} value={text} onChange={({ target }) => { setText(target.value); }} /></Field>
      {wanted.length > 1 && <Teams sportId={sportId} text={wanted} choose={choose} />}
    </div>
  );
}

function Teams({ sportId, text, choose }: { sportId: string; text: string; choose: (team: Named) => void }) {
  const asked = useInfiniteQuery(teams(sportId, text));
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const found = [...new Map(pages.flatMap(({ items }) => items).map((team) => [team.id, team])).values()];
        return (
          <>
            {found.length > 0 && <ul className="menu">{found.map((team) => <li key={team.id}><button type="button" onClick={() => { choose(team); }}><b>{team.name.en}</b> <code>{team.id}</code></button></li>)}</ul>}
            {!found.length && !asked.hasNextPage && <Empty title="No team is called so" />}
            <More of={asked} empty={!found.length} />
            <Folded title="It is not there yet"><Team sportId={sportId} called={text} done={choose} /></Folded>
          </>
        );
      }}
    </Shown>
  );
}

function GameOf({ sportId, competitionId }: { sportId: string; competitionId: string }) {
  const [home, setHome] = useState<Named | null>(null);
  const [away, setAway] = useState<Named | null>(null);
  const [made, setMade] = useState('');
  const asks = {
    starts: line('Start, by Nairobi’s clock', { type: 'datetime-local', mistake: 'A day and a time.' }),
    id: perhaps('The game’s id', { hint: 'Empty: of its teams and its day.', mistake: ID.mistake, rules: { pattern: ID.rules.pattern } }),
  };
  return (
    <>
      <div className="desk-columns">
        <TeamOf sportId={sportId} label="Named first" chosen={home} choose={setHome} />
        <TeamOf sportId={sportId} label="Named second" chosen={away} choose={setAway} />
      </div>
      {home && away ? (
        <Act label="Create the game" asks={asks} send={async ({ id, starts }) => {
          const startsAt = momentOf(starts);
          const input = { homeTeamId: home.id, awayTeamId: away.id, competitionId, startsAt, id: id || `${home.id}-${away.id}-${dateOf(startsAt)}` };
          const game = (await ask(CreateFixture, { input })).createFixture;
          setMade(game.id);
          return `${game.home.name.en} – ${game.away.name.en} is there, without markets yet.`;
        }} />
      ) : <p className="faint">Choose both teams.</p>}
      {made && <p><Link href={`/desk/games/${encodeURIComponent(made)}`}>Price it: to the game</Link></p>}
    </>
  );
}
