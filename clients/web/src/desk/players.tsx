import { useInfiniteQuery } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { Link, useLocation, useSearchParams } from 'wouter';
import { Field } from '../parts/field';
import { Empty, More } from '../parts/states';
import { DecidePhoneChange } from './api/generated';
import type { StaffQueue, WaitingNumbersQuery } from './api/generated';
import { ask } from './ask';
import { CommandForm, useCommand } from './command';
import { Choices, Folded, Reason, Shown, at, lengths } from './parts';
import { waitingNumbers, waitingPlayers } from './queries';

const NUMBERS = 'NUMBERS';
const QUEUES: readonly (readonly [StaffQueue | typeof NUMBERS, string])[] = [
  ['STOPS', 'Stopped accounts'], ['APPEALS', 'Appeals'], ['HARM', 'Marks of harm'], [NUMBERS, 'New numbers'],
];
const WHEN: Readonly<Record<StaffQueue, string>> = { STOPS: 'to be decided by', APPEALS: 'since', HARM: 'since' };

/** One player by id, and players who wait for staff, who is due first. */
export default function Players() {
  const [asked, choose] = useSearchParams();
  const queue = QUEUES.find(([name]) => name === asked.get('queue'))?.[0] ?? 'STOPS';
  return (
    <>
      <h1>Players</h1>
      <ById />
      <Choices label="Who waits" of={QUEUES} chosen={queue} choose={(name) => { choose({ queue: name }); }} />
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
  const decide = useCommand(async ({ reason }: { reason: string }, id) => (await ask(DecidePhoneChange, { id, userId, approve, reason })).decidePhoneChange.status);
  return (
    <CommandForm label={label} danger={!approve} given={{ reason: '' }} command={decide} said={(status) => CAME[status]}>
      {({ register, formState: { errors } }) => <Reason label={`${label}: why`} input={register('reason', lengths(3, 200))} wrong={Boolean(errors.reason)} least={3} most={200} />}
    </CommandForm>
  );
}
