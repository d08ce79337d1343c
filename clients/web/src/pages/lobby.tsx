import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import type { FixturePartsFragment } from '../api/generated';
import { competitions, fixtures, popular } from '../api/queries';
import { date, dateOf, day } from '../clock';
import { useWords } from '../language';
import { FixtureList } from '../parts/fixture_row';
import { Empty, Loading, More, Shown } from '../parts/states';

const DAYS = 7;

/** Ask for what the first view shows, before there is a page that does. */
export function askForGames(client: QueryClient): void {
  // What fails is asked for again, and said, by the page.
  client.query(popular).catch(() => undefined);
  client.infiniteQuery(fixtures({})).catch(() => undefined);
}

/** The games: popular ones, those of a day, or a competition's. What is shown stands in the address. */
export function Lobby() {
  const { w } = useWords();
  const [asked] = useSearchParams();
  const chosenDay = asked.get('day');
  const competition = asked.get('competition');
  return (
    <>
      <h1 className="hidden">{w.lobby.title}</h1>
      <Choices chosenDay={chosenDay} competition={competition} />
      {competition || chosenDay
        ? <Games filter={competition ? { competitionId: competition } : { day: chosenDay }} />
        : <All />}
      <p className="fine-print">{w.adults}</p>
    </>
  );
}

function Choices({ chosenDay, competition }: { chosenDay: string | null; competition: string | null }) {
  const { w, tongue, named } = useWords();
  const [, choose] = useSearchParams();
  const { data: known = [] } = useQuery(competitions);
  const days = Array.from({ length: DAYS }, (_, ahead) => date(ahead));
  const label = (ahead: number, at: string): string =>
    ahead === 0 ? w.lobby.today : ahead === 1 ? w.lobby.tomorrow : day(`${at}T12:00:00Z`, tongue);
  return (
    <div className="choices">
      <div className="chips" role="group" aria-label={w.lobby.days}>
        <button type="button" className="chip" aria-pressed={!chosenDay && !competition} onClick={() => { choose({}); }}>{w.lobby.all}</button>
        {days.map((at, ahead) => (
          <button key={at} type="button" className="chip" aria-pressed={chosenDay === at} onClick={() => { choose({ day: at }); }}>
            {label(ahead, at)}
          </button>
        ))}
      </div>
      <label className="select">
        <span className="hidden">{w.lobby.competition}</span>
        <select value={competition ?? ''} onChange={({ target }) => { choose(target.value ? { competition: target.value } : {}); }}>
          <option value="">{w.lobby.everyCompetition}</option>
          {known.map(({ id, name, country }) => <option key={id} value={id}>{named(country.name)} · {named(name)}</option>)}
        </select>
      </label>
    </div>
  );
}

/** Popular games, then those that come: together, so that no odds move from under a finger. */
function All() {
  const { w } = useWords();
  const { data: known = [], isPending } = useQuery(popular);
  useInfiniteQuery(fixtures({}));
  if (isPending) return <Loading />;
  return (
    <>
      {known.length > 0 && <><h2 className="part">{w.lobby.popular}</h2><FixtureList fixtures={known} dated /></>}
      <h2 className="part">{w.lobby.next}</h2>
      <Games filter={{}} />
    </>
  );
}

function Games({ filter }: { filter: Parameters<typeof fixtures>[0] }) {
  const { w } = useWords();
  const asked = useInfiniteQuery(fixtures(filter));
  return (
    <Shown of={asked}>
      {({ pages }) => {
        // A competition's list also has what was called off.
        const games = pages.flatMap(({ items }) => items).filter(({ status }) => status !== 'CANCELLED' && status !== 'ENDED');
        if (!games.length && !asked.hasNextPage) return <Empty title={w.lobby.none}><p>{w.lobby.noneHint}</p></Empty>;
        return <><Days games={games} /><More of={asked} empty={!games.length} /></>;
      }}
    </Shown>
  );
}

function Days({ games }: { games: FixturePartsFragment[] }) {
  const { w, tongue } = useWords();
  const days = [...new Set(games.map(({ startsAt }) => dateOf(startsAt)))];
  return days.map((at) => (
    <div key={at}>
      <h3 className="day">{at === date() ? w.lobby.today : at === date(1) ? w.lobby.tomorrow : day(`${at}T12:00:00Z`, tongue)}</h3>
      <FixtureList fixtures={games.filter(({ startsAt }) => dateOf(startsAt) === at)} />
    </div>
  ));
}
