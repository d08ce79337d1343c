import { date } from '../clock';
import { amountOf, cents } from '../money';
import { Field } from '../parts/field';
import { AddPlayerNote, AnswerAppeal, ProposeAdjustment, RecordIntervention, ReinstateUser, SuspendUser, UnlockSignIn, Unmask as AskUnmask } from './api/generated';
import type { AppealOutcome, Direction, InterventionKind, MaskedField, StopCode } from './api/generated';
import { ask } from './ask';
import { CommandForm, useCommand } from './command';
import { Reason, Select, lengths, words } from './parts';

const LEAST = 3;
const MOST = 200;
const CODES: readonly StopCode[] = ['IDENTITY', 'PAYMENT', 'SAFETY', 'RULES', 'SECOND_ACCOUNT', 'LAW', 'REQUEST'];
const KINDS: readonly InterventionKind[] = ['MESSAGE', 'CALL', 'LIMIT_PROPOSED', 'REALITY_CHECK', 'TIME_OUT', 'EXCLUSION', 'STOP'];
const A_WEEK = 7;
const MOST_DAYS = 90;

interface Of { userId: string }

export function Stop({ userId }: Of) {
  const stop = useCommand(async (given: { reasonCode: StopCode; deadline: string; holdMoney: boolean; reason: string }, id) =>
    (await ask(SuspendUser, { id, userId, ...given })).suspendUser.status);
  return (
    <CommandForm label="Stop the account" danger given={{ reasonCode: 'IDENTITY', deadline: date(A_WEEK), holdMoney: false, reason: '' }} command={stop} said={(status) => `The account is ${words(status)}: no bets and no deposits.`}>
      {({ register, formState: { errors } }) => (
        <>
          <Select label="Why, as the player is told" input={register('reasonCode')} of={CODES} />
          <Field label="Decided by" hint="Tomorrow to 90 days from now." mistake={errors.deadline && 'A day.'}><input type="date" min={date(1)} max={date(MOST_DAYS)} {...register('deadline', { required: true })} /></Field>
          <label className="check"><input type="checkbox" {...register('holdMoney')} /><span>Hold the money too: nothing can be withdrawn. Administrators alone let it go.</span></label>
          <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />
        </>
      )}
    </CommandForm>
  );
}

export function Reinstate({ userId }: Of) {
  const end = useCommand(async ({ reason }: { reason: string }, id) => (await ask(ReinstateUser, { id, userId, reason })).reinstateUser.status);
  return (
    <CommandForm label="End the stop" given={{ reason: '' }} command={end} said={(status) => `The account is ${words(status)}.`}>
      {({ register, formState: { errors } }) => <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />}
    </CommandForm>
  );
}

export function Appeal({ userId }: Of) {
  const answer = useCommand(async (given: { outcome: AppealOutcome; answer: string; reason: string }, id) => (await ask(AnswerAppeal, { id, userId, ...given })).answerAppeal.status);
  return (
    <CommandForm label="Answer" given={{ outcome: 'UPHELD', answer: '', reason: '' }} command={answer} said={(status) => `Answered; the account is ${words(status)}.`}>
      {({ register, formState: { errors } }) => (
        <>
          <Select label="The stop" input={register('outcome')} of={['UPHELD', 'LIFTED']} />
          <Reason label="Answer, which the player reads" hint="In the player’s language." input={register('answer', lengths(10, 1000))} wrong={Boolean(errors.answer)} least={10} most={1000} />
          <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />
        </>
      )}
    </CommandForm>
  );
}

export function Unmask({ userId }: Of) {
  const look = useCommand(async (given: { field: MaskedField; reason: string }, id) => (await ask(AskUnmask, { id, userId, ...given })).unmask);
  return (
    <CommandForm label="Show it" given={{ field: 'PHONE_NUMBER', reason: '' }} command={look} said={(value) => value ?? 'There is none.'}>
      {({ register, formState: { errors } }) => (
        <>
          <Select label="What" input={register('field')} of={['PHONE_NUMBER', 'BIRTHDATE']} />
          <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} hint="Who looked, and why, stays in the trail." />
        </>
      )}
    </CommandForm>
  );
}

export function Unlock({ userId }: Of) {
  const unlock = useCommand(async ({ reason }: { reason: string }, id) => ask(UnlockSignIn, { id, userId, reason }));
  return (
    <CommandForm label="Let them sign in" given={{ reason: '' }} command={unlock} said={() => 'They may sign in again at once.'}>
      {({ register, formState: { errors } }) => (
        <>
          <p className="faint">After too many wrong codes. Make sure first who is asking.</p>
          <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />
        </>
      )}
    </CommandForm>
  );
}

export function Intervene({ userId }: Of) {
  const record = useCommand(async (given: { kind: InterventionKind; reason: string; outcome: string }, id) => ask(RecordIntervention, { id, userId, ...given }));
  return (
    <CommandForm label="Keep it" given={{ kind: 'CALL', reason: '', outcome: '' }} command={record} said={() => 'It is kept; the player leaves the queue of marks of harm.'}>
      {({ register, formState: { errors } }) => (
        <>
          <Select label="What was done" input={register('kind')} of={KINDS} />
          <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />
          <Reason label="What came of it" hint="It stays with the player." input={register('outcome', lengths(LEAST, 500))} wrong={Boolean(errors.outcome)} least={LEAST} most={500} />
        </>
      )}
    </CommandForm>
  );
}

export function Note({ userId }: Of) {
  const add = useCommand(async ({ text }: { text: string }, id) => ask(AddPlayerNote, { id, userId, text }));
  return (
    <CommandForm label="Keep the note" given={{ text: '' }} command={add} said={() => 'It is kept.'}>
      {({ register, formState: { errors } }) => <Reason label="A note" hint="On one line; staff alone read it." input={register('text', lengths(LEAST, 1000))} wrong={Boolean(errors.text)} least={LEAST} most={1000} />}
    </CommandForm>
  );
}

/** It always takes two administrators: the second one approves it among the approvals. */
export function Adjust({ userId }: Of) {
  const propose = useCommand(async ({ amount, direction, reason }: { amount: string; direction: Direction; reason: string }, id) =>
    (await ask(ProposeAdjustment, { id, userId, amount: { amount: amountOf(cents(amount) ?? 0n) }, direction, reason })).proposeAdjustment.status);
  return (
    <CommandForm label="Propose it" danger given={{ amount: '', direction: 'CREDIT', reason: '' }} command={propose} said={(status) => (status === 'PROPOSED' ? 'It waits for another administrator, who finds it among the approvals.' : 'It is done.')}>
      {({ register, formState: { errors } }) => (
        <>
          <Select label="Direction" input={register('direction')} of={['CREDIT', 'DEBIT']} />
          <Field label="Shillings" mistake={errors.amount && 'An amount above zero, like 250 or 250.50.'}><input inputMode="decimal" autoComplete="off" {...register('amount', { validate: (text) => (cents(text) ?? 0n) > 0n })} /></Field>
          <Reason input={register('reason', lengths(LEAST, 100))} wrong={Boolean(errors.reason)} least={LEAST} most={100} />
        </>
      )}
    </CommandForm>
  );
}
