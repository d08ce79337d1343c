import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { Link, useSearchParams } from 'wouter';
import { ask } from '../api/ask';
import { Deposit as AskDeposit } from '../api/generated';
import type { DepositFormQuery } from '../api/generated';
import { depositForm, paybill, payments, wallet } from '../api/queries';
import { refusalOf, whilePassing } from '../api/refusal';
import { useWords } from '../language';
import { amountOf, cents, kes } from '../money';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { PaymentStatus } from '../parts/payment_status';
import { PaymentForm } from '../parts/payment_form';
import { Refused } from '../parts/states';
import { useSession } from '../session';
import { useSlip } from '../slip';

interface Given { amount: string }

const QUICK = ['100', '250', '500', '1000', '5000'];

export function Deposit() {
  const { w } = useWords();
  const { data: money } = useQuery(wallet);
  // In the address: who comes back from their phone finds it as it stands.
  const [params, note] = useSearchParams();
  const asked = params.get('payment');
  const waiting = useSlip((slip) => slip.picks.length > 0);
  return (
    <>
      <Back to="/account" whence />
      <h1>{w.deposit.title}</h1>
      <p className="faint">{w.balance}: {money ? kes(money.available) : '…'}</p>
      {asked
        ? <>
          <PaymentStatus id={asked} />
          {waiting && <Link href="/slip" className="button wide">{w.deposit.toSlip}</Link>}
          <button type="button" className="button wide quiet" onClick={() => { note({}, { replace: true }); }}>{w.deposit.another}</button>
        </>
        : <><Ask on={(id) => { note({ payment: id }, { replace: true }); }} /><Paybill /></>}
    </>
  );
}

/** Whole shillings alone: M-Pesa moves no cents. */
function isWhole(text: string): boolean {
  const value = cents(text);
  return value !== null && value > 0n && value % 100n === 0n;
}

/** Whether so much is taken now, as far as that is known. */
function isBetween(text: string, form: DepositFormQuery['depositForm'] | undefined): boolean {
  const value = cents(text);
  if (value === null || !form?.largest) return true;
  return value >= (cents(form.smallest.amount) ?? 0n) && value <= (cents(form.largest.amount) ?? 0n);
}

function Ask({ on }: { on: (id: string) => void }) {
  const { w } = useWords();
  const client = useQueryClient();
  const phone = useSession((session) => session.phone);
  const { register, handleSubmit, setValue, control, formState: { errors } } = useForm<Given>({ defaultValues: { amount: '500' } });
  const typed = useWatch({ control, name: 'amount' });
  const { data: range } = useQuery(depositForm(null));
  const inRange = (text: string): boolean => isBetween(text, range);
  const known = useQuery(depositForm(isWhole(typed) && inRange(typed) ? { amount: amountOf(cents(typed) ?? 0n) } : null));
  const form = known.data;
  const wrong = errors.amount && (errors.amount.type === 'inRange' && range?.largest ? w.payments.between(kes(range.smallest, true), kes(range.largest, true)) : w.deposit.wrong);
  // Kept until there is an answer: the same id again asks the phone once.
  const [id, setId] = useState(() => crypto.randomUUID());
  const asking = useMutation({
    mutationFn: async ({ amount }: { amount: string }) => (await ask(AskDeposit, { id, amount: { amount } })).deposit,
    retry: whilePassing(3),
    onError: (error) => { if (!refusalOf(error).passing) setId(crypto.randomUUID()); },
    onSuccess: (asked) => { on(asked.id); return client.invalidateQueries({ queryKey: payments.queryKey }); },
  });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit(({ amount }) => { asking.mutate({ amount: amountOf(cents(amount) ?? 0n) }); })(event); }}>
      <Field label={w.deposit.amount} hint={w.deposit.hint(phone)} mistake={wrong}>
        <input inputMode="numeric" autoComplete="off" {...register('amount', { validate: { isWhole, inRange } })} />
      </Field>
      <div className="chips" role="group" aria-label={w.slip.quick}>
        {QUICK.map((one) => <button key={one} type="button" className="chip" onClick={() => { setValue('amount', one, { shouldValidate: true }); }}>{one}</button>)}
      </div>
      <PaymentForm of={known} rows={[[w.payments.tax, form?.tax], [w.payments.credited, form?.credited]]} />
      {asking.error && !form?.refusal && <Refused error={asking.error} />}
      <button className="button wide" disabled={asking.isPending || known.isPending || Boolean(form?.refusal)}>{asking.isPending ? w.sending : w.deposit.go}</button>
      <p className="fine-print">{w.deposit.tax}</p>
    </form>
  );
}

function Paybill() {
  const { w } = useWords();
  const { data } = useQuery(paybill);
  if (!data) return null;
  return (
    <section className="card still">
      <h2>{w.deposit.paybill}</h2>
      <dl className="sums">
        <div><dt>{w.deposit.business}</dt><dd><code>{data.businessNumber}</code></dd></div>
        <div><dt>{w.deposit.account}</dt><dd><code>{data.accountNumber}</code></dd></div>
      </dl>
    </section>
  );
}
