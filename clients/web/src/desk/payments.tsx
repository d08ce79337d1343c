import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Empty, More, Notice } from '../parts/states';
import { RegisterPaybill, SetPaymentChannel } from './api/generated';
import type { ChannelKind, PaymentQueue } from './api/generated';
import { ask } from './ask';
import type { Person } from './auth';
import { Act, perhaps, said } from './form';
import { Choices, Folded, Shown } from './parts';
import { WaitingPayment } from './payment';
import { channels, waitingPayments } from './queries';

const QUEUES: readonly (readonly [PaymentQueue, string])[] = [
  ['REVIEW', 'To approve'], ['SUSPENSE', 'Nobody’s yet'], ['DECISION', 'End uncertain'],
];
const WHAT: Readonly<Record<PaymentQueue, string>> = {
  REVIEW: 'Withdrawals that an administrator looks at before they go: the money is set aside meanwhile.',
  SUSPENSE: 'Money that came with an account number which is nobody’s.',
  DECISION: 'Payments out of which M-Pesa did not say how they ended.',
};
const NONE: Readonly<Record<PaymentQueue, string>> = {
  REVIEW: 'No withdrawal waits for approval', SUSPENSE: 'No payment is without an owner', DECISION: 'No payment out is uncertain',
};

/** Payments that wait for a person, the oldest first. */
export default function Payments({ who }: { who: Person }) {
  const [asked, choose] = useSearchParams();
  const queue = QUEUES.find(([name]) => name === asked.get('queue'))?.[0] ?? 'REVIEW';
  return (
    <>
      <h1>Payments that wait</h1>
      <Channels admin={who.groups.includes('admin')} />
      {who.groups.includes('admin') && <Paybill />}
      <Choices label="Which" of={QUEUES} chosen={queue} choose={(name) => { choose({ queue: name }); }} />
      <p className="faint">{WHAT[queue]}</p>
      <Waiting key={queue} queue={queue} who={who} />
    </>
  );
}

function Waiting({ queue, who }: { queue: PaymentQueue; who: Person }) {
  const asked = useInfiniteQuery(waitingPayments(queue));
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (!all.length && !asked.hasNextPage) return <Empty title={NONE[queue]} />;
        return <><ul className="cards">{all.map((each) => <WaitingPayment key={each.id} of={each} who={who} />)}</ul><More of={asked} /></>;
      }}
    </Shown>
  );
}

const KINDS: readonly (readonly [ChannelKind, 'deposits' | 'withdrawals'])[] = [['DEPOSIT', 'deposits'], ['WITHDRAWAL', 'withdrawals']];

/** Whether money can come in and go out at all. */
function Channels({ admin }: { admin: boolean }) {
  const { data } = useQuery(channels);
  return KINDS.map(([kind, name]) => data && (
    <div key={kind}>
      {!data[name].open && <Notice kind="warn"><p><b>No {name} are taken.</b> Players read: {data[name].banner}</p></Notice>}
      {admin && <Channel key={String(data[name].open)} kind={kind} name={name} open={data[name].open} />}
    </div>
  ));
}

const BANNERS = {
  banner: said(10, 200, 'What players read meanwhile', { hint: 'In English.' }),
  bannerSw: perhaps('The same in Kiswahili', { hint: 'Empty: who reads Kiswahili is told in general that it is closed.', mistake: 'Write 10 to 200 characters on one line, or nothing.', rules: { minLength: 10, maxLength: 200 } }),
};

function Channel({ kind, name, open }: { kind: ChannelKind; name: string; open: boolean }) {
  const turn = async (id: string, banners: { banner: string | null; bannerSw: string | null }) => {
    await ask(SetPaymentChannel, { id, kind, open: !open, ...banners });
    return 'Done, from now on.';
  };
  const label = `${open ? 'Close' : 'Open'} ${name}`;
  return (
    <Folded title={label}>
      {open
        ? <Act label={label} danger asks={BANNERS} send={({ banner, bannerSw }, id) => turn(id, { banner, bannerSw: bannerSw || null })} />
        : <Act label={label} asks={{}} send={(_, id) => turn(id, { banner: null, bannerSw: null })} />}
    </Folded>
  );
}

/** M-Pesa asks our addresses before and after each payment by hand. */
function Paybill() {
  return (
    <Folded title="Tell M-Pesa our addresses">
      <p className="faint">Where M-Pesa reports payments by paybill. Once before the first of them, and after the secret in these addresses was changed; telling it again does no harm.</p>
      <Act label="Tell M-Pesa" asks={{}} send={async (_, id) => { await ask(RegisterPaybill, { id }); return 'M-Pesa knows them.'; }} />
    </Folded>
  );
}
