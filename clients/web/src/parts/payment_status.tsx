import { useQuery } from '@tanstack/react-query';
import { payment } from '../api/queries';
import type { PaymentPartsFragment } from '../api/generated';
import { moment } from '../clock';
import { config } from '../config';
import { useWords } from '../language';
import { kes } from '../money';
import { useSession } from '../session';
import { usePassed } from './passed';
import { Notice, Shown } from './states';

const LOOK_MS = 5000;
const SLOW_MS = 30_000;

export function toneOf({ status }: PaymentPartsFragment): 'good' | 'bad' | 'info' {
  return status === 'COMPLETED' ? 'good' : status === 'FAILED' || status === 'REFUSED' ? 'bad' : 'info';
}

/** How a payment stands, as it goes on: pushed, and looked at now and then all the same. */
export function PaymentStatus({ id }: { id: string }) {
  const asked = useQuery({
    ...payment(id),
    refetchInterval: ({ state }) => (state.data?.isFinal ? false : LOOK_MS),
  });
  return <Shown of={asked}>{(found) => <Whole of={found} />}</Shown>;
}

function Whole({ of }: { of: PaymentPartsFragment }) {
  const { w, tongue } = useWords();
  const phone = useSession((session) => session.phone);
  const { laptop } = config();
  const slow = usePassed(new Date(of.createdAt).getTime() + SLOW_MS) && !of.isFinal;
  const rows = [[w.payments.amount, of.amount], [w.payments.tax, of.tax], [w.payments.credited, of.credited], [w.payments.paid, of.paid], [w.payments.returned, of.returned]] as const;
  return (
    <section data-testid="payment" data-status={of.status}>
      <Notice kind={toneOf(of)}>
        <p><b>{w.payments.status[of.status]}</b></p>
        <p>{of.message}</p>
        {slow && <p>{w.payments.slow}</p>}
        {!of.isFinal && of.kind === 'DEPOSIT' && laptop && <p><a href={laptop.phone + phone.replace('+', '')} target="phone" rel="noreferrer">{w.laptop.phone}</a></p>}
      </Notice>
      <dl className="sums">
        {rows.map(([label, money]) => money && <div key={label}><dt>{label}</dt><dd>{kes(money)}</dd></div>)}
        {of.phone && <div><dt>{w.payments.phone}</dt><dd>{of.phone}</dd></div>}
        {of.receipt && <div><dt>{w.payments.receipt}</dt><dd><code>{of.receipt}</code></dd></div>}
        <div><dt>{w.payments.at}</dt><dd>{moment(of.createdAt, tongue)}</dd></div>
      </dl>
    </section>
  );
}
