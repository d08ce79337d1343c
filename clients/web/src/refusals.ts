import type { Refusal } from './api/refusal';
import { signInFrom } from './session';
import type { Words } from './words/en';

const HELP: Readonly<Record<string, (w: Words) => { label: string; href: string }>> = {
  INSUFFICIENT_FUNDS: (w) => ({ label: w.next.deposit, href: '/account/deposit' }),
  IDENTITY_LIMIT: (w) => ({ label: w.next.identity, href: '/account/identity' }),
  LIMIT_REACHED: (w) => ({ label: w.next.limits, href: '/account/protection' }),
  DEPOSIT_LIMIT: (w) => ({ label: w.next.limits, href: '/account/protection' }),
  PLAYER_STOPPED: (w) => ({ label: w.next.withdraw, href: '/account/withdraw' }),
  ACCOUNT_NOT_ACTIVE: (w) => ({ label: w.next.account, href: '/account' }),
  TERMS_NOT_ACCEPTED: (w) => ({ label: w.next.terms, href: '/account/terms' }),
  DEPOSITS_UNAVAILABLE: (w) => ({ label: w.next.payments, href: '/account/payments' }),
};

const TO_SIGN_IN = ['SIGNED_OUT', 'SIGN_IN_AGAIN', 'Unauthorized', 'UnauthorizedException'];

/** Where a refusal on a page is mended, if there is such a place; signing in leads back to it. */
export function nextStep(code: string, w: Words, path: string): { label: string; href: string } | undefined {
  return TO_SIGN_IN.includes(code) ? { label: w.next.signIn, href: signInFrom(path) } : HELP[code]?.(w);
}

/** What a refusal says: the API's sentence, which is in the player's language; ours where it has none (no connection, a refusal of Cognito's). */
export function sentence(refusal: Refusal, w: Words): string {
  const ours: Readonly<Record<string, string | undefined>> = w.refusals;
  return ours[refusal.code] ?? (refusal.message || `${w.refused} (${refusal.code})`);
}
