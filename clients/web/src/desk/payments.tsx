import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Field } from '../parts/field';
import { Empty, More, Notice } from '../parts/states';
import { SetPaymentChannel } from './api/generated';
import type { ChannelKind, PaymentQueue } from './api/generated';
import { ask } from './ask';
import type { Person } from './auth';
import { CommandForm, useCommand } from './command';
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
        return <><ul className="cards">{all.map((each) => <WaitingPayment key={each.id} of={each} queue={queue} who={who} />)}</ul><More of={asked} /></>;
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
  const turn = useCommand(async ({ banner }: { banner: string }, id) => ask(SetPaymentChannel, { id, kind, open: !open, banner: open ? banner : null }));
  const label = `${open ? 'Close' : 'Open'} ${name}`;
  return (
    <Folded title={label}>
      <CommandForm label={label} danger={open} given={{ banner: '' }} command={turn} said={() => 'Done, from now on.'}>
        {({ register, formState: { errors } }) => open && (
          <Field label="What players read meanwhile" mistake={errors.banner && 'Write 10 to 200 characters.'}><input autoComplete="off" {...register('banner', { required: true, minLength: 10, maxLength: 200 })} /></Field>
        )}
      </CommandForm>
    </Folded>
  );
}
