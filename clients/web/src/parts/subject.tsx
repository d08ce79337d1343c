import type { ReactNode } from 'react';
import { Link } from 'wouter';

/** The page of the bet or the payment that something is about; null: it is about neither. */
export function subjectOf({ betId, paymentId }: { betId: string | null; paymentId: string | null }): string | null {
  return betId ? `/bets/${encodeURIComponent(betId)}` : paymentId && `/account/payments/${encodeURIComponent(paymentId)}`;
}

/** A way to another page, where there is one. */
export function To({ at, className, children }: { at: string | null; className: string; children: ReactNode }) {
  return at ? <Link href={at} className={className}>{children}</Link> : <div className={className}>{children}</div>;
}
