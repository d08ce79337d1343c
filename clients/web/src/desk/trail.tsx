import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { Link, useSearchParams } from 'wouter';
import { amountOf } from '../money';
import { Field } from '../parts/field';
import { Empty, More, Notice } from '../parts/states';
import { ActFacts, Acts } from './acts';
import type { Act } from './acts';
import { GrantBonus, ProposeAdjustment } from './api/generated';
import type { AuditFilter } from './api/generated';
import { ask } from './ask';
import { useCommand } from './command';
import { Choices, Refused, Shown } from './parts';
import { staffMembers, trail } from './queries';

const VIEWS = [['WAITING', 'Waiting for a second person'], ['ALL', 'All that was done']] as const;
const A_DAY = 24 * 60 * 60 * 1000;
const MOST_PAGES = 10;

/** What waits for a second person, and what staff did. */
export default function Trail({ me }: { me: string }) {
  const [asked, choose] = useSearchParams();
  const view = asked.get('view') === 'ALL' ? 'ALL' : 'WAITING';
  return (
    <>
      <h1>{view === 'ALL' ? 'The trail' : 'Approvals'}</h1>
      <Choices label="What" of={VIEWS} chosen={view} choose={(name) => { choose({ view: name }); }} />
      {view === 'ALL' ? <All /> : <Waiting me={me} />}
    </>
  );
}

/** A proposal stands for a day, unless somebody ended it or carried it out. */
function Waiting({ me }: { me: string }) {
  const [since] = useState(() => new Date(Date.now() - A_DAY).toISOString().replace(/\.\d+/, ''));
  const asked = useInfiniteQuery(trail({ from: since }));
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = asked;
  const loaded = data?.pages.length ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && loaded < MOST_PAGES) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, loaded, fetchNextPage]);
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const waiting = standing(pages.flatMap(({ items }) => items));
        if (!waiting.length) return <Empty title="Nothing waits for a second person"><p>A proposal stands for a day.</p></Empty>;
        return <ul className="cards">{waiting.map((act) => <li key={act.id} className="card still"><div className="card-head"><ActFacts of={act} /></div><Second of={act} mine={act.staffId === me} /></li>)}</ul>;
      }}
    </Shown>
  );
}

/** Of acts, newest first, those that propose something about a subject of which nothing was decided since. */
function standing(acts: Act[]): Act[] {
  const seen = new Set<string>();
  return acts.filter(({ subject, outcome }) => {
    const first = !seen.has(subject);
    seen.add(subject);
    return first && outcome === 'PROPOSED';
  });
}

interface Money { cents: number; requestId: string; userId: string; reason: string }

function Second({ of, mine }: { of: Act; mine: boolean }) {
  if (mine) return <p className="faint">You proposed it: another person decides.</p>;
  if (of.action === 'proposeAdjustment' || of.action === 'grantBonus') return <Approve action={of.action} of={JSON.parse(of.decision) as Money} />;
  if (of.service === 'payment') return <p className="faint">Make the same decision in <Link href="/desk/payments">Payments</Link>, if you come to it too.</p>;
  if (of.action === 'decidePhoneChange') return <p className="faint">Say the same among <Link href="/desk/players?queue=NUMBERS">new numbers</Link>, if it is them.</p>;
  return <p className="faint">A second person of the same group makes the very same call.</p>;
}

function Approve({ action, of }: { action: 'proposeAdjustment' | 'grantBonus'; of: Money }) {
  const { userId, cents, reason, requestId: id } = of;
  const approve = useCommand(async () => {
    const size = cents < 0 ? -cents : cents;
    const amount = { amount: amountOf(BigInt(size)) };
    // The command's own id: the same again, by another administrator, approves it.
    if (action === 'grantBonus') return (await ask(GrantBonus, { id, userId, amount, reason })).grantBonus.status;
    return (await ask(ProposeAdjustment, { id, userId, amount, direction: cents < 0 ? 'DEBIT' : 'CREDIT', reason })).proposeAdjustment.status;
  });
  return (
    <>
      {approve.error && <Refused error={approve.error} />}
      {approve.isSuccess && <Notice kind="good"><p>It is {approve.data}.</p></Notice>}
      <button type="button" className="button small" disabled={approve.isPending} onClick={() => { approve.mutate(undefined); }}>Approve it too</button>
    </>
  );
}

function All() {
  const [filter, setFilter] = useState<AuditFilter>({});
  const asked = useInfiniteQuery(trail(filter));
  const { data: staff = [] } = useQuery(staffMembers);
  const { register, handleSubmit } = useForm({ defaultValues: { userId: '', staffId: '', action: '' } });
  return (
    <>
      <form noValidate className="desk-find" onSubmit={(event) => { void handleSubmit((given) => {
        setFilter(Object.fromEntries(Object.entries(given).filter(([, text]) => text.trim()).map(([name, text]) => [name, text.trim()])));
      })(event); }}>
        <Field label="About a player"><input autoComplete="off" placeholder="player’s id" {...register('userId')} /></Field>
        <Field label="By"><select {...register('staffId')}><option value="">anybody</option>{staff.map(({ id, email }) => <option key={id} value={id}>{email}</option>)}</select></Field>
        <Field label="Of a kind"><input autoComplete="off" placeholder="setOdds" {...register('action')} /></Field>
        <button className="button">Look</button>
      </form>
      <Shown of={asked}>{({ pages }) => <><Acts of={pages.flatMap(({ items }) => items)} /><More of={asked} /></>}</Shown>
    </>
  );
}
