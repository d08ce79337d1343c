import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { ask } from '../api/ask';
import { SharedSlip } from '../api/generated';
import type { OddsPolicy, SharedPartsFragment } from '../api/generated';
import { refusalOf } from '../api/refusal';
import { cents, kes } from '../money';
import { payout, together } from '../odds';
import { useWords } from '../language';
import { Field } from '../parts/field';
import { Guest, Placing } from '../parts/placing';
import { SlipLegs } from '../parts/slip_legs';
import { Empty, Loading, Notice, Refused } from '../parts/states';
import { useSession } from '../session';
import { kindOfSlip, systemOf, useSlip } from '../slip';
import type { Mode } from '../slip';

export default function Slip() {
  const { code } = useParams<{ code?: string }>();
  return code ? <Shared code={code} /> : <Own />;
}

/** Load what somebody shared, then go on as with one's own; one that is there already is not taken away without being asked for. */
function Shared({ code }: { code: string }) {
  const { w } = useWords();
  const [, go] = useLocation();
  const { load, picks } = useSlip();
  const own = picks.length;
  const asked = useQuery({ queryKey: ['lobby', 'shared', code], queryFn: async ({ signal }) => (await ask(SharedSlip, { code }, signal)).sharedSlip });
  const take = (shared: SharedPartsFragment): void => {
    load(shared);
    go('/slip', { replace: true });
  };
  const loading = useEffectEvent(take);
  useEffect(() => { if (asked.data && !own) loading(asked.data); }, [asked.data, own]);
  if (!asked.error && (!asked.data || !own)) return <Loading />;
  return (
    <>
      <h1>{w.slip.title}</h1>
      {asked.data
        ? <>
          <p>{w.slip.already(own)}</p>
          <button type="button" className="button wide" onClick={() => { take(asked.data); }}>{w.slip.loadShared}</button>
          <Link href="/slip" replace className="button wide quiet">{w.slip.keepMine}</Link>
        </>
        : <>
          <Refused error={asked.error} again={refusalOf(asked.error).passing ? () => { void asked.refetch(); } : undefined} />
          <Link href="/search" className="button wide quiet">{w.search.another}</Link>
        </>}
    </>
  );
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
  const slip = useSlip();
  const { picks, setMode } = slip;
  const mode = kindOfSlip(slip);
  if (picks.length < 2) return null;
  const kinds: Mode[] = picks.length > 2 ? ['SINGLES', 'MULTI', 'SYSTEM'] : ['SINGLES', 'MULTI'];
  return (
    <>
      <div className="segments" role="group" aria-label={w.slip.kind}>
        {kinds.map((kind) => (
          <button key={kind} type="button" aria-pressed={kind === mode} onClick={() => { setMode(kind); }}>{w.slip.kinds[kind]}</button>
        ))}
      </div>
      {mode === 'SYSTEM' && <System />}
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
  const wrong = stake !== '' && (cents(stake) ?? 0n) <= 0n;
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

/** What a guest's slip costs, and would pay by the odds alone; what a system pays is in a quote, which needs to know whose it is. */
function Estimate() {
  const { w } = useWords();
  const slip = useSlip();
  const mode = kindOfSlip(slip);
  const odds = slip.picks.map((pick) => pick.odds);
  const staked = cents(slip.stake) ?? 0n;
  const total = mode === 'SINGLES' ? staked * BigInt(odds.length) : staked;
  const win = mode === 'SINGLES' ? odds.reduce((sum, one) => sum + payout(staked, [one]), 0n) : payout(staked, odds);
  return (
    <dl className="sums">
      {mode === 'MULTI' && <div><dt>{w.slip.totalOdds}</dt><dd>{together(odds)}</dd></div>}
      <div><dt>{w.slip.totalStake}</dt><dd>{kes(total)}</dd></div>
      {mode !== 'SYSTEM' && <div className="main"><dt>{w.slip.estimate}</dt><dd>{win > 0n ? kes(win) : '–'}</dd></div>}
    </dl>
  );
}
