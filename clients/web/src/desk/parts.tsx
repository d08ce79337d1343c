import { useState } from 'react';
import type { ReactNode } from 'react';
import { dateOf, day, moment, time } from '../clock';
import { refusalOf } from '../api/refusal';
import { Loading, Notice } from '../parts/states';
import { leave } from './auth';

const AGAIN = 'Nothing is lost: send the same again.';
const SIGN_IN = 'Sign in again.';
const LOOK = 'Look at it as it stands now: somebody else changed it, proposed otherwise, or it is too late for this.';
const NEXT: Readonly<Record<string, string>> = {
  OFFLINE: 'Check your connection, then send the same again.',
  UNAVAILABLE: AGAIN,
  CONTENTION: AGAIN,
  INTERNAL_ERROR: `${AGAIN} If it stays so, the log of the service says why.`,
  SIGNED_OUT: SIGN_IN,
  UnauthorizedException: SIGN_IN,
  Unauthorized: 'Your groups do not allow this. Ask somebody whose groups do.',
  FORBIDDEN: 'Ask somebody else who may: this is not for your groups, it is your own, or you were stopped.',
  CONFLICT: LOOK,
  NOT_ALLOWED_NOW: LOOK,
  NOT_FOUND: 'Compare the id with where you have it from.',
  INVALID_INPUT: 'Correct what the sentence names; nothing was changed.',
  INVALID_ODDS: 'Correct the odds; nothing was changed.',
  BELOW_MARGIN: 'Lower odds of one outcome or more until the book is at the least. No odds were changed.',
  CONTRADICTION: 'Compare the record with the score; nothing was settled.',
  CONFLICT_OF_INTEREST: 'Have another trader decide it.',
  SAME_PERSON: 'Ask another trader to release it.',
  CONFIGURATION: 'Tell who runs the platform; sending it again does not help.',
};

/** A refusal in the API's words, with what to do next. */
export function Refused({ error, again }: { error: unknown; again?: () => void }) {
  const { code, message } = refusalOf(error);
  const next = NEXT[code];
  return (
    <Notice kind="bad">
      <p>{message} <code>{code}</code></p>
      {next && <p>{next}</p>}
      {next === SIGN_IN && <button type="button" className="button small quiet" onClick={() => { void leave().then(() => { window.location.reload(); }); }}>Sign in</button>}
      {again && next !== SIGN_IN && <button type="button" className="button small quiet" onClick={again}>Try again</button>}
    </Notice>
  );
}

interface Asked<Answer> { data: Answer | undefined; error: unknown; refetch: () => unknown }

/** What is shown of a query. An old answer stays while a new one fails, and says so. */
export function Shown<Answer>({ of, children }: { of: Asked<Answer>; children: (answer: Answer) => ReactNode }) {
  const again = () => { of.refetch(); };
  if (of.data === undefined) return of.error ? <Refused error={of.error} again={again} /> : <Loading />;
  return <>{of.error ? <Refused error={of.error} again={again} /> : null}{children(of.data)}</>;
}

/** A code as people read it: SUBMIT_UNKNOWN is Submit unknown. */
export function words(code: string): string {
  const text = code.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A field of the API as people read it: settleMarket is Settle market. */
export const spaced = (field: string): string => words(field.replaceAll(/([A-Z])/g, ' $1'));

export const at = (when: string): string => moment(when, 'en');
/** To the second. */
export const exactly = (when: string): string => `${day(when, 'en')}, ${time(when, 'en', { second: '2-digit' })}`;
/** A moment as it is typed here, by Nairobi's clock, and what the API takes of it. */
export const typed = (when: string): string => `${dateOf(when)}T${time(when, 'en')}`;
export const momentOf = (text: string): string => `${text}${text.length > 16 ? '' : ':00'}+03:00`;

type Tone = 'good' | 'bad' | 'warn' | '';
const TONES: Readonly<Record<string, Tone>> = {
  OPEN: 'good', LIVE: 'good', ACTIVE: 'good', COMPLETED: 'good', WON: 'good', DONE: 'good', VERIFIED: 'good',
  SUSPENDED: 'warn', POSTPONED: 'warn', INTERRUPTED: 'warn', REVIEW: 'warn', SUSPENSE: 'warn', DELAYED: 'warn', UNKNOWN: 'warn', PROPOSED: 'warn',
  FROZEN: 'bad', FAILED: 'bad', REFUSED: 'bad', LOST: 'bad', ABANDONED: 'bad', CANCELLED: 'bad',
};

export function Tag({ of }: { of: string }) {
  return <span className={`tag ${TONES[of] ?? ''}`}>{words(of)}</span>;
}

/** What is needed now and then, folded away; what is in it is asked for when it is opened. */
export function Folded({ title, open = false, children }: { title: string; open?: boolean; children: ReactNode }) {
  const [shown, setShown] = useState(open);
  return (
    <details className="folded" open={shown} onToggle={({ currentTarget }) => { setShown(currentTarget.open); }}>
      <summary>{title}</summary>
      {shown && <div className="folded-in">{children}</div>}
    </details>
  );
}

export function Choices<Value extends string>({ label, of, chosen, choose }: { label: string; of: readonly (readonly [Value, string])[]; chosen: Value; choose: (value: Value) => void }) {
  return (
    <div className="chips" role="group" aria-label={label}>
      {of.map(([value, name]) => (
        <button key={value} type="button" className="chip" aria-pressed={value === chosen} onClick={() => { choose(value); }}>{name}</button>
      ))}
    </div>
  );
}
