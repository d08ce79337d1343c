import { useInfiniteQuery } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { Link, useLocation, useSearchParams } from 'wouter';
import { Field } from '../parts/field';
import { phoneOf } from '../phone';
import { Empty, More } from '../parts/states';
import { DecidePhoneChange, FindPlayer } from './api/generated';
import type { StaffQueue, WaitingNumbersQuery } from './api/generated';
import { ask } from './ask';
import { Act, line, why } from './form';
import { Choices, Folded, Shown, at } from './parts';
import { waitingNumbers, waitingPlayers } from './queries';

const NUMBERS = 'NUMBERS';
const QUEUES: readonly (readonly [StaffQueue | typeof NUMBERS, string])[] = [
  ['STOPS', 'Stopped accounts'], ['APPEALS', 'Appeals'], ['HARM', 'Marks of harm'], [NUMBERS, 'New numbers'],
];
const WHO: Readonly<Record<StaffQueue | typeof NUMBERS, string>> = {
  STOPS: 'Accounts that we stopped, by the day of the decision. Whose player appealed is among the appeals.',
  APPEALS: 'What stopped players answered. Somebody else than who stopped them decides.',
  HARM: 'Players whose betting may do them harm: look, talk to them, and write down what was done.',
  NUMBERS: 'Players without their old number, who proved a new one.',
};
const WHEN: Readonly<Record<StaffQueue, string>> = { STOPS: 'to be decided by', APPEALS: 'since', HARM: 'since' };

/** One player by id, and players who wait for staff, who is due first. */
export default function Players() {
  const [asked, choose] = useSearchParams();
  const queue = QUEUES.find(([name]) => name === asked.get('queue'))?.[0] ?? 'STOPS';
  return (
    <>
      <h1>Players</h1>
      <ById />
      <Folded title="Find who has a phone number"><ByNumber /></Folded>
      <Choices label="Who waits" of={QUEUES} chosen={queue} choose={(name) => { choose({ queue: name }); }} />
      <p className="faint">{WHO[queue]}</p>
      {queue === NUMBERS ? <Numbers /> : <Waiting key={queue} queue={queue} />}
    </>
  );
}

function ById() {
  const [, go] = useLocation();
  const { register, handleSubmit, formState: { errors } } = useForm({ defaultValues: { id: '' } });
  return (
    <form noValidate className="desk-find" onSubmit={(event) => { void handleSubmit(({ id }) => { go(`/desk/players/${encodeURIComponent(id.trim())}`); })(event); }}>
      <Field label="A player’s id" mistake={errors.id && 'The id, as payments, bets and logs have it.'}><input autoComplete="off" {...register('id', { required: true })} /></Field>
      <button className="button">Look</button>
    </form>
  );
}

/** Who has a number now. That somebody looked, for whom and why, is in the trail; the number is not. */
function ByNumber() {
  const [, go] = useLocation();
  const number = line('Phone number', { type: 'tel', hint: 'As the player signs in with it.', mistake: 'A Kenyan mobile number, like 0712 345678.', rules: { validate: (text: string) => phoneOf(text) !== null } });
  return <Act label="Find" asks={{ number, reason: why(3, 200) }} send={async (given, id) => {
    const { findPlayer: found } = await ask(FindPlayer, { id, phoneNumber: phoneOf(given.number) ?? '', reason: given.reason });
    go(`/desk/players/${encodeURIComponent(found.id)}`);
    return 'Found.';
  }} />;
}

function Waiting({ queue }: { queue: StaffQueue }) {
  const asked = useInfiniteQuery(waitingPlayers(queue));
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (!all.length && !asked.hasNextPage) return <Empty title="Nobody waits here" />;
        return (
          <>
            <ul className="menu">{all.map(({ userId, at: when }) => (
              <li key={userId}><Link href={`/desk/players/${encodeURIComponent(userId)}`}><span><b>{userId}</b><small>{WHEN[queue]} {at(when)}</small></span></Link></li>
            ))}</ul>
            <More of={asked} />
          </>
        );
      }}
    </Shown>
  );
}

function Numbers() {
  const asked = useInfiniteQuery(waitingNumbers);
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (!all.length && !asked.hasNextPage) return <Empty title="Nobody waits for another number" />;
        return <><ul className="cards">{all.map((each) => <OneNumber key={each.userId} of={each} />)}</ul><More of={asked} /></>;
      }}
    </Shown>
  );
}

const CAME = { PROPOSED: 'A second person has to say the same.', MOVED: 'The player has the number.', REFUSED: 'The player keeps the old number.' };

function OneNumber({ of }: { of: WaitingNumbersQuery['phoneReviews']['items'][number] }) {
  return (
    <li className="card still">
      <h2>New number {of.newNumber}</h2>
      <p>“{of.reason}”</p>
      <p className="desk-facts"><span>asked {at(of.askedAt)}</span><Link href={`/desk/players/${encodeURIComponent(of.userId)}`}>Player</Link></p>
      <Folded title="Decide">
        <p className="faint">Make sure first that it is them. To give the number takes two people, to refuse it one.</p>
        <Decide userId={of.userId} approve />
        <Decide userId={of.userId} approve={false} />
      </Folded>
    </li>
  );
}

function Decide({ userId, approve }: { userId: string; approve: boolean }) {
  const label = approve ? 'Give them the number' : 'Refuse it';
  return (
    <Act label={label} danger={!approve} asks={{ reason: why(3, 200, `${label}: why`) }}
      send={async (given, id) => CAME[(await ask(DecidePhoneChange, { id, userId, approve, ...given })).decidePhoneChange.status]} />
  );
}
