import { date } from '../clock';
import * as of from './api/generated';
import type { AppealOutcome, Direction, InterventionKind, MaskedField, StopCode } from './api/generated';
import { ask } from './ask';
import { Act, SHILLINGS, came, line, money, oneOf, said, why } from './form';
import { words } from './parts';

const WHY = why(3, 200);
const CODES: readonly StopCode[] = ['IDENTITY', 'PAYMENT', 'SAFETY', 'RULES', 'SECOND_ACCOUNT', 'LAW', 'REQUEST'];
const KINDS: readonly InterventionKind[] = ['MESSAGE', 'CALL', 'LIMIT_PROPOSED', 'REALITY_CHECK', 'TIME_OUT', 'EXCLUSION', 'STOP'];
const A_WEEK = 7;
const MOST_DAYS = 90;
const MOST_TAGS = 10;

interface Of { userId: string }

export function Stop({ userId }: Of) {
  const asks = {
    reasonCode: oneOf<StopCode>('Why, as the player is told', CODES, 'IDENTITY'),
    deadline: line('Decided by', { hint: 'Tomorrow to 90 days from now.', mistake: 'A day.', type: 'date', first: date(A_WEEK), min: date(1), max: date(MOST_DAYS) }),
    holdMoney: { label: 'Hold the money too: nothing can be withdrawn. Administrators alone let it go.', first: false as boolean },
    reason: WHY,
  };
  return <Act label="Stop the account" danger asks={asks} send={async (given, id) => `The account is ${words((await ask(of.SuspendUser, { id, userId, ...given })).suspendUser.status)}: no bets and no deposits.`} />;
}

export const Reinstate = ({ userId }: Of) => (
  <Act label="End the stop" asks={{ reason: WHY }} send={async (given, id) => `The account is ${words((await ask(of.ReinstateUser, { id, userId, ...given })).reinstateUser.status)}.`} />
);

export function Appeal({ userId }: Of) {
  const asks = {
    outcome: oneOf<AppealOutcome>('The stop', [['UPHELD', 'stays'], ['LIFTED', 'ends']], 'UPHELD'),
    answer: said(10, 1000, 'Answer, which the player reads', { hint: 'In the player’s language.' }),
    reason: WHY,
  };
  return <Act label="Answer" asks={asks} send={async (given, id) => `Answered; the account is ${words((await ask(of.AnswerAppeal, { id, userId, ...given })).answerAppeal.status)}.`} />;
}

export const Unmask = ({ userId }: Of) => (
  <Act label="Show it" asks={{ field: oneOf<MaskedField>('What', ['PHONE_NUMBER', 'BIRTHDATE'], 'PHONE_NUMBER'), reason: WHY }}
    send={async (given, id) => (await ask(of.Unmask, { id, userId, ...given })).unmask ?? 'There is none.'} />
);

export const Unlock = ({ userId }: Of) => (
  <>
    <p className="faint">After too many wrong codes. Make sure first who is asking.</p>
    <Act label="Let them sign in" asks={{ reason: WHY }} send={async (given, id) => {
      await ask(of.UnlockSignIn, { id, userId, ...given });
      return 'They may sign in again at once.';
    }} />
  </>
);

export const Intervene = ({ userId }: Of) => (
  <Act label="Keep it" asks={{ kind: oneOf('What was done', KINDS, 'CALL'), reason: WHY, outcome: said(3, 500, 'What came of it', { hint: 'It stays with the player.' }) }}
    send={async (given, id) => {
      await ask(of.RecordIntervention, { id, userId, ...given });
      return 'It is kept; the player leaves the queue of marks of harm.';
    }} />
);

/** All tags at once: those that are left out go. */
export function Tags({ userId, tags }: Of & { tags: readonly string[] }) {
  const split = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
  const asks = {
    tags: {
      label: 'Tags', first: tags.join(' '), hint: 'All that the player is to have, like vip call-back; empty takes all away.',
      mistake: 'At most ten, each of 2 to 30 small letters, digits and hyphens, a letter first.',
      rules: { validate: (text: string) => split(text).length <= MOST_TAGS && split(text).every((tag) => /^[a-z][a-z0-9-]{1,29}$/.test(tag)) },
    },
    reason: WHY,
  };
  return <Act label="Set the tags" asks={asks} send={async (given, id) => {
    const { tags: now } = (await ask(of.SetPlayerTags, { id, userId, tags: split(given.tags), reason: given.reason })).setPlayerTags;
    return now.length ? `The player has: ${now.join(', ')}.` : 'The player has no tags.';
  }} />;
}

export const Note = ({ userId }: Of) => (
  <Act label="Keep the note" asks={{ text: said(3, 1000, 'A note', { hint: 'On one line; staff alone read it.' }) }} send={async (given, id) => {
    await ask(of.AddPlayerNote, { id, userId, ...given });
    return 'It is kept.';
  }} />
);

/** It always takes two administrators: the second one approves it among the approvals. */
export const Adjust = ({ userId }: Of) => (
  <Act label="Propose it" danger asks={{ direction: oneOf<Direction>('Direction', [['CREDIT', 'Credit: the player gets it'], ['DEBIT', 'Debit: it is taken from the player']], 'CREDIT'), amount: SHILLINGS, reason: why(3, 100) }}
    send={async ({ amount, ...given }, id) => came((await ask(of.ProposeAdjustment, { id, userId, amount: money(amount), ...given })).proposeAdjustment.status)} />
);

/** A large one, or a second one by the same administrator for the same player, takes two. */
export const Bonus = ({ userId }: Of) => (
  <Act label="Give it" asks={{ amount: SHILLINGS, reason: why(3, 100, 'What it is for') }}
    send={async ({ amount, reason }, id) => came((await ask(of.GrantBonus, { id, userId, amount: money(amount), reason })).grantBonus.status)} />
);

export const Close = ({ userId }: Of) => (
  <>
    <p className="faint">For good, and of an empty account alone. A player can be erased after it.</p>
    <Act label="Close the wallet" danger asks={{ reason: why(3, 100) }} send={async (given, id) => `The wallet is ${words((await ask(of.CloseWallet, { id, userId, ...given })).closeWallet.status)}.`} />
  </>
);

/** What is erased never comes back, so two administrators ask for it, each with words of their own. */
export const Erase = ({ userId }: Of) => (
  <>
    <p className="faint">All that the law lets be erased: numbers, names, birth date, document, devices, notes. It takes two administrators, and a closed wallet.</p>
    <Act label="Erase the player" danger asks={{ reason: WHY }} send={async (given, id) => {
      const { status, kept } = (await ask(of.ErasePlayer, { id, userId, ...given })).erasePlayer;
      return status === 'PROPOSED' ? 'Nothing is erased yet: another administrator has to ask for the same.' : `Erased. What stays: ${kept.join(' ')}`;
    }} />
  </>
);
