import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { ask } from '../api/ask';
import { SharedSlip } from '../api/generated';
import type { OddsPolicy } from '../api/generated';
import { cents, kes } from '../money';
import { payout, together } from '../odds';
import { useWords } from '../language';
import { Field } from '../parts/field';
import { Guest, Placing } from '../parts/placing';
import { SlipLegs } from '../parts/slip_legs';
import { Empty, Loading, Notice, Refused } from '../parts/states';
import { useSession } from '../session';
import { systemOf, useSlip } from '../slip';
import type { Mode } from '../slip';

export default function Slip() {
  const { code } = useParams<{ code?: string }>();
  return code ? <Shared code={code} /> : <Own />;
}

/** Load what somebody shared, then go on as with one's own. */
function Shared({ code }: { code: string }) {
  const [, go] = useLocation();
  const load = useSlip((slip) => slip.load);
  const asked = useQuery({ queryKey: ['lobby', 'shared', code], queryFn: async ({ signal }) => (await ask(SharedSlip, { code }, signal)).sharedSlip });
  useEffect(() => {
    if (!asked.data) return;
    load(asked.data);
    go('/slip', { replace: true });
  }, [asked.data, load, go]);
  return asked.error ? <Refused error={asked.error} /> : <Loading />;
}

function Own() {
  const { w } = useWords();
  const { picks, leftOut, next } = useSlip();
  const userId = useSession((session) => session.userId);
  if (!picks.length) {
    return (
      <>
        <h1>{w.slip.title}</h1>
        <Empty title={leftOut ? w.slip.gone : w.slip.empty}><p>{w.slip.emptyHint}</p><Link href="/" className="button">{w.tabs.games}</Link></Empty>
      </>
    );
  }
  return (
    <>
      <div className="title-row">
        <h1>{w.slip.title}</h1>
        <button type="button" className="link" onClick={() => { next(); }}>{w.slip.clear}</button>
      </div>
      {leftOut > 0 && <Notice kind="warn"><p>{w.slip.leftOut(leftOut)}</p></Notice>}
      <Kinds />
      <SlipLegs />
      <Stake />
      {userId ? <Placing /> : <Guest><Estimate /></Guest>}
      <Policy />
    </>
  );
}

function Kinds() {
  const { w } = useWords();
  const { picks, mode, setMode } = useSlip();
  if (picks.length < 2) return null;
  const kinds: Mode[] = picks.length > 2 ? ['SINGLES', 'MULTI', 'SYSTEM'] : ['SINGLES', 'MULTI'];
  return (
    <>
      <div className="segments" role="group" aria-label={w.slip.kind}>
        {kinds.map((kind) => (
          <button key={kind} type="button" aria-pressed={kind === mode} onClick={() => { setMode(kind); }}>{w.slip.kinds[kind]}</button>
        ))}
      </div>
      {mode === 'SYSTEM' && picks.length > 2 && <System />}
    </>
  );
}

/** How many legs the lines of a system have; several sizes may be chosen, one at least. */
function System() {
  const { w } = useWords();
  const slip = useSlip();
  const { others, ks } = systemOf(slip);
  const toggle = (k: number): void => {
    const chosen = ks.includes(k) ? ks.filter((one) => one !== k) : [...ks, k].sort((one, other) => one - other);
    if (chosen.length) slip.setKs(chosen);
  };
  return (
    <>
      <div className="chips" role="group" aria-label={w.slip.system}>
        {Array.from({ length: others }, (_, less) => less + 1).map((k) => (
          <button key={k} type="button" className="chip" aria-pressed={ks.includes(k)} onClick={() => { toggle(k); }}>{w.slip.ofAll(k, others)}</button>
        ))}
      </div>
      <p className="faint system-hint">{w.slip.systemHint}</p>
    </>
  );
}

const QUICK = ['50', '100', '250', '500', '1000'];

function Stake() {
  const { w } = useWords();
  const { stake, setStake, mode, picks } = useSlip();
  const wrong = stake !== '' && cents(stake) === null;
  return (
    <div className="stake">
      <label className="field">
        <span>{mode === 'SINGLES' && picks.length > 1 ? w.slip.stakeEach : w.slip.stake}</span>
        <span className="with-unit">
          <span aria-hidden="true">KES</span>
          <input inputMode="decimal" autoComplete="off" value={stake} aria-invalid={wrong} onChange={({ target }) => { setStake(target.value); }} />
        </span>
        {wrong && <span className="mistake" role="alert">{w.amountWrong}</span>}
      </label>
      <div className="chips" role="group" aria-label={w.slip.quick}>
        {QUICK.map((one) => (
          <button key={one} type="button" className="chip" aria-pressed={stake === one} onClick={() => { setStake(one); }}>{one}</button>
        ))}
      </div>
    </div>
  );
}

const POLICIES: OddsPolicy[] = ['NONE', 'HIGHER', 'ANY'];

/** What becomes of the bet where odds move while it is placed. */
function Policy() {
  const { w } = useWords();
  const { policy, setPolicy } = useSlip();
  return (
    <Field label={w.slip.policy}>
      <select value={policy} onChange={({ target }) => { setPolicy(target.value as OddsPolicy); }}>
        {POLICIES.map((one) => <option key={one} value={one}>{w.slip.policies[one]}</option>)}
      </select>
    </Field>
  );
}

/** What a guest's slip would pay by the odds alone; a quote needs to know whose it is. */
function Estimate() {
  const { w } = useWords();
  const { picks, mode, stake } = useSlip();
  const staked = cents(stake);
  if (mode !== 'MULTI' && picks.length > 1) return null;
  const odds = picks.map((pick) => pick.odds);
  return (
    <dl className="sums">
      <div><dt>{w.slip.totalOdds}</dt><dd>{together(odds)}</dd></div>
      <div className="main"><dt>{w.slip.estimate}</dt><dd>{staked === null ? '–' : kes(payout(staked, odds))}</dd></div>
    </dl>
  );
}
