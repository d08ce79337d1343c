import type { Tongue } from './clock';
import type { Refusal } from './api/refusal';
import { grouped } from './money';
import type { Words } from './words/en';

const HELP: Readonly<Record<string, (w: Words) => { label: string; href: string }>> = {
  INSUFFICIENT_FUNDS: (w) => ({ label: w.next.deposit, href: '/account/deposit' }),
  IDENTITY_LIMIT: (w) => ({ label: w.next.identity, href: '/account/identity' }),
  LIMIT_REACHED: (w) => ({ label: w.next.limits, href: '/account/protection' }),
  DEPOSIT_LIMIT: (w) => ({ label: w.next.limits, href: '/account/protection' }),
  PLAYER_STOPPED: (w) => ({ label: w.next.withdraw, href: '/account/withdraw' }),
  ACCOUNT_NOT_ACTIVE: (w) => ({ label: w.next.account, href: '/account' }),
  TERMS_NOT_ACCEPTED: (w) => ({ label: w.next.terms, href: '/account/terms' }),
  SIGNED_OUT: (w) => ({ label: w.next.signIn, href: '/sign-in' }),
  SIGN_IN_AGAIN: (w) => ({ label: w.next.signIn, href: '/sign-in' }),
  Unauthorized: (w) => ({ label: w.next.signIn, href: '/sign-in' }),
  UnauthorizedException: (w) => ({ label: w.next.signIn, href: '/sign-in' }),
  DEPOSITS_UNAVAILABLE: (w) => ({ label: w.next.payments, href: '/account/payments' }),
};

/** Where a refusal is mended, if there is such a place. */
export function nextStep(code: string, w: Words): { label: string; href: string } | undefined {
  return HELP[code]?.(w);
}

function numbersOf(details: Refusal['details']): Record<string, string> {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return [name, /^-?\d+(\.\d\d)?$/.test(text) ? grouped(text) : text];
  }));
}

/**
 * What a refusal says in the player's language. The API's sentences are in English and name the numbers; in Kiswahili,
 * and where a sentence would be none (no connection, a refusal of Cognito's), it is ours, by the code.
 */
export function sentence(refusal: Refusal, w: Words, tongue: Tongue): string {
  const ours = w.refusals[refusal.code]?.(numbersOf(refusal.details));
  if (tongue === 'sw') return ours ?? `${w.refused} (${refusal.code})`;
  return w.ownSentences.includes(refusal.code) ? ours ?? refusal.message : refusal.message || ours || refusal.code;
}
