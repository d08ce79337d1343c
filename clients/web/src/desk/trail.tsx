import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useSearchParams } from 'wouter';
import { Field } from '../parts/field';
import { More } from '../parts/states';
import { Acts } from './acts';
import type { AuditFilter } from './api/generated';
import { Approvals } from './approvals';
import { Choices, Shown } from './parts';
import { staffMembers, trail } from './queries';

const VIEWS = [['WAITING', 'Waiting for a second person'], ['ALL', 'All that was done']] as const;

/** What waits for a second person, and what staff did. */
export default function Trail({ me }: { me: string }) {
  const [asked, choose] = useSearchParams();
  const view = asked.get('view') === 'ALL' ? 'ALL' : 'WAITING';
  return (
    <>
      <h1>{view === 'ALL' ? 'The trail' : 'Approvals'}</h1>
      <Choices label="What" of={VIEWS} chosen={view} choose={(name) => { choose({ view: name }); }} />
      {view === 'ALL' ? <All /> : <Approvals me={me} />}
    </>
  );
}

function All() {
  const [filter, setFilter] = useState<AuditFilter>({});
  const asked = useInfiniteQuery(trail(filter));
  const { data: staff = [] } = useQuery(staffMembers);
  const { register, handleSubmit } = useForm({ defaultValues: { userId: '', staffId: '', action: '', from: '', to: '' } });
  return (
    <>
      <form noValidate className="desk-find" onSubmit={(event) => { void handleSubmit(({ from, to, ...given }) => {
        const days = { from: from && `${from}T00:00:00+03:00`, to: to && `${to}T23:59:59.999999+03:00` };
        setFilter(Object.fromEntries(Object.entries({ ...given, ...days }).filter(([, text]) => text.trim()).map(([name, text]) => [name, text.trim()])));
      })(event); }}>
        <Field label="About a player"><input autoComplete="off" placeholder="player’s id" {...register('userId')} /></Field>
        <Field label="By"><select {...register('staffId')}><option value="">anybody</option>{staff.map(({ id, email }) => <option key={id} value={id}>{email}</option>)}</select></Field>
        <Field label="Of a kind"><input autoComplete="off" placeholder="setOdds" {...register('action')} /></Field>
        <Field label="From"><input type="date" {...register('from')} /></Field>
        <Field label="To"><input type="date" {...register('to')} /></Field>
        <button className="button">Look</button>
      </form>
      <Shown of={asked}>{({ pages }) => <><Acts of={pages.flatMap(({ items }) => items)} /><More of={asked} /></>}</Shown>
    </>
  );
}
