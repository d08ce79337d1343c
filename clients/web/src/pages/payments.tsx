import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { payments } from '../api/queries';
import { moment } from '../clock';
import { useWords } from '../language';
import { kes } from '../money';
import { Back } from '../parts/back';
import { PaymentStatus, toneOf } from '../parts/payment_status';
import { Empty, More, Shown } from '../parts/states';

export default function Payments() {
  const { id } = useParams<{ id?: string }>();
  const { w } = useWords();
  if (id) return <><Back to="/account/payments" /><h1>{w.payments.one}</h1><PaymentStatus id={id} /></>;
  return <><Back to="/account" /><h1>{w.payments.title}</h1><All /></>;
}

function All() {
  const { w, tongue } = useWords();
  const asked = useInfiniteQuery(payments);
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (!all.length) return <Empty title={w.payments.none}><Link href="/account/deposit" className="button">{w.deposit.title}</Link></Empty>;
        return (
          <>
            <ul className="menu">
              {all.map((one) => (
                <li key={one.id}>
                  <Link href={`/account/payments/${encodeURIComponent(one.id)}`}>
                    <span><b>{w.payments.kind[one.kind]}</b><small>{moment(one.createdAt, tongue)}</small></span>
                    <span className="end"><b>{kes(one.amount)}</b><small className={`tag ${toneOf(one)}`}>{w.payments.status[one.status]}</small></span>
                  </Link>
                </li>
              ))}
            </ul>
            <More of={asked} />
          </>
        );
      }}
    </Shown>
  );
}
