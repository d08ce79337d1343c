import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { amountOf } from '../money';
import { Empty } from '../parts/states';
import { ActFacts } from './acts';
import type { StaffAct } from './acts';
import * as api from './api/generated';
import type { HouseAccount, Tax } from './api/generated';
import { ask } from './ask';
import { Act, came, why } from './form';
import { Folded, Shown } from './parts';
import { trail } from './queries';

const A_DAY = 24 * 60 * 60 * 1000;
const MOST_PAGES = 10;

/** What waits for a second administrator, or a second one of support. A proposal stands for a day, unless somebody ended it or carried it out. */
export function Approvals({ me }: { me: string }) {
  const [since] = useState(() => new Date(Date.now() - A_DAY).toISOString().replace(/\.\d+/, ''));
  const asked = useInfiniteQuery(trail({ from: since }));
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = asked;
  const loaded = data?.pages.length ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && loaded < MOST_PAGES) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, loaded, fetchNextPage]);
  return (
    <>
      <p className="faint">A proposal stands for a day. What traders propose waits among their own.</p>
      <Shown of={asked}>
        {({ pages }) => {
          const waiting = standing(pages.flatMap(({ items }) => items));
          if (!waiting.length) return <Empty title="Nothing waits for a second person" />;
          return <ul className="cards">{waiting.map((act) => <li key={act.id} className="card still" data-proposal={act.subject}><div className="card-head"><ActFacts of={act} /></div><Second of={act} mine={act.staffId === me} /></li>)}</ul>;
        }}
      </Shown>
    </>
  );
}

/** Of acts, newest first, those that propose something of which nothing was decided since: about the subject, of a player in the same matter. */
function standing(acts: StaffAct[]): StaffAct[] {
  const seen = new Set<string>();
  return acts.filter(({ service, action, subject, outcome }) => {
    const matter = service === 'users' ? `${action} ${subject}` : subject;
    const first = !seen.has(matter);
    seen.add(matter);
    return first && outcome === 'PROPOSED' && service !== 'bet';
  });
}

/** What a command of the wallet's decides: money of a player, or a booking between two accounts of the ledger. */
interface Command { cents: number; requestId: string; reason: string; userId: string; entryId: string; from: string; to: string }

const ACCOUNTS: Readonly<Record<string, HouseAccount>> = { 'mpesa:paybill': 'COLLECTION', 'mpesa:utility': 'PAYOUT', bank: 'BANK' };
const TAXES: Readonly<Record<string, Tax>> = { 'tax:excise': 'EXCISE', 'tax:withholding': 'WITHHOLDING' };
const account = (name: string): HouseAccount => ACCOUNTS[name] ?? 'BANK';
const FEES_DAY = /\d{4}-\d\d-\d\d/;

/** Which account of ours it was paid from, or given back to, and what for. */
function paid({ from, to }: Command) {
  return from in ACCOUNTS ? { direction: 'DEBIT', account: account(from), what: to } as const : { direction: 'CREDIT', account: account(to), what: from } as const;
}

/** The very same call, under the command's own id and another administrator's name. Of one that is not the same, the API says so. */
const SAME: Readonly<Record<string, (of: Command) => Promise<{ status: string }>>> = {
  grantBonus: async (of) => (await ask(api.GrantBonus, { ...common(of), userId: of.userId })).grantBonus,
  proposeAdjustment: async (of) => (await ask(api.ProposeAdjustment, { ...common(of), userId: of.userId, direction: of.cents < 0 ? 'DEBIT' : 'CREDIT' })).proposeAdjustment,
  bookFees: async (of) => {
    const { direction, account: ours } = paid(of);
    return (await ask(api.BookFees, { ...common(of), direction, account: ours, day: FEES_DAY.exec(of.entryId)?.[0] ?? '' })).bookFees;
  },
  bookTransfer: async (of) => (await ask(api.BookTransfer, { ...common(of), receipt: of.entryId, from: account(of.from), to: account(of.to) })).bookTransfer,
  bookTaxRemittance: async (of) => {
    const { direction, account: ours, what } = paid(of);
    return (await ask(api.BookTax, { ...common(of), receipt: of.entryId, direction, account: ours, tax: TAXES[what] ?? 'EXCISE' })).bookTaxRemittance;
  },
};
const common = ({ requestId: id, reason, cents }: Command) => ({ id, reason, amount: { amount: amountOf(BigInt(Math.abs(cents))) } });

interface Given { id: string; reason: string }
/** How a proposal about something ends, where a call is made for that. */
const END: Readonly<Record<string, (id: string, given: Given) => Promise<unknown>>> = {
  wallet: (proposalId, given) => ask(api.RefuseProposal, { ...given, proposalId }),
  payment: (paymentId, given) => ask(api.RefuseDecision, { ...given, paymentId }),
};

function Second({ of, mine }: { of: StaffAct; mine: boolean }) {
  const same = SAME[of.action];
  const end = END[of.service];
  const command = JSON.parse(of.decision) as Command;
  return (
    <>
      {command.userId && same && <p>{command.cents < 0 ? 'It is taken from the player.' : 'The player gets it.'}</p>}
      {command.from && <p>From <code>{command.from}</code> to <code>{command.to}</code>, entry <code>{command.entryId}</code>.</p>}
      {mine ? <p className="faint">You proposed it: another person decides.</p>
        : same ? <Act label="Approve it too" asks={{}} send={async () => came((await same(command)).status)} /> : <p className="faint"><Where of={of} /></p>}
      {end && <Folded title="End it"><Act label="End the proposal" asks={{ reason: why(5, 100) }} send={async (given, id) => {
        await end(of.subject.split('#')[1] ?? '', { id, ...given });
        return 'The proposal has ended; nothing was moved.';
      }} /></Folded>}
    </>
  );
}

/** Where a second person decides what is more than to agree. */
function Where({ of }: { of: StaffAct }) {
  if (of.action === 'decidePhoneChange') return <>Say the same among <Link href="/desk/players?queue=NUMBERS">new numbers</Link>, if it is them; or refuse it there.</>;
  if (of.action === 'erasePlayer') return <>Ask for the same on the player’s page, if you come to it too. Nobody has to end it: it lapses after its day.</>;
  return <>Make the same decision in <Link href="/desk/payments">Payments</Link> or on the player’s page, if you come to it too.</>;
}
