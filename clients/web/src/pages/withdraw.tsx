import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useSearchParams } from 'wouter';
import { ask } from '../api/ask';
import { Withdraw as AskWithdraw } from '../api/generated';
import { wallet, withdrawalForm } from '../api/queries';
import { refusalOf, whilePassing } from '../api/refusal';
import { useWords } from '../language';
import { amountOf, cents, kes } from '../money';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { useFreshCode } from '../parts/fresh_code';
import { PaymentStatus } from '../parts/payment_status';
import { PaymentForm } from '../parts/payment_form';
import { Refused } from '../parts/states';
import { useSession } from '../session';

interface Given { amount: string }

export default function Withdraw() {
  const { w } = useWords();
  const { data: money } = useQuery(wallet);
  const [params, note] = useSearchParams();
  const asked = params.get('payment');
  return (
    <>
      <Back to="/account" />
      <h1>{w.withdraw.title}</h1>
      <p className="faint">{w.balance}: {money ? kes(money.available) : '…'}</p>
      {asked ? <PaymentStatus id={asked} /> : <Ask on={(id) => { note({ payment: id }, { replace: true }); }} />}
    </>
  );
}

function Ask({ on }: { on: (id: string) => void }) {
  const { w } = useWords();
  const client = useQueryClient();
  const phone = useSession((session) => session.phone);
  // Kept until there is an answer: the same id again pays once.
  const [id, setId] = useState(() => crypto.randomUUID());
  const { register, handleSubmit, setValue, control, formState: { errors } } = useForm<Given>({ defaultValues: { amount: '' } });
  const typed = cents(useWatch({ control, name: 'amount' })) ?? 0n;
  const known = useQuery(withdrawalForm(typed > 0n ? { amount: amountOf(typed) } : null));
  const form = known.data;
  const most = form?.largest?.amount;
  const fresh = useFreshCode();
  const asking = useMutation({
    mutationFn: async ({ amount }: Given) =>
      (await ask(AskWithdraw, { id, amount: { amount: amountOf(cents(amount) ?? 0n) }, code: fresh.code })).withdraw,
    retry: whilePassing(3),
    onSuccess: (paid) => { fresh.onSuccess(); on(paid.id); return client.invalidateQueries({ queryKey: ['me'] }); },
    onError: (error) => {
      fresh.onError(error);
      if (!refusalOf(error).passing) setId(crypto.randomUUID());
    },
  });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { asking.mutate(given); })(event); }}>
      <Field label={w.withdraw.amount} hint={w.withdraw.hint(phone)} mistake={errors.amount && w.amountWrong}>
        <input inputMode="decimal" autoComplete="off" {...register('amount', { validate: (text) => (cents(text) ?? 0n) > 0n })} />
      </Field>
      {(known.isPending || most) && <div className="chips"><button type="button" className="chip" disabled={!most} onClick={() => { setValue('amount', most ?? '', { shouldValidate: true }); }}>{w.withdraw.all(most ? kes({ amount: most }, true) : '…')}</button></div>}
      <PaymentForm of={known} rows={[[w.payments.tax, form?.tax], [w.payments.paid, form?.paid], [w.payments.returned, form?.returned], [w.withdraw.leftToday, form?.leftToday]]} />
      {form?.codeNeeded && !fresh.field && <p className="faint">{w.withdraw.codeNeeded}</p>}
      {fresh.field}
      {asking.error && !form?.refusal && !fresh.answers(asking.error) && <Refused error={asking.error} />}
      <button className="button wide" disabled={asking.isPending || known.isPending || Boolean(form?.refusal)}>{asking.isPending ? w.sending : w.withdraw.go}</button>
      <p className="fine-print">{w.withdraw.tax}</p>
    </form>
  );
}
