import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useLocation, useSearchParams } from 'wouter';
import { ask } from '../api/ask';
import type { Step } from '../api/auth';
import { AcceptTerms, Terms, UpdateProfile } from '../api/generated';
import { date } from '../clock';
import { DEVICE, config } from '../config';
import { useLanguage, useWords } from '../language';
import { Field } from '../parts/field';
import { Texts } from '../parts/house';
import { Refused } from '../parts/states';
import { phoneOf } from '../phone';

interface Person { phone: string; birthdate: string; agreed: boolean }

export default function SignIn() {
  const [, go] = useLocation();
  const [asked] = useSearchParams();
  const [{ person, step }, setWay] = useState(kept);
  const then = asked.get('then') ?? '/';
  const on = async (next: Step, who: Person): Promise<void> => {
    const way = next.kind === 'DONE' ? { person: who } : { person: who, step: next };
    keep(way);
    setWay(way);
    if (next.kind !== 'DONE') return;
    if (who.agreed) await begin();
    else if (next.language) useLanguage.getState().speak(next.language === 'sw' ? 'sw' : 'en');
    go(then.startsWith('/') ? then : '/', { replace: true });
  };
  if (person && step) return <Code key={step.kind} person={person} step={step} on={on} back={() => { keep({}); setWay({ person }); }} />;
  return <Who known={person} on={on} />;
}

interface Way { person?: Person; step?: Step }

const KEPT = 'betsafi.sign-in';
// As long as aws-amplify keeps what is to be answered.
const KEPT_MS = 3 * 60 * 1000;

/** How far somebody is on the way in: reading the SMS, a phone may put the app out of its memory. */
function kept(): Way {
  const { until = 0, ...way } = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Way & { until?: number };
  return until > Date.now() ? way : {};
}

function keep(way: Way): void {
  if (way.step) sessionStorage.setItem(KEPT, JSON.stringify({ ...way, until: Date.now() + KEPT_MS }));
  else sessionStorage.removeItem(KEPT);
}

/** Who was born on this day or before is old enough to bet. */
function lastBirthdate(): string {
  const today = date();
  return `${String(Number(today.slice(0, 4)) - 18)}${today.slice(4)}`;
}

/** What somebody agreed to when they signed up, and their language. Where that fails, the first bet asks again. */
async function begin(): Promise<void> {
  const language = useLanguage.getState().tongue === 'sw' ? 'SW' : 'EN';
  try {
    await Promise.all([ask(AcceptTerms, (await ask(Terms, {})).terms), ask(UpdateProfile, { input: { language } })]);
    await (await import('../api/auth')).renew();
  } catch (error) {
    console.warn('the terms are not accepted yet', error);
  }
}

type On = (next: Step, who: Person) => Promise<void>;

function Who({ known, on }: { known: Person | undefined; on: On }) {
  const { w } = useWords();
  // A browser that nobody has signed in on is most likely somebody's who has no account.
  const [fresh, setFresh] = useState(known?.agreed ?? !localStorage.getItem(DEVICE));
  const [byPassword, setByPassword] = useState(false);
  const secret = byPassword && !fresh;
  const { register, handleSubmit, formState: { errors } } = useForm<Person & { password: string }>({ defaultValues: { ...(known ?? { phone: '', birthdate: '', agreed: false }), password: '' } });
  const sending = useMutation({
    mutationFn: async ({ password, ...given }: Person & { password: string }) => {
      const who = { phone: phoneOf(given.phone) ?? '', birthdate: fresh ? given.birthdate : '', agreed: fresh && given.agreed };
      const auth = await import('../api/auth');
      await on(await (secret ? auth.byPassword(who.phone, password) : auth.sendCode(who.phone, fresh)), who);
    },
  });
  return (
    <form noValidate className="narrow" onSubmit={(event) => { void handleSubmit((given) => { sending.mutate(given); })(event); }}>
      <h1>{fresh ? w.signIn.join : w.signIn.title}</h1>
      <div className="segments" role="group" aria-label={w.signIn.title}>
        <button type="button" aria-pressed={!fresh} onClick={() => { setFresh(false); }}>{w.signIn.title}</button>
        <button type="button" aria-pressed={fresh} onClick={() => { setFresh(true); }}>{w.signIn.join}</button>
      </div>
      <Field label={w.signIn.phone} hint={w.signIn.phoneHint} mistake={errors.phone && w.signIn.phoneWrong}>
        <input type="tel" autoComplete="tel" inputMode="tel" {...register('phone', { validate: (text) => phoneOf(text) !== null })} />
      </Field>
      {secret && (
        <Field label={w.signIn.password} hint={w.signIn.passwordHint} mistake={errors.password && w.needed}>
          <input type="password" autoComplete="current-password" {...register('password', { required: secret })} />
        </Field>
      )}
      {fresh && (
        <>
          <Field label={w.signIn.birthdate} hint={w.signIn.birthdateHint} mistake={errors.birthdate && (errors.birthdate.type === 'required' ? w.signIn.birthdateWrong : w.signIn.birthdateHint)}>
            <input type="date" autoComplete="bday" max={date()} {...register('birthdate', { required: true, validate: (text) => text <= lastBirthdate() })} />
          </Field>
          <label className="check"><input type="checkbox" {...register('agreed', { required: true })} /><span>{w.signIn.agree}</span></label>
          <Texts />
          {errors.agreed && <p className="mistake" role="alert">{w.signIn.agreeFirst}</p>}
        </>
      )}
      {sending.error && <Refused error={sending.error} />}
      <button className="button wide" disabled={sending.isPending}>{sending.isPending ? w.sending : secret ? w.signIn.go : w.signIn.send}</button>
      {!fresh && <button type="button" className="button wide quiet" onClick={() => { setByPassword(!byPassword); }}>{byPassword ? w.signIn.bySms : w.signIn.noSms}</button>}
      {!secret && <p className="fine-print">{w.signIn.sms}</p>}
    </form>
  );
}

const SECONDS = ['PASSWORD', 'DOCUMENT'] as const;

interface OfCode { person: Person; step: Step; on: On; back: () => void }

/** The code by SMS, or on a new device the second factor. */
function Code({ person, step, on, back }: OfCode) {
  const { w } = useWords();
  const second = step.kind === 'SECOND';
  const { register, handleSubmit, resetField, setFocus, formState: { errors } } = useForm<{ text: string }>({ defaultValues: { text: '' } });
  const [wrong, setWrong] = useState(false);
  // What the player has to show: a password, the number of a document, or one of the two.
  const offered = SECONDS.filter((one) => step.accepts.includes(one));
  const [kind, setKind] = useState(offered[0] ?? 'PASSWORD');
  const answering = useMutation({
    mutationFn: async ({ text }: { text: string }) => {
      const given = second ? text : text.replaceAll(/\s/g, '');
      const next = await (await import('../api/auth')).answer(given, second ? { kind } : { birthdate: person.birthdate });
      setWrong(next.kind === step.kind);
      await on(next, person);
    },
    onError: () => { setWrong(false); },
    onSettled: () => { resetField('text'); setFocus('text'); },
  });
  const laptop = config().laptop;
  useEffect(() => { setFocus('text'); }, [setFocus]);
  return (
    <form noValidate className="narrow" onSubmit={(event) => { void handleSubmit((given) => { answering.mutate(given); })(event); }}>
      <h1>{second ? w.signIn.second : w.signIn.code}</h1>
      <p>{second ? w.signIn.secondHint : w.signIn.codeHint(person.phone)}</p>
      {second && offered.length > 1 && (
        <div className="segments" role="group" aria-label={w.signIn.second}>
          {offered.map((one) => <button key={one} type="button" aria-pressed={one === kind} onClick={() => { setKind(one); }}>{w.signIn.seconds[one]}</button>)}
        </div>
      )}
      <Field label={second ? w.signIn.seconds[kind] : w.signIn.codeLabel} mistake={errors.text ? (second ? w.needed : w.signIn.codeWrong) : wrong && w.signIn.codeAgain(step.tries)}>
        {second
          ? <input type={kind === 'PASSWORD' ? 'password' : 'text'} autoComplete={kind === 'PASSWORD' ? 'current-password' : 'off'} {...register('text', { required: true })} />
          : <input className="code" inputMode="numeric" autoComplete="one-time-code" maxLength={7} {...register('text', { pattern: /^\s*\d{3}\s?\d{3}\s*$/, required: true })} />}
      </Field>
      {answering.error && <Refused error={answering.error} />}
      <button className="button wide" disabled={answering.isPending}>{answering.isPending ? w.sending : w.signIn.go}</button>
      <button type="button" className="button wide quiet" onClick={back}>{w.signIn.other}</button>
      {laptop && !second && <p className="fine-print"><a href={`${laptop.inbox}/?to=${encodeURIComponent(person.phone)}`} target="_blank" rel="noreferrer">{w.laptop.inbox}</a></p>}
    </form>
  );
}
