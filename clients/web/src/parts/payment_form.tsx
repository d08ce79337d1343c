import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Refusal } from '../api/refusal';
import { useWords } from '../language';
import { kes } from '../money';
import { Refused } from './states';

interface Cash { amount: string }
interface Form { smallest: Cash; largest: Cash | null; refusal: { code: string; message: string } | null; waiting: { id: string } | null }

/**
 * What would be taken now, and what would become of the amount; or why nothing is taken. Its lines stand from the first
 * moment, so that what comes in them moves no button from under a finger.
 */
export function PaymentForm({ of: { data, isPending }, rows }: { of: UseQueryResult<Form>; rows: [string, Cash | null | undefined][] }) {
  const { w } = useWords();
  const line = (label: string, text: string) => <div key={label}><dt>{label}</dt><dd>{text}</dd></div>;
  return (
    <>
      {data?.waiting && <p><Link href={`/account/payments/${encodeURIComponent(data.waiting.id)}`}>{w.payments.waiting}</Link></p>}
      {data?.refusal && <Refused error={new Refusal(data.refusal.code, data.refusal.message)} />}
      {(isPending || data?.largest) && (
        <dl className="sums" aria-live="polite">
          {line(w.payments.range, data?.largest ? `${kes(data.smallest, true)} – ${kes(data.largest, true)}` : '…')}
          {rows.map(([label, money]) => line(label, isPending ? '…' : money ? kes(money) : '–'))}
        </dl>
      )}
    </>
  );
}
