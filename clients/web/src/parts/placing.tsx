import { useInfiniteQuery, useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { ask } from '../api/ask';
import { AcknowledgeRealityCheck, PlaceBet } from '../api/generated';
import type { PlaceBetInput, QuoteQuery } from '../api/generated';
import { bets, quote } from '../api/queries';
import { refusalOf, whilePassing } from '../api/refusal';
import { useWords } from '../language';
import { amountOf, cents, kes } from '../money';
import { nextStep } from '../refusals';
import { signInFrom } from '../session';
import { kindOfSlip, systemInput, systemOf, useSlip } from '../slip';
import type { Named, Pick } from '../slip';
import { AcceptTerms } from './accept_terms';
import { Notice, Refused } from './states';

type Quoted = QuoteQuery['quoteSlip'];

/** The bets of the slip: one, or one for each selection. */
function useInputs(): PlaceBetInput[] {
  const slip = useSlip();
  const { picks, stake, policy, requestId } = slip;
  const mode = kindOfSlip(slip);
  const staked = cents(stake);
  if (staked === null || staked <= 0n) return [];
  const common = { stake: { amount: amountOf(staked) }, oddsPolicy: policy };
  const selections = picks.map(({ marketId, selectionId, odds }) => ({ marketId, selectionId, odds }));
  if (mode === 'SINGLES') {
    return selections.map((one, n) => ({ ...common, clientRequestId: `${requestId}-${String(n)}`, selections: [one] }));
  }
  const system = mode === 'SYSTEM' ? systemInput(systemOf(slip)) : null;
  return [{ ...common, clientRequestId: requestId, selections, system }];
}

export function Guest({ children }: { children: ReactNode }) {
  const { w } = useWords();
  return (
    <>
      {children}
      <Link href={signInFrom('/slip')} className="button wide">{w.slip.signIn}</Link>
      <p className="fine-print">{w.slip.guest}</p>
    </>
  );
}

/**
 * Place one bet after the other. The same request id again never stakes twice, so all are asked for again where an answer
 * did not come; where one is refused, its id is used up: `reduce` begins another slip, without those that are placed.
 */
async function placeAll(asked: PlaceBetInput[], reduce: (done: number) => void): Promise<string[]> {
  const ids: string[] = [];
  try {
    for (const input of asked) ids.push((await ask(PlaceBet, { input })).placeBet.id);
  } catch (error) {
    if (!refusalOf(error).passing) reduce(ids.length);
    throw error;
  }
  return ids;
}

const LOOK_MS = 5000;

/** While no answer has come to `inputs`: the ids of their bets, once all of them are among those that are open. */
function useFound(inputs: PlaceBetInput[], unanswered: boolean): string[] {
  const { data } = useInfiniteQuery({ ...bets(true), enabled: unanswered, refetchInterval: LOOK_MS });
  if (!unanswered) return [];
  const ids = new Map(data?.pages.flatMap(({ items }) => items).map((one) => [one.clientRequestId, one.id]));
  const found = inputs.flatMap(({ clientRequestId }) => ids.get(String(clientRequestId)) ?? []);
  return found.length === inputs.length ? found : [];
}

/** What the slip would pay now and what speaks against it; and placing it. */
export function Placing() {
  const { w } = useWords();
  const client = useQueryClient();
  const inputs = useInputs();
  const quotes = useQueries({ queries: inputs.map((input) => quote(input)) });
  const [, go] = useLocation();
  const { picks, next, replace, requestId, askedFor, noteAsked } = useSlip();
  // A refusal is shown until the slip is changed: what it says is of the slip as it was.
  const [refused, setRefused] = useState('');
  const placed = (ids: string[]): void => {
    next();
    go(ids.length === 1 ? `/bets/${encodeURIComponent(ids[0] ?? '')}?placed` : `/bets?placed=${String(ids.length)}`);
  };
  const placing = useMutation({
    mutationFn: (asked: PlaceBetInput[]) => placeAll(asked, (done) => { replace(picks.slice(done)); }),
    retry: whilePassing(4),
    onMutate: noteAsked,
    onSuccess: (ids) => { placed(ids); },
    onError: () => { setRefused(useSlip.getState().requestId); },
    // Not waited for: what came of it is said at once.
    onSettled: () => { void client.invalidateQueries({ queryKey: ['me'] }); },
  });
  const known = quotes.flatMap(({ data }) => data ?? []);
  const failed = quotes.find(({ error }) => error)?.error;
  const said = known.some(({ reasons }) => reasons.some(({ code }) => code === refusalOf(placing.error).code));
  const unanswered = askedFor === requestId && !placing.isPending;
  const found = useFound(inputs, unanswered);
  const onFound = useEffectEvent(placed);
  const all = found.join(' ');
  useEffect(() => { if (all) onFound(all.split(' ')); }, [all]);
  const ready = known.length === inputs.length && inputs.length > 0 && known.every(({ accepted }) => accepted);
  return (
    <>
      {unanswered
        ? <Notice kind="warn"><p>{w.slip.unanswered}</p><Link href="/bets">{w.bets.title}</Link></Notice>
        : <>
          {known.map((quoted, n) => <Reasons key={inputs[n]?.clientRequestId} quoted={quoted} />)}
          {failed && <Refused error={failed} />}
          {placing.error && refused === requestId && !said && <Refused error={placing.error} />}
        </>}
      <Sums inputs={inputs} quotes={known} />
      <button type="button" className="button wide" disabled={placing.isPending || !(ready || unanswered)} onClick={() => { placing.mutate(inputs); }}>
        {placing.isPending ? w.slip.placing : unanswered ? w.again : w.slip.place(inputs.length)}
      </button>
    </>
  );
}

function sum(amounts: (string | undefined)[]): bigint {
  return amounts.reduce((total, amount) => total + (cents(amount ?? '0') ?? 0n), 0n);
}

function Sums({ inputs, quotes }: { inputs: PlaceBetInput[]; quotes: Quoted[] }) {
  const { w } = useWords();
  const [only] = quotes.length === 1 ? quotes : [];
  const all = quotes.length === inputs.length && quotes.length > 0;
  const win = sum(quotes.map(({ potentialPayout }) => potentialPayout?.amount));
  const tax = sum(quotes.map(({ taxes }) => taxes?.amount));
  return (
    <dl className="sums" aria-live="polite">
      {only?.lines === 1 && only.totalOdds && <div><dt>{w.slip.totalOdds}</dt><dd>{only.totalOdds}</dd></div>}
      {only?.lines && only.lines > 1 && only.stakePerLine
        && <div><dt>{w.slip.lines(only.lines)}</dt><dd>{kes(only.stakePerLine)}</dd></div>}
      <div><dt>{w.slip.totalStake}</dt><dd>{kes(sum(inputs.map(({ stake }) => stake.amount)))}</dd></div>
      {only?.bonus && only.bonus.percent > 0
        && <div><dt>{w.slip.bonus(only.bonus.percent)}</dt><dd>{kes(only.bonus.amount)}</dd></div>}
      {tax > 0n && <div><dt>{w.slip.taxes}</dt><dd>{kes(tax)}</dd></div>}
      <div className="main"><dt>{w.slip.payout}</dt><dd data-testid="payout">{all && win > 0n ? kes(win) : '–'}</dd></div>
    </dl>
  );
}

/** All that speaks against a bet, each with what can be done about it right here. */
function Reasons({ quoted }: { quoted: Quoted }) {
  const { w, named } = useWords();
  const { picks, setOdds } = useSlip();
  const odds = new Map(quoted.legs.flatMap(({ selectionId, odds: now }) => (now ? [[selectionId, now] as const] : [])));
  return quoted.reasons.map(({ code, message, arguments: json, leg }) => {
    const details = JSON.parse(json) as Record<string, unknown>;
    const about = leg === null ? undefined : picks.find(({ selectionId }) => selectionId === quoted.legs[leg]?.selectionId);
    const help = nextStep(code, w, '/slip');
    if (code === 'REALITY_CHECK_DUE') return <RealityCheck key={code} details={details} />;
    if (code === 'TERMS_NOT_ACCEPTED') return <AcceptTerms key={code} />;
    return (
      <Notice key={`${code}${String(leg)}`} kind={code === 'ODDS_CHANGED' ? 'warn' : 'bad'}>
        <p>{about && <b>{named(about.selection)}{code === 'ODDS_CHANGED' && ` ${about.odds} → ${odds.get(about.selectionId) ?? '–'}`}: </b>}{message}</p>
        {code === 'ODDS_CHANGED' && <button type="button" className="button small" onClick={() => { setOdds(odds); }}>{w.slip.takeOdds}</button>}
        <Instead {...{ code, details }} largest={quoted.largestStake?.amount} />
        {code === 'SAME_EVENT' && <Together found={details.combined as Combined[] | undefined} />}
        {help && <Link href={help.href} className="button small">{help.label}</Link>}
      </Notice>
    );
  });
}

interface Combined { legs: number[]; marketId: string; selectionId: string; key: string; odds: string }

/** One selection that says what several of one game say, at a price of its own; called as they are, together. */
function joined(picks: readonly Pick[], { legs, marketId, selectionId, key, odds }: Combined): Pick | undefined {
  const several = legs.map((leg) => picks[leg]).filter((pick): pick is Pick => pick !== undefined);
  const [first] = several;
  const called = (of: 'market' | 'selection'): Named =>
    ({ en: several.map((pick) => pick[of].en).join(' & '), sw: several.map((pick) => pick[of].sw).join(' & ') });
  return first && { ...first, marketId, selectionId, key, odds, market: called('market'), selection: called('selection') };
}

function Together({ found = [] }: { found: Combined[] | undefined }) {
  const { w, named } = useWords();
  const { picks, replace } = useSlip();
  return found.map((one) => {
    const pick = joined(picks, one);
    const others = picks.filter((_, leg) => !one.legs.includes(leg));
    return pick && (
      <button key={one.selectionId} type="button" className="button small" onClick={() => { replace([...others, pick]); }}>
        {w.slip.both(named(pick.selection), one.odds)}
      </button>
    );
  });
}

interface OfInstead { code: string; details: Record<string, unknown>; largest: string | undefined }

/** The stake that would be taken: the smallest where it is too small, else the largest. */
function Instead({ code, details, largest }: OfInstead) {
  const { w } = useWords();
  const setStake = useSlip((slip) => slip.setStake);
  const { minCents, stake } = details as { minCents?: number; stake?: { amount: string } };
  const least = code === 'LINE_STAKE_LIMIT' ? stake?.amount : code === 'STAKE_LIMIT' && minCents !== undefined ? amountOf(BigInt(minCents)) : undefined;
  const amount = least ?? (['STAKE_LIMIT', 'PAYOUT_LIMIT', 'LIMIT_REACHED'].includes(code) ? largest : undefined);
  if (!amount) return null;
  return <button type="button" className="button small" onClick={() => { setStake(amount.replace(/\.00$/, '')); }}>{w.slip.instead(kes({ amount }, true))}</button>;
}

/** How the session went so far, and whether to go on. */
function RealityCheck({ details }: { details: Record<string, unknown> }) {
  const { w } = useWords();
  const client = useQueryClient();
  const { picks, replace } = useSlip();
  const going = useMutation({
    mutationFn: () => ask(AcknowledgeRealityCheck, {}),
    // The refused bet's request id is used up.
    onSuccess: () => { replace(picks); return client.invalidateQueries({ queryKey: ['me'] }); },
  });
  const whole = (name: string): number => (typeof details[name] === 'number' ? details[name] : 0);
  const money = (name: string): string => kes(BigInt(whole(name)));
  return (
    <Notice kind="warn">
      <h2>{w.reality.title}</h2>
      <p>{w.reality.text(String(whole('minutes')), money('stakedCents'), money('netCents'))}</p>
      {going.error && <Refused error={going.error} />}
      <div className="row">
        <Link href="/account/protection" className="button small quiet">{w.reality.stop}</Link>
        <button type="button" className="button small" disabled={going.isPending} onClick={() => { going.mutate(); }}>{w.reality.go}</button>
      </div>
    </Notice>
  );
}
