import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useForm } from 'react-hook-form';
import { ask } from '../api/ask';
import * as of from '../api/generated';
import type { LimitName, ProtectionPartsFragment } from '../api/generated';
import { keep } from '../api/keep';
import { protection } from '../api/queries';
import { moment } from '../clock';
import { useWords } from '../language';
import { amountOf, cents, kes } from '../money';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { useFreshCode } from '../parts/fresh_code';
import { Notice, Refused, Shown } from '../parts/states';

const NAMES: LimitName[] = ['STAKE_BET', 'STAKE_DAY', 'STAKE_WEEK', 'STAKE_MONTH', 'LOSS_DAY', 'LOSS_WEEK', 'LOSS_MONTH', 'DEPOSIT_DAY', 'DEPOSIT_WEEK', 'DEPOSIT_MONTH'];

/** Something that changes what protects the player, and answers all of it. What loosens may need a code. */
function useChange<Given>(change: (given: Given, code: string | null) => Promise<ProtectionPartsFragment>) {
  const client = useQueryClient();
  const fresh = useFreshCode();
  const changing = useMutation({
    mutationFn: (given: Given) => change(given, fresh.code),
    onSuccess: (found) => {
      fresh.onSuccess();
      return keep(client, protection, found);
    },
    onError: fresh.onError,
  });
  const { variables, error } = changing;
  const again = fresh.field && variables !== undefined
    ? <Again field={fresh.field} pending={changing.isPending} go={() => { changing.mutate(variables); }} /> : null;
  return { ...changing, refused: <>{again}{error && !fresh.answers(error) && <Refused error={error} />}</> };
}

/** The code that was sent, and the same once more with it. */
function Again({ field, pending, go }: { field: ReactNode; pending: boolean; go: () => void }) {
  const { w } = useWords();
  return <>{field}<button type="button" className="button small" disabled={pending} onClick={go}>{w.protection.confirm}</button></>;
}

export default function Protection() {
  const { w } = useWords();
  const asked = useQuery(protection);
  return (
    <>
      <Back to="/account" />
      <h1>{w.protection.title}</h1>
      <p>{w.protection.text}</p>
      <Shown of={asked}>
        {(found) => (
          <>
            <Stop found={found} />
            <Limits found={found} />
            <SetLimit />
            <Check found={found} />
            <TimeOut />
            <Exclusion />
          </>
        )}
      </Shown>
      <p className="fine-print">{w.protection.help}</p>
    </>
  );
}

function Stop({ found: { stop } }: { found: ProtectionPartsFragment }) {
  const { w, tongue } = useWords();
  const ending = useChange(async (_: true, code) => (await ask(of.EndExclusion, { code })).endExclusion);
  if (!stop) return null;
  const over = stop.kind === 'EXCLUSION' && stop.until !== null && !stop.ends && new Date(stop.until) <= new Date();
  return (
    <Notice kind="warn">
      <h2>{w.protection.stop[stop.kind]}</h2>
      <p>{stop.ends ? w.protection.ends(moment(stop.ends, tongue)) : stop.until ? w.protection.until(moment(stop.until, tongue)) : w.protection.forGood}</p>
      <p>{w.protection.stillWithdraw}</p>
      {ending.refused}
      {over && <button type="button" className="button small" onClick={() => { ending.mutate(true); }}>{w.protection.end}</button>}
    </Notice>
  );
}

/** What stops a player stands at the top of the page, and they chose it at its end. */
const showStop = (): void => { window.scrollTo(0, 0); };

function Limits({ found: { limits, asked } }: { found: ProtectionPartsFragment }) {
  const { w, tongue } = useWords();
  const confirming = useChange(async (name: LimitName, code) => (await ask(of.ConfirmLimit, { name, code })).confirmLimit);
  return (
    <section>
      <h2>{w.protection.limits}</h2>
      {!limits.length && <p className="faint">{w.protection.noLimits}</p>}
      <ul className="menu">
        {limits.map(({ name, amount, left, ends }) => (
          <li key={name} className="line">
            <span><b>{w.protection.limit[name]}</b>{ends && <small>{w.protection.window(moment(ends, tongue))}</small>}</span>
            <span className="end"><b>{kes(amount, true)}</b>{left && <small>{w.protection.left(kes(left, true))}</small>}</span>
          </li>
        ))}
        {asked.map(({ name, amount, from }) => (
          <li key={`asked-${name}`} className="line">
            <span><b>{w.protection.looser(w.protection.limit[name], amount ? kes(amount, true) : w.protection.none)}</b><small>{w.protection.from(moment(from, tongue))}</small></span>
            {new Date(from) <= new Date() && <button type="button" className="button small" onClick={() => { confirming.mutate(name); }}>{w.protection.confirm}</button>}
          </li>
        ))}
      </ul>
      {confirming.refused}
    </section>
  );
}

function SetLimit() {
  const { w } = useWords();
  const { register, handleSubmit, reset, formState: { errors } } = useForm<{ name: LimitName; amount: string }>({ defaultValues: { name: 'DEPOSIT_DAY', amount: '' } });
  const setting = useChange(async ({ name, amount }: { name: LimitName; amount: string }) =>
    (await ask(of.SetLimits, { input: [{ name, amount: amount.trim() ? { amount: amountOf(cents(amount) ?? 0n) } : null }] })).setLimits);
  return (
    <form noValidate className="card still" onSubmit={(event) => { void handleSubmit((given) => { setting.mutate(given, { onSuccess: () => { reset(); } }); })(event); }}>
      <h3>{w.protection.set}</h3>
      <Field label={w.protection.which}><select {...register('name')}>{NAMES.map((name) => <option key={name} value={name}>{w.protection.limit[name]}</option>)}</select></Field>
      <Field label={w.protection.amount} hint={w.protection.amountHint} mistake={errors.amount && w.amountWrong}>
        <input inputMode="decimal" autoComplete="off" {...register('amount', { validate: (text) => !text.trim() || (cents(text) ?? 0n) > 0n })} />
      </Field>
      {setting.refused}
      {setting.data && <Notice kind="good"><p>{w.saved}</p></Notice>}
      <button className="button" disabled={setting.isPending}>{w.save}</button>
    </form>
  );
}

function Check({ found: { realityCheck } }: { found: ProtectionPartsFragment }) {
  const { w } = useWords();
  const choosing = useChange(async (minutes: number, code) => (await ask(of.SetRealityCheck, { minutes, code })).setRealityCheck);
  return (
    <section className="card still">
      <h3>{w.reality.title}</h3>
      <p>{w.reality.now(w.minutes(realityCheck.minutes), kes(realityCheck.staked), kes(realityCheck.net))}</p>
      <Field label={w.reality.every}>
        <select value={realityCheck.everyMinutes} onChange={({ target }) => { choosing.mutate(Number(target.value)); }}>
          {[10, 20, 30, 45, 60].map((minutes) => <option key={minutes} value={minutes}>{w.minutes(minutes)}</option>)}
        </select>
      </Field>
      {choosing.refused}
    </section>
  );
}

const BREAKS = [24, 48, 168, 336, 1008];

function TimeOut() {
  const { w } = useWords();
  const { register, handleSubmit } = useForm<{ hours: string }>({ defaultValues: { hours: '24' } });
  const taking = useChange(async (hours: number) => (await ask(of.TakeTimeOut, { hours })).takeTimeOut);
  return (
    <form className="card still" onSubmit={(event) => { void handleSubmit(({ hours }) => { if (window.confirm(w.protection.timeOutSure(w.hours(Number(hours))))) taking.mutate(Number(hours), { onSuccess: showStop }); })(event); }}>
      <h3>{w.protection.timeOut}</h3>
      <p>{w.protection.timeOutText}</p>
      <Field label={w.protection.howLong}><select {...register('hours')}>{BREAKS.map((hours) => <option key={hours} value={hours}>{w.hours(hours)}</option>)}</select></Field>
      {taking.refused}
      <button className="button danger" disabled={taking.isPending}>{w.protection.takeTimeOut}</button>
    </form>
  );
}

const MONTHS = [6, 12, 24, 60, 0];

function Exclusion() {
  const { w } = useWords();
  const { register, handleSubmit } = useForm<{ months: string }>({ defaultValues: { months: '6' } });
  const excluding = useChange(async (months: number) => (await ask(of.ExcludeMyself, { months: months || null, forGood: months === 0 })).excludeMyself);
  return (
    <form className="card still" onSubmit={(event) => { void handleSubmit(({ months }) => { if (window.confirm(w.protection.excludeSure(w.months(Number(months))))) excluding.mutate(Number(months), { onSuccess: showStop }); })(event); }}>
      <h3>{w.protection.exclusion}</h3>
      <p>{w.protection.exclusionText}</p>
      <Field label={w.protection.howLong}><select {...register('months')}>{MONTHS.map((months) => <option key={months} value={months}>{w.months(months)}</option>)}</select></Field>
      {excluding.refused}
      <button className="button danger" disabled={excluding.isPending}>{w.protection.exclude}</button>
    </form>
  );
}
