import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { date, dateOf, day, time } from '../clock';
import { Field } from '../parts/field';
import { Empty, More, Notice } from '../parts/states';
import { SetBetting } from './api/generated';
import type { DeskFixtureFragment, FixtureStatus } from './api/generated';
import { ask } from './ask';
import { Act, why } from './form';
import { Choices, Folded, Shown, Tag } from './parts';
import { betting, games, late, searched } from './queries';

const STATUSES: readonly (readonly [FixtureStatus, string])[] = [
  ['SCHEDULED', 'Scheduled'], ['LIVE', 'Live'], ['ENDED', 'Ended'], ['POSTPONED', 'Postponed'],
  ['INTERRUPTED', 'Interrupted'], ['ABANDONED', 'Abandoned'], ['CANCELLED', 'Cancelled'],
];
const LATE = 'LATE';

/** The games of a day, those that are late, or those of a team. What is shown stands in the address. */
export default function Games() {
  const [asked, choose] = useSearchParams();
  const status = asked.get('status') ?? 'SCHEDULED';
  const on = asked.get('day') ?? date();
  const text = asked.get('text') ?? '';
  const change = (changes: Record<string, string>) => {
    choose({ status, day: on, ...(text ? { text } : {}), ...changes }, { replace: true });
  };
  return (
    <>
      <h1>Games</h1>
      <AllBetting />
      <div className="desk-find">
        <Field label="Search a team"><input type="search" defaultValue={text} onChange={({ target }) => { change({ text: target.value }); }} /></Field>
        <Field label="Day"><input type="date" value={on} onChange={({ target }) => { if (target.value) change({ day: target.value, text: '' }); }} /></Field>
      </div>
      <Choices label="Status" of={[...STATUSES, [LATE, 'Late without a result']] as const} chosen={status} choose={(value) => { change({ status: value, text: '' }); }} />
      {text.trim().length >= 2 ? <Found text={text.trim()} /> : status === LATE ? <Late /> : <OfDay on={on} status={status as FixtureStatus} />}
    </>
  );
}

function AllBetting() {
  const { data } = useQuery(betting);
  if (!data) return null;
  const { open } = data;
  return (
    <>
      {!open && <Notice kind="warn"><p><b>No bets are taken at all.</b> {data.message?.en}</p></Notice>}
      <Folded title={open ? 'Stop all betting' : 'Take bets again'}>
        <Act key={String(open)} label={open ? 'Stop all betting now' : 'Take bets again'} danger={open} asks={{ reason: why(5, 500) }} send={async (given, id) =>
          ((await ask(SetBetting, { id, open: !open, ...given })).setBetting.open ? 'Bets are taken again.' : 'From two seconds from now on no bet is begun.')} />
      </Folded>
    </>
  );
}

function OfDay({ on, status }: { on: string; status: FixtureStatus }) {
  return <List of={useInfiniteQuery(games(on, status))} none="No such games on this day" />;
}
function Late() {
  return <List of={useInfiniteQuery(late)} none="No game is late" />;
}
function Found({ text }: { text: string }) {
  return <List of={useInfiniteQuery(searched(text))} none="No team is called so" />;
}

type Asked = ReturnType<typeof useInfiniteQuery<{ items: DeskFixtureFragment[]; cursor: string | null }, Error, { pages: { items: DeskFixtureFragment[] }[] }>>;

function List({ of, none }: { of: Asked; none: string }) {
  return (
    <Shown of={of}>
      {({ pages }) => {
        const found = [...new Map(pages.flatMap(({ items }) => items).map((each) => [each.id, each])).values()];
        if (!found.length && !of.hasNextPage) return <Empty title={none} />;
        return <><ul className="menu">{found.map((each) => <Row key={each.id} of={each} />)}</ul><More of={of} /></>;
      }}
    </Shown>
  );
}

function Row({ of }: { of: DeskFixtureFragment }) {
  const today = dateOf(of.startsAt) === date();
  return (
    <li>
      <Link href={`/desk/games/${encodeURIComponent(of.id)}`}>
        <span><b>{of.home.name.en} – {of.away.name.en}</b><small>{of.competition.name.en} · {today ? '' : `${day(of.startsAt, 'en')}, `}{time(of.startsAt, 'en')}</small></span>
        <span className="end">{of.score && <b>{of.score.regular.home} – {of.score.regular.away}</b>}<Tag of={of.status} /></span>
      </Link>
    </li>
  );
}
