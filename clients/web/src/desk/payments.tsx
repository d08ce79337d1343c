import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Empty, More, Notice } from '../parts/states';
import { SetPaymentChannel } from './api/generated';
import type { ChannelKind, PaymentQueue } from './api/generated';
import { ask } from './ask';
import type { Person } from './auth';
import { Act, said } from './form';
import { Choices, Folded, Shown } from './parts';
import { WaitingPayment } from './payment';
import { channels, waitingPayments } from './queries';

const QUEUES: readonly (readonly [PaymentQueue, string])[] = [
  ['REVIEW', 'To approve'], ['SUSPENSE', 'Nobody’s yet'], ['DECISION', 'End uncertain'],
];
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
      <Choices label="Which" of={QUEUES} chosen={queue} choose={(name) => { choose({ queue: name }); }} />
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

function Channel({ kind, name, open }: { kind: ChannelKind; name: string; open: boolean }) {
  const turn = async (id: string, banner: string | null) => {
    await ask(SetPaymentChannel, { id, kind, open: !open, banner });
    return 'Done, from now on.';
  };
  const label = `${open ? 'Close' : 'Open'} ${name}`;
  return (
    <Folded title={label}>
      {open
        ? <Act label={label} danger asks={{ banner: said(10, 200, 'What players read meanwhile') }} send={({ banner }, id) => turn(id, banner)} />
        : <Act label={label} asks={{}} send={(_, id) => turn(id, null)} />}
    </Folded>
  );
}
