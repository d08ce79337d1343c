import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { config } from '../config';
import { Field } from '../parts/field';
import { answer, begin, person } from './auth';
import type { Asked, Step } from './auth';
import { Refused } from './parts';

/** A password first, then what the pool asks for: an authenticator's code; the first time a new password, and an authenticator. */
export function SignIn() {
  const client = useQueryClient();
  const [step, setStep] = useState<Step>();
  const on = async (next: Step): Promise<void> => {
    setStep(next);
    if (next.kind === 'DONE') await client.invalidateQueries({ queryKey: person.queryKey });
  };
  if (!step || step.kind === 'DONE') return <Password on={on} />;
  return <Next key={step.kind} step={step} on={on} back={() => { setStep(undefined); }} />;
}

function Password({ on }: { on: (next: Step) => Promise<void> }) {
  const { register, handleSubmit, formState: { errors } } = useForm({ defaultValues: { email: '', password: '' } });
  const signing = useMutation({ mutationFn: async (given: { email: string; password: string }) => { await on(await begin(given.email.trim(), given.password)); } });
  return (
    <form noValidate className="narrow" onSubmit={(event) => { void handleSubmit((given) => { signing.mutate(given); })(event); }}>
      <h1>Staff sign-in</h1>
      <Field label="E-mail" mistake={errors.email && 'Your e-mail address at work.'}>
        <input type="email" autoComplete="username" {...register('email', { required: true })} />
      </Field>
      <Field label="Password" mistake={errors.password && 'Your password.'}>
        <input type="password" autoComplete="current-password" {...register('password', { required: true })} />
      </Field>
      {signing.error && <Refused error={signing.error} />}
      <button className="button wide" disabled={signing.isPending}>{signing.isPending ? 'One moment…' : 'Sign in'}</button>
      {config().laptop && <p className="fine-print">On a laptop: what <code>make up</code> printed last names the staff.</p>}
      <p className="fine-print">For who works here. <a href="/">To the players’ app</a></p>
    </form>
  );
}

const TITLES = { CODE: 'Your authenticator', PASSWORD: 'A password of your own', AUTHENTICATOR: 'Set up an authenticator' };

function Next({ step, on, back }: { step: Asked; on: (next: Step) => Promise<void>; back: () => void }) {
  const { register, handleSubmit, resetField, formState: { errors } } = useForm({ defaultValues: { text: '' } });
  const fresh = step.kind === 'PASSWORD';
  const answering = useMutation({
    mutationFn: async ({ text }: { text: string }) => { await on(await answer(fresh ? text : text.replaceAll(/\s/g, ''))); },
    onSettled: () => { resetField('text'); },
  });
  return (
    <form noValidate className="narrow" onSubmit={(event) => { void handleSubmit((given) => { answering.mutate(given); })(event); }}>
      <h1>{TITLES[step.kind]}</h1>
      {step.kind === 'AUTHENTICATOR' && <p>Add this key to an authenticator on your phone, then type the six digits that it shows: <code>{step.secret}</code></p>}
      <Field label={fresh ? 'New password' : 'Code'} hint={fresh ? '14 characters or more.' : 'The six digits that your authenticator shows now.'} mistake={errors.text && (fresh ? '14 characters or more.' : 'Six digits.')}>
        {fresh
          ? <input type="password" autoComplete="new-password" {...register('text', { required: true, minLength: 14 })} />
          : <input className="code" inputMode="numeric" autoComplete="one-time-code" maxLength={7} {...register('text', { required: true, pattern: /^\s*\d{3}\s?\d{3}\s*$/ })} />}
      </Field>
      {answering.error && <Refused error={answering.error} />}
      <button className="button wide" disabled={answering.isPending}>{answering.isPending ? 'One moment…' : 'Continue'}</button>
      <button type="button" className="button wide quiet" onClick={back}>Begin again</button>
    </form>
  );
}
