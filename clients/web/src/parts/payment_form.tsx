import { Link } from 'wouter';
import { Refusal } from '../api/refusal';
import { useWords } from '../language';
import { kes } from '../money';
import { Refused } from './states';

interface Cash { amount: string }
interface Form { smallest: Cash; largest: Cash | null; refusal: { code: string; message: string } | null; waiting: { id: string } | null }

/** What would be taken now, and what would become of the amount; or why nothing is taken. */
export function PaymentForm({ of, rows }: { of: Form | undefined; rows: [string, Cash | null | undefined][] }) {
  const { w } = useWords();
  if (!of) return null;
  const { smallest, largest, refusal, waiting } = of;
  return (
    <>
      {waiting && <p><Link href={`/account/payments/${encodeURIComponent(waiting.id)}`}>{w.payments.waiting}</Link></p>}
      {refusal && <Refused error={new Refusal(refusal.code, refusal.message)} />}
      {largest && (
        <dl className="sums" aria-live="polite">
          <div><dt>{w.payments.range}</dt><dd>{kes(smallest, true)} – {kes(largest, true)}</dd></div>
          {rows.map(([label, money]) => money && <div key={label}><dt>{label}</dt><dd>{kes(money)}</dd></div>)}
        </dl>
      )}
    </>
  );
}
