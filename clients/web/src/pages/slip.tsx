import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { ask } from '../api/ask';
import { SharedSlip } from '../api/generated';
import { cents, kes } from '../money';
import { payout, together } from '../odds';
import { useWords } from '../language';
import { Guest, Placing } from '../parts/placing';
import { SlipLegs } from '../parts/slip_legs';
import { Empty, Loading, Refused } from '../parts/states';
import { useSession } from '../session';
import { picksOf, useSlip } from '../slip';
import type { Mode } from '../slip';

export default function Slip() {
  const { code } = useParams<{ code?: string }>();
  return code ? <Shared code={code} /> : <Own />;
}

/** Load what somebody shared, then go on as with one's own. */
function Shared({ code }: { code: string }) {
  const [, go] = useLocation();
  const next = useSlip((slip) => slip.next);
  const asked = useQuery({ queryKey: ['lobby', 'shared', code], queryFn: async ({ signal }) => (await ask(SharedSlip, { code }, signal)).sharedSlip });
  useEffect(() => {
    if (!asked.data) return;
    next(picksOf(asked.data));
    go('/slip', { replace: true });
  }, [asked.data, next, go]);
  return asked.error ? <Refused error={asked.error} /> : <Loading />;
}

function Own() {
  const { w } = useWords();
  const { picks, next } = useSlip();
  const userId = useSession((session) => session.userId);
  if (!picks.length) {
    return (
      <>
        <h1>{w.slip.title}</h1>
        <Empty title={w.slip.empty}><p>{w.slip.emptyHint}</p><Link href="/" className="button">{w.tabs.games}</Link></Empty>
      </>
    );
  }
  return (
    <>
      <div className="title-row">
        <h1>{w.slip.title}</h1>
        <button type="button" className="link" onClick={() => { next(); }}>{w.slip.clear}</button>
      </div>
      <Kinds />
      <SlipLegs />
      <Stake />
      {userId ? <Placing /> : <Guest><Estimate /></Guest>}
    </>
  );
}

function Kinds() {
  const { w } = useWords();
  const { picks, mode, setMode, k, setK } = useSlip();
  if (picks.length < 2) return null;
  const kinds: Mode[] = picks.length > 2 ? ['SINGLES', 'MULTI', 'SYSTEM'] : ['SINGLES', 'MULTI'];
  return (
    <>
      <div className="segments" role="group" aria-label={w.slip.kind}>
        {kinds.map((kind) => (
          <button key={kind} type="button" aria-pressed={kind === mode} onClick={() => { setMode(kind); }}>{w.slip.kinds[kind]}</button>
        ))}
      </div>
      {mode === 'SYSTEM' && (
        <div className="chips" role="group" aria-label={w.slip.system}>
          {Array.from({ length: picks.length - 1 }, (_, less) => less + 1).filter((one) => one > 1).map((one) => (
            <button key={one} type="button" className="chip" aria-pressed={one === k} onClick={() => { setK(one); }}>
              {w.slip.ofAll(one, picks.length)}
            </button>
          ))}
        </div>
      )}
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
