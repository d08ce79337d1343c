import { Link } from 'wouter';
import { kes } from '../money';
import { ApproveWithdrawal, AssignPayment, RefuseDecision, RejectWithdrawal, ResolveWithdrawal, ReverseDeposit } from './api/generated';
import type { DepositChannel, DeskPaymentFragment, PaymentStatus, Resolution } from './api/generated';
import { ask } from './ask';
import type { Person } from './auth';
import { Act, line, oneOf, perhaps, why } from './form';
import { Folded, Tag, at, words } from './parts';

const LEAST = 5;
const MOST = 500;
const CHANNELS: Readonly<Record<DepositChannel, string>> = { PROMPT: 'by a prompt', PAYBILL: 'by hand, to the paybill' };
const TWICE = 'Nothing has moved yet: a second person has to send the same.';

/** A payment as staff see it; `linked`: with its player, where the page is not the player's own. */
export function PaymentFacts({ of, linked = true }: { of: DeskPaymentFragment; linked?: boolean }) {
  const Title = linked ? 'h2' : 'h3';
  return (
    <>
      <div className="card-head"><Title>{words(of.kind)} · {kes(of.amount)}</Title><Tag of={of.status} /></div>
      <p>{of.userId ? 'The player reads: ' : ''}“{of.message}”</p>
      <p className="desk-facts">
        {of.reason && <span>{words(of.reason)}</span>}
        <span>{at(of.createdAt)}</span>
        {of.phone && <span>{of.phone}</span>}
        {of.channel && <span>{CHANNELS[of.channel]}</span>}
        {of.receipt && <span>receipt <code>{of.receipt}</code></span>}
        {of.account && <span>typed <code>{of.account}</code></span>}
        <code>{of.id}</code>
        {linked && of.userId && <Link href={`/desk/players/${encodeURIComponent(of.userId)}`}>Player</Link>}
      </p>
    </>
  );
}

const ON_ITS_WAY: readonly PaymentStatus[] = ['HELD', 'SUBMIT_UNKNOWN', 'SUBMITTED', 'UNKNOWN', 'DELAYED'];

/** What this person may decide of a payment, as it stands. */
export function Decisions({ of, who }: { of: DeskPaymentFragment; who: Person }) {
  const admin = who.groups.includes('admin');
  const review = of.status === 'REVIEW';
  const out = of.kind !== 'DEPOSIT' && ON_ITS_WAY.includes(of.status);
  const ours = of.status === 'SUSPENSE';
  const back = admin && of.kind === 'DEPOSIT' && (ours || of.status === 'COMPLETED');
  if (!(review || out || ours || back)) return null;
  return (
    <>
      {review && admin && <Review of={of} />}
      {ours && <Suspense of={of} />}
      {out && admin && <Uncertain of={of} />}
      {back && <Folded title="Give it back to who paid"><Because label="Give it back" danger least={10} of={of} send={async (given) => decided((await ask(ReverseDeposit, given)).reverseDeposit.status, 'M-Pesa is asked to give it back.')} /></Folded>}
      {!admin && (review || out) && <p className="faint">Administrators decide this.</p>}
      <Folded title="End what was proposed"><Because label="End the proposal" of={of} send={async (given) => { await ask(RefuseDecision, given); return 'The proposal has ended; nothing was moved.'; }} /></Folded>
    </>
  );
}

/** One payment that waits for a person. */
export function WaitingPayment({ of, who }: { of: DeskPaymentFragment; who: Person }) {
  return <li className="card still" data-payment={of.id}><PaymentFacts of={of} /><Decisions of={of} who={who} /></li>;
}

interface Given { id: string; paymentId: string; reason: string }
interface OfBecause { label: string; of: DeskPaymentFragment; danger?: boolean; least?: number; send: (given: Given) => Promise<string> }

const Because = ({ label, of, danger = false, least = LEAST, send }: OfBecause) => (
  <Act label={label} danger={danger} asks={{ reason: why(least, MOST, `${label}: why`) }} send={({ reason }, id) => send({ id, paymentId: of.id, reason })} />
);

const decided = (status: string, done: string): string => (status === 'PROPOSED' ? TWICE : done);

function Review({ of }: { of: DeskPaymentFragment }) {
  return (
    <>
      <Folded title="Approve"><Because label="Let it go" of={of} send={async (given) => decided((await ask(ApproveWithdrawal, given)).approveWithdrawal.status, 'It goes to M-Pesa now.')} /></Folded>
      <Folded title="Reject"><Because label="Reject it" danger of={of} send={async (given) => (await ask(RejectWithdrawal, given)).rejectWithdrawal.message} /></Folded>
    </>
  );
}

function Suspense({ of }: { of: DeskPaymentFragment }) {
  return (
    <Folded title="Give it to a player">
      <Act label="Assign it" asks={{ accountNumber: line('The player’s account number', { hint: 'As their app shows it to them, below “Pay by hand”.', mistake: 'The account number.' }), reason: why(LEAST, MOST) }}
        send={async (given, id) => decided((await ask(AssignPayment, { id, paymentId: of.id, ...given })).assignPayment.status, 'It is in the player’s wallet.')} />
    </Folded>
  );
}

const OUTCOMES: readonly Resolution[] = ['PAID', 'UNPAID', 'STOP', 'RETRY'];

function Uncertain({ of }: { of: DeskPaymentFragment }) {
  return (
    <Folded title="Say how it ended">
      <p className="faint">On M-Pesa’s statement, never by a guess. PAID: the statement has it. UNPAID: it was not paid and never will be. STOP: do not ask M-Pesa again by itself. RETRY: ask again, once the cause is mended.</p>
      <Act label="Send this decision" danger asks={{ outcome: oneOf('Outcome', OUTCOMES, 'PAID'), receipt: perhaps('M-Pesa’s receipt, where it is PAID'), evidence: why(10, MOST, 'What shows it') }}
        send={async ({ receipt, ...given }, id) => decided((await ask(ResolveWithdrawal, { id, paymentId: of.id, ...given, receipt: receipt.trim().toUpperCase() || null })).resolveWithdrawal.status, 'It is decided.')} />
    </Folded>
  );
}
