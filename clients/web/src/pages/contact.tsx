import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ask } from '../api/ask';
import { ChangePhone, ConfirmEmail, ConfirmPhone, RemoveEmail, SetEmail } from '../api/generated';
import type { UserPartsFragment } from '../api/generated';
import { me } from '../api/queries';
import { useWords } from '../language';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { useFreshCode } from '../parts/fresh_code';
import { Notice, Refused, Shown } from '../parts/states';
import { phoneOf } from '../phone';
import { useSession } from '../session';

const SIX = /^\s*\d{3}\s?\d{3}\s*$/;
const digits = (text: string): string => text.replaceAll(/\s/g, '');

export default function Contact() {
  const { w } = useWords();
  const asked = useQuery(me);
  return (
    <>
      <Back to="/account" />
      <h1>{w.contact.title}</h1>
      <Shown of={asked}>{(user) => <><Phone user={user} /><Email user={user} /></>}</Shown>
    </>
  );
}

/** The number that signs in and is paid: changed by the codes that both numbers get. */
function Phone({ user }: { user: UserPartsFragment }) {
  const { w } = useWords();
  const [wanted, setWanted] = useState('');
  return (
    <section>
      <h2>{w.contact.phone}</h2>
      <p>{user.phoneNumber}</p>
      {wanted
        ? <PhoneCodes key={wanted} old={user.phoneNumber} wanted={wanted} over={() => { setWanted(''); }} />
        : <NewPhone on={setWanted} />}
    </section>
  );
}

function NewPhone({ on }: { on: (wanted: string) => void }) {
  const { w } = useWords();
  const fresh = useFreshCode();
  const { register, handleSubmit, formState: { errors } } = useForm<{ phone: string }>({ defaultValues: { phone: '' } });
  const asking = useMutation({
    mutationFn: async (given: { phone: string }) => {
      const phone = phoneOf(given.phone) ?? '';
      await ask(ChangePhone, { phone, code: fresh.code });
      return phone;
    },
    onSuccess: on,
    onError: fresh.onError,
  });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { asking.mutate(given); })(event); }}>
      <Field label={w.contact.newPhone} hint={w.contact.newPhoneHint} mistake={errors.phone && w.signIn.phoneWrong}>
        <input type="tel" inputMode="tel" autoComplete="off" {...register('phone', { validate: (text) => phoneOf(text) !== null })} />
      </Field>
      {fresh.field}
      {asking.error && !fresh.answers(asking.error) && <Refused error={asking.error} />}
      <button className="button quiet" disabled={asking.isPending}>{asking.isPending ? w.sending : w.contact.sendCodes}</button>
    </form>
  );
}

function PhoneCodes({ old, wanted, over }: { old: string; wanted: string; over: () => void }) {
  const { w } = useWords();
  const client = useQueryClient();
  const { register, handleSubmit, formState: { errors } } = useForm({ defaultValues: { oldCode: '', newCode: '' } });
  const confirming = useMutation({
    mutationFn: async (given: { oldCode: string; newCode: string }) =>
      (await ask(ConfirmPhone, { oldCode: digits(given.oldCode), newCode: digits(given.newCode) })).confirmPhoneChange,
    onSuccess: (user) => {
      client.setQueryData(me.queryKey, user);
      useSession.getState().begin(useSession.getState().userId, user.phoneNumber);
      over();
    },
  });
  const fields = [{ name: 'oldCode', at: old }, { name: 'newCode', at: wanted }] as const;
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { confirming.mutate(given); })(event); }}>
      {fields.map(({ name, at }) => (
        <Field key={name} label={w.contact.codeOf(at)} mistake={errors[name] && w.signIn.codeWrong}>
          <input className="code" inputMode="numeric" autoComplete="off" maxLength={7} {...register(name, { pattern: SIX, required: true })} />
        </Field>
      ))}
      {confirming.error && <Refused error={confirming.error} />}
      <div className="row">
        <button type="button" className="button quiet" onClick={over}>{w.contact.cancel}</button>
        <button className="button" disabled={confirming.isPending}>{confirming.isPending ? w.sending : w.contact.change}</button>
      </div>
    </form>
  );
}

/** An address to write to, for who wants one. */
function Email({ user }: { user: UserPartsFragment }) {
  const { w } = useWords();
  const client = useQueryClient();
  const [wanted, setWanted] = useState('');
  const keep = (now: UserPartsFragment): void => {
    client.setQueryData(me.queryKey, now);
    setWanted('');
  };
  const removing = useMutation({ mutationFn: async () => (await ask(RemoveEmail, {})).removeEmail, onSuccess: keep });
  return (
    <section>
      <h2>{w.contact.email}</h2>
      <p>{user.email ?? w.contact.noEmail}</p>
      {wanted ? <EmailCode wanted={wanted} on={keep} over={() => { setWanted(''); }} /> : <NewEmail on={setWanted} />}
      {removing.error && <Refused error={removing.error} />}
      {user.email && !wanted && <button type="button" className="link" disabled={removing.isPending} onClick={() => { removing.mutate(); }}>{w.contact.removeEmail}</button>}
    </section>
  );
}

function NewEmail({ on }: { on: (wanted: string) => void }) {
  const { w } = useWords();
  const fresh = useFreshCode();
  const { register, handleSubmit, formState: { errors } } = useForm<{ email: string }>({ defaultValues: { email: '' } });
  const asking = useMutation({
    mutationFn: async (given: { email: string }) => {
      const email = given.email.trim();
      await ask(SetEmail, { email, code: fresh.code });
      return email;
    },
    onSuccess: on,
    onError: fresh.onError,
  });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { asking.mutate(given); })(event); }}>
      <Field label={w.contact.newEmail} mistake={errors.email && w.contact.emailWrong}>
        <input type="email" inputMode="email" autoComplete="email" maxLength={254} {...register('email', { pattern: /^\s*\S+@\S+\.\S+\s*$/, required: true })} />
      </Field>
      {fresh.field}
      {asking.error && !fresh.answers(asking.error) && <Refused error={asking.error} />}
      <button className="button quiet" disabled={asking.isPending}>{asking.isPending ? w.sending : w.signIn.send}</button>
    </form>
  );
}

function EmailCode({ wanted, on, over }: { wanted: string; on: (user: UserPartsFragment) => void; over: () => void }) {
  const { w } = useWords();
  const { register, handleSubmit, formState: { errors } } = useForm({ defaultValues: { code: '' } });
  const confirming = useMutation({
    mutationFn: async ({ code }: { code: string }) => (await ask(ConfirmEmail, { code: digits(code) })).confirmEmail,
    onSuccess: on,
  });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { confirming.mutate(given); })(event); }}>
      <Notice><p>{w.contact.emailSent(wanted)}</p></Notice>
      <Field label={w.signIn.codeLabel} mistake={errors.code && w.signIn.codeWrong}>
        <input className="code" inputMode="numeric" autoComplete="one-time-code" maxLength={7} {...register('code', { pattern: SIX, required: true })} />
      </Field>
      {confirming.error && <Refused error={confirming.error} />}
      <div className="row">
        <button type="button" className="button quiet" onClick={over}>{w.contact.cancel}</button>
        <button className="button" disabled={confirming.isPending}>{confirming.isPending ? w.sending : w.contact.confirm}</button>
      </div>
    </form>
  );
}
