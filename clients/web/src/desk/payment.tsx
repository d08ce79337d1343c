import { Link } from 'wouter';
import { Field } from '../parts/field';
import { kes } from '../money';
import { ApproveWithdrawal, AssignPayment, RefuseDecision, RejectWithdrawal, ResolveWithdrawal, ReverseDeposit } from './api/generated';
import type { DeskPaymentFragment, PaymentQueue, Resolution } from './api/generated';
import { ask } from './ask';
import type { Person } from './auth';
import { CommandForm, useCommand } from './command';
import { Folded, Reason, Select, Tag, at, lengths, words } from './parts';

const LEAST = 5;
const MOST = 500;
const TWICE = 'Nothing has moved yet: a second person has to send the same.';

/** A payment as staff see it; `linked`: with its player, where the page is not the player's own. */
export function PaymentFacts({ of, linked = true }: { of: DeskPaymentFragment; linked?: boolean }) {
  const Title = linked ? 'h2' : 'h3';
  return (
    <>
      <div className="card-head"><Title>{words(of.kind)} · {kes(of.amount)}</Title><Tag of={of.status} /></div>
      <p>{of.message}</p>
      <p className="desk-facts">
        {of.reason && <span>{words(of.reason)}</span>}
        <span>{at(of.createdAt)}</span>
        {of.receipt && <span>receipt <code>{of.receipt}</code></span>}
        {of.account && <span>typed <code>{of.account}</code></span>}
        <code>{of.id}</code>
        {linked && of.userId && <Link href={`/desk/players/${encodeURIComponent(of.userId)}`}>Player</Link>}
      </p>
    </>
  );
}

/** One payment that waits for a person, with what this person may decide of it. */
export function WaitingPayment({ of, queue, who }: { of: DeskPaymentFragment; queue: PaymentQueue; who: Person }) {
  const admin = who.groups.includes('admin');
  return (
    <li className="card still" data-payment={of.id}>
      <PaymentFacts of={of} />
      {queue === 'REVIEW' && admin && <Review of={of} />}
      {queue === 'SUSPENSE' && <Suspense of={of} admin={admin} />}
      {queue === 'DECISION' && admin && <Uncertain of={of} />}
      {!admin && queue !== 'SUSPENSE' && <p className="faint">Administrators decide this.</p>}
      <Folded title="End what was proposed"><Because label="End the proposal" of={of} send={async (given) => { await ask(RefuseDecision, given); return 'The proposal has ended; nothing was moved.'; }} /></Folded>
    </li>
  );
}

interface Given { id: string; paymentId: string; reason: string }
interface OfBecause { label: string; of: DeskPaymentFragment; danger?: boolean; least?: number; send: (given: Given) => Promise<string> }

function Because({ label, of, danger = false, least = LEAST, send }: OfBecause) {
  const command = useCommand(({ reason }: { reason: string }, id) => send({ id, paymentId: of.id, reason }));
  return (
    <CommandForm label={label} danger={danger} given={{ reason: '' }} command={command} said={(message) => message}>
      {({ register, formState: { errors } }) => <Reason label={`${label}: why`} input={register('reason', lengths(least, MOST))} wrong={Boolean(errors.reason)} least={least} most={MOST} />}
    </CommandForm>
  );
}

const decided = (status: string, done: string): string => (status === 'PROPOSED' ? TWICE : done);

function Review({ of }: { of: DeskPaymentFragment }) {
  return (
    <>
      <Folded title="Approve"><Because label="Let it go" of={of} send={async (given) => decided((await ask(ApproveWithdrawal, given)).approveWithdrawal.status, 'It goes to M-Pesa now.')} /></Folded>
      <Folded title="Reject"><Because label="Reject it" danger of={of} send={async (given) => (await ask(RejectWithdrawal, given)).rejectWithdrawal.message} /></Folded>
    </>
  );
}

function Suspense({ of, admin }: { of: DeskPaymentFragment; admin: boolean }) {
  const assign = useCommand(async (given: { accountNumber: string; reason: string }, id) =>
    decided((await ask(AssignPayment, { id, paymentId: of.id, ...given })).assignPayment.status, 'It is in the player’s wallet.'));
  return (
    <>
      <Folded title="Give it to a player">
        <CommandForm label="Assign it" given={{ accountNumber: '', reason: '' }} command={assign} said={(message) => message}>
          {({ register, formState: { errors } }) => (
            <>
              <Field label="The player’s account number" hint="As their app shows it to them, below “Pay by hand”." mistake={errors.accountNumber && 'The account number.'}><input autoComplete="off" {...register('accountNumber', { required: true })} /></Field>
              <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />
            </>
          )}
        </CommandForm>
      </Folded>
      {admin && <Folded title="Give it back to who paid"><Because label="Give it back" danger least={10} of={of} send={async (given) => decided((await ask(ReverseDeposit, given)).reverseDeposit.status, 'M-Pesa is asked to give it back.')} /></Folded>}
    </>
  );
}

const OUTCOMES: readonly Resolution[] = ['PAID', 'UNPAID', 'STOP', 'RETRY'];

function Uncertain({ of }: { of: DeskPaymentFragment }) {
  const resolve = useCommand(async ({ outcome, evidence, receipt }: { outcome: Resolution; evidence: string; receipt: string }, id) =>
    decided((await ask(ResolveWithdrawal, { id, paymentId: of.id, outcome, evidence, receipt: receipt.trim() || null })).resolveWithdrawal.status, 'It is decided.'));
  return (
    <Folded title="Say how it ended">
      <p className="faint">On M-Pesa’s statement, never by a guess. PAID: the statement has it. UNPAID: it was not paid and never will be. STOP: do not ask M-Pesa again by itself. RETRY: ask again, once the cause is mended.</p>
      <CommandForm label="Send this decision" danger given={{ outcome: 'PAID', evidence: '', receipt: '' }} command={resolve} said={(message) => message}>
        {({ register, formState: { errors } }) => (
          <>
            <Select label="Outcome" input={register('outcome')} of={OUTCOMES} />
            <Field label="M-Pesa’s receipt, where it is PAID"><input autoComplete="off" autoCapitalize="characters" {...register('receipt')} /></Field>
            <Reason label="What shows it" input={register('evidence', lengths(10, MOST))} wrong={Boolean(errors.evidence)} least={10} most={MOST} />
          </>
        )}
      </CommandForm>
    </Folded>
  );
}
