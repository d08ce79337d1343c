import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ask } from '../api/ask';
import { ChangePhone, ConfirmEmail, ConfirmPhone, RemoveEmail, RequestPhoneReview, SetEmail } from '../api/generated';
import type { UserPartsFragment } from '../api/generated';
import { keep } from '../api/keep';
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
  const [lost, setLost] = useState(false);
  return (
    <section>
      <h2>{w.contact.phone}</h2>
      <p>{user.phoneNumber}</p>
      {wanted
        ? <PhoneCodes key={wanted} old={user.phoneNumber} wanted={wanted} over={() => { setWanted(''); }} />
        : lost ? <LostPhone old={user.phoneNumber} over={() => { setLost(false); }} />
          : <><NewPhone on={setWanted} /><button type="button" className="link" onClick={() => { setLost(true); }}>{w.contact.lost(user.phoneNumber)}</button></>}
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
    onSuccess: (wanted) => { fresh.onSuccess(); on(wanted); },
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
    onSuccess: async (user) => {
      await keep(client, me, user);
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

interface Review { phone: string; reason: string }

/** Who has the old number no more proves the new one, and two of the staff decide. */
function LostPhone({ old, over }: { old: string; over: () => void }) {
  const { w } = useWords();
  const [asked, setAsked] = useState<Review>();
  const [waits, setWaits] = useState(false);
  if (asked && waits) return <Notice kind="good"><p>{w.contact.inReview(asked.phone)}</p></Notice>;
  return (
    <>
      <h3>{w.contact.lostTitle}</h3>
      <p className="faint">{w.contact.lostText(old)}</p>
      {asked
        ? <LostCode asked={asked} on={() => { setWaits(true); }} over={over} />
        : <LostReason on={setAsked} over={over} />}
    </>
  );
}

function LostReason({ on, over }: { on: (asked: Review) => void; over: () => void }) {
  const { w } = useWords();
  const { register, handleSubmit, formState: { errors } } = useForm<Review>({ defaultValues: { phone: '', reason: '' } });
  const asking = useMutation({
    mutationFn: async (given: Review) => {
      const review = { phone: phoneOf(given.phone) ?? '', reason: oneLine(given.reason) };
      await ask(RequestPhoneReview, { ...review, code: null });
      return review;
    },
    onSuccess: on,
  });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { asking.mutate(given); })(event); }}>
      <Field label={w.contact.newPhone} mistake={errors.phone && w.signIn.phoneWrong}>
        <input type="tel" inputMode="tel" autoComplete="off" {...register('phone', { validate: (text) => phoneOf(text) !== null })} />
      </Field>
      <Field label={w.contact.why} hint={w.contact.whyHint} mistake={errors.reason && w.contact.whyWrong}>
        <textarea rows={3} {...register('reason', { validate: (text) => oneLine(text).length >= 10 && oneLine(text).length <= 500 })} />
      </Field>
      {asking.error && <Refused error={asking.error} />}
      <div className="row">
        <button type="button" className="button quiet" onClick={over}>{w.contact.cancel}</button>
        <button className="button" disabled={asking.isPending}>{asking.isPending ? w.sending : w.signIn.send}</button>
      </div>
    </form>
  );
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

function LostCode({ asked, on, over }: { asked: Review; on: () => void; over: () => void }) {
  const { w } = useWords();
  const confirming = useMutation({ mutationFn: (code: string) => ask(RequestPhoneReview, { ...asked, code }), onSuccess: on });
  return <SixDigits label={w.contact.codeOf(asked.phone)} button={w.contact.confirm} confirming={confirming} over={over} />;
}

/** An address to write to, for who wants one. */
function Email({ user }: { user: UserPartsFragment }) {
  const { w } = useWords();
  const client = useQueryClient();
  const [wanted, setWanted] = useState('');
  const on = async (now: UserPartsFragment): Promise<void> => {
    await keep(client, me, now);
    setWanted('');
  };
  const removing = useMutation({ mutationFn: async () => (await ask(RemoveEmail, {})).removeEmail, onSuccess: on });
  return (
    <section>
      <h2>{w.contact.email}</h2>
      <p>{user.email ?? w.contact.noEmail}</p>
      {wanted ? <EmailCode wanted={wanted} on={on} over={() => { setWanted(''); }} /> : <NewEmail on={setWanted} />}
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
    onSuccess: (wanted) => { fresh.onSuccess(); on(wanted); },
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

function EmailCode({ wanted, on, over }: { wanted: string; on: (user: UserPartsFragment) => Promise<void>; over: () => void }) {
  const { w } = useWords();
  const confirming = useMutation({ mutationFn: async (code: string) => (await ask(ConfirmEmail, { code })).confirmEmail, onSuccess: on });
  return (
    <>
      <Notice><p>{w.contact.emailSent(wanted)}</p></Notice>
      <SixDigits label={w.signIn.codeLabel} button={w.contact.confirm} confirming={confirming} over={over} />
    </>
  );
}

interface OfDigits { label: string; button: string; confirming: { mutate: (code: string) => void; isPending: boolean; error: unknown }; over: () => void }

/** The code that was sent somewhere, and to leave it. */
function SixDigits({ label, button, confirming: { mutate, isPending, error }, over }: OfDigits) {
  const { w } = useWords();
  const { register, handleSubmit, formState: { errors } } = useForm({ defaultValues: { code: '' } });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit(({ code }) => { mutate(digits(code)); })(event); }}>
      <Field label={label} mistake={errors.code && w.signIn.codeWrong}>
        <input className="code" inputMode="numeric" autoComplete="one-time-code" maxLength={7} {...register('code', { pattern: SIX, required: true })} />
      </Field>
      {error ? <Refused error={error} /> : null}
      <div className="row">
        <button type="button" className="button quiet" onClick={over}>{w.contact.cancel}</button>
        <button className="button" disabled={isPending}>{isPending ? w.sending : button}</button>
      </div>
    </form>
  );
}
