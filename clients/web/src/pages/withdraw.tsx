import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ask } from '../api/ask';
import { Withdraw as AskWithdraw } from '../api/generated';
import { paymentWays, wallet } from '../api/queries';
import { refusalOf } from '../api/refusal';
import { useWords } from '../language';
import { amountOf, cents, kes } from '../money';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { useFreshCode } from '../parts/fresh_code';
import { PaymentStatus } from '../parts/payment_status';
import { Notice, Refused } from '../parts/states';
import { useSession } from '../session';

interface Given { amount: string }

export default function Withdraw() {
  const { w } = useWords();
  const { data: money } = useQuery(wallet);
  const [asked, setAsked] = useState('');
  return (
    <>
      <Back to="/account" />
      <h1>{w.withdraw.title}</h1>
      {money && <p className="faint">{w.balance}: {kes(money.available)}</p>}
      {asked ? <PaymentStatus id={asked} /> : <Ask on={setAsked} />}
    </>
  );
}

function Ask({ on }: { on: (id: string) => void }) {
  const { w } = useWords();
  const client = useQueryClient();
  const phone = useSession((session) => session.phone);
  // Kept until there is an answer: the same id again pays once.
  const [id, setId] = useState(() => crypto.randomUUID());
  const { register, handleSubmit, formState: { errors } } = useForm<Given>({ defaultValues: { amount: '' } });
  const { data: ways } = useQuery(paymentWays);
  const fresh = useFreshCode();
  const asking = useMutation({
    mutationFn: async ({ amount }: Given) =>
      (await ask(AskWithdraw, { id, amount: { amount: amountOf(cents(amount) ?? 0n) }, code: fresh.code })).withdraw,
    retry: (failures, error) => failures < 3 && refusalOf(error).passing,
    onSuccess: (paid) => { on(paid.id); return client.invalidateQueries({ queryKey: ['me'] }); },
    onError: (error) => {
      fresh.onError(error);
      if (!refusalOf(error).passing) setId(crypto.randomUUID());
    },
  });
  const closed = ways?.paymentChannels.withdrawals.open === false;
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { asking.mutate(given); })(event); }}>
      {closed && <Notice kind="warn"><p>{ways.paymentChannels.withdrawals.banner ?? w.withdraw.closed}</p></Notice>}
      <Field label={w.withdraw.amount} hint={w.withdraw.hint(phone)} mistake={errors.amount && w.amountWrong}>
        <input inputMode="decimal" autoComplete="off" {...register('amount', { validate: (text) => (cents(text) ?? 0n) > 0n })} />
      </Field>
      {fresh.field}
      {asking.error && !fresh.answers(asking.error) && <Refused error={asking.error} />}
      <button className="button wide" disabled={asking.isPending || closed}>{asking.isPending ? w.sending : w.withdraw.go}</button>
      <p className="fine-print">{w.withdraw.tax}</p>
    </form>
  );
}
