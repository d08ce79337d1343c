import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { kes } from '../money';
import { Empty, Notice } from '../parts/states';
import { RefuseMarketDecision, RollbackMarket, SetMarketGuards, SetMarketStatus, SetOdds, SettleMarket } from './api/generated';
import type { DeskFixtureFragment, DeskMarketFragment, LegResult, MarketStatus } from './api/generated';
import { ask } from './ask';
import { AT_ONCE, useCommand } from './command';
import { Act, line, oneOf, perhaps, why } from './form';
import type { Ask } from './form';
import { Folded, Refused, Shown, Tag, words } from './parts';
import { exposure, markets, newest } from './queries';
import { Waits } from './waits';

/** All markets of a game, each with its prices and what may be done with it. */
export function Markets({ of }: { of: DeskFixtureFragment }) {
  const asked = useQuery(markets(of.id));
  return (
    <section>
      <h2>Markets</h2>
      <Shown of={asked}>
        {(found) => (
          <>
            {found.length ? <All of={found} /> : <Empty title="It has no markets yet" />}
            <div className="desk-markets">{found.map((market) => <OneMarket key={market.id} of={market} />)}</div>
          </>
        )}
      </Shown>
    </section>
  );
}

/** Have what the desk shows follow what a command answered, at once. */
function useTake(): (market: DeskMarketFragment) => void {
  const client = useQueryClient();
  return (market) => {
    client.setQueryData(markets(market.fixtureId).queryKey, (had) => had && newest([market], had));
  };
}

/** Suspend what is open, or open what is suspended: each market by itself, all at the same time. */
function All({ of }: { of: DeskMarketFragment[] }) {
  const client = useQueryClient();
  const turning = useMutation({
    ...AT_ONCE,
    mutationFn: async (status: MarketStatus) => {
      const others = of.filter((market) => market.status !== 'CLOSED' && market.status !== status);
      const sent = await Promise.allSettled(others.map(({ id }) => ask(SetMarketStatus, { id: crypto.randomUUID(), marketId: id, status })));
      const refused = sent.find((one) => one.status === 'rejected');
      if (refused) throw refused.reason;
      return { status, count: others.length };
    },
    onSettled: () => { void client.invalidateQueries({ queryKey: ['desk'] }); },
  });
  const count = (status: MarketStatus): number => of.filter((market) => market.status === status).length;
  return (
    <>
      <div className="desk-buttons">
        {count('OPEN') > 0 && <button type="button" className="button small danger" disabled={turning.isPending} onClick={() => { turning.mutate('SUSPENDED'); }}>Suspend all that are open: {count('OPEN')}</button>}
        {count('SUSPENDED') > 0 && <button type="button" className="button small quiet" disabled={turning.isPending} onClick={() => { turning.mutate('OPEN'); }}>Open all that are suspended: {count('SUSPENDED')}</button>}
      </div>
      {turning.error && <Refused error={turning.error} />}
      {turning.isSuccess && <Notice kind="good"><p>{words(turning.data.status)} now: {turning.data.count}.</p></Notice>}
    </>
  );
}

function OneMarket({ of }: { of: DeskMarketFragment }) {
  const take = useTake();
  const turn = useCommand(async (status: MarketStatus, id) => (await ask(SetMarketStatus, { id, marketId: of.id, status })).setMarketStatus, take);
  const closed = of.status === 'CLOSED';
  return (
    <section className="card desk-market" data-market={of.id} aria-label={of.name.en}>
      <header className="card-head">
        <h3>{of.name.en} <small><code>{of.id}</code></small></h3>
        <span><Tag of={of.status} /> <small className="faint">version {of.version}</small></span>
      </header>
      {closed ? <Prices of={of} /> : <Odds of={of} />}
      {!closed && (
        <button type="button" className={`button small ${of.status === 'OPEN' ? 'danger' : 'quiet'}`} disabled={turn.isPending}
          onClick={() => { turn.mutate(of.status === 'OPEN' ? 'SUSPENDED' : 'OPEN'); }}>{of.status === 'OPEN' ? 'Suspend' : 'Open'}</button>
      )}
      {turn.error && <Refused error={turn.error} />}
      <Folded title="Exposure"><Exposure of={of} /></Folded>
      <Folded title="Result by hand"><ByHand of={of} /></Folded>
      <Waits fixtureId={of.fixtureId} marketId={of.id} />
    </section>
  );
}

function Prices({ of }: { of: DeskMarketFragment }) {
  return <dl className="sums">{of.selections.map(({ id, key, name, odds }) => <div key={id}><dt>{key} · {name.en}</dt><dd>{odds}</dd></div>)}</dl>;
}

/** New odds, and the version of the market that they were typed for. */
interface Draft { version: number; odds: Readonly<Record<string, string>> }

const priced = (of: DeskMarketFragment): Record<string, string> => Object.fromEntries(of.selections.map(({ outcomeId, odds }) => [outcomeId, odds]));

function Odds({ of }: { of: DeskMarketFragment }) {
  const take = useTake();
  const [draft, setDraft] = useState<Draft | null>(null);
  const save = useCommand(async ({ version, odds }: Draft, id) => {
    const rows = Object.entries(odds).map(([outcomeId, price]) => ({ outcomeId, odds: price.trim() }));
    return (await ask(SetOdds, { id, marketId: of.id, version, odds: rows })).setOdds;
  }, (market) => { take(market); setDraft(null); });
  const odds = draft?.odds ?? priced(of);
  const stale = draft !== null && draft.version < of.version;
  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); if (draft) save.mutate(draft); }}>
      <div className="desk-odds">
        {of.selections.map(({ outcomeId, key, name }) => (
          <label key={outcomeId}><span>{key} · {name.en}</span>
            <input inputMode="decimal" autoComplete="off" value={odds[outcomeId] ?? ''}
              onChange={({ target }) => { setDraft({ version: draft?.version ?? of.version, odds: { ...odds, [outcomeId]: target.value } }); }} />
          </label>
        ))}
      </div>
      {stale && (
        <Notice kind="warn">
          <p>Somebody changed this market meanwhile: it is version {of.version} now, at {of.selections.map((each) => `${each.key} ${each.odds}`).join(' · ')}. Yours were made for version {draft.version}.</p>
          <button type="button" className="button small quiet" onClick={() => { save.reset(); setDraft({ version: of.version, odds: draft.odds }); }}>Mine hold for version {of.version} too</button>
        </Notice>
      )}
      {save.error && <Refused error={save.error} />}
      {draft && (
        <div className="desk-buttons">
          <button className="button small" disabled={save.isPending || stale}>{save.isPending ? 'Sending…' : 'Set these odds'}</button>
          <button type="button" className="button small quiet" onClick={() => { save.reset(); setDraft(null); }}>Leave them as they are</button>
        </div>
      )}
    </form>
  );
}

function Exposure({ of }: { of: DeskMarketFragment }) {
  return (
    <Shown of={useQuery(exposure(of.id))}>
      {({ status, selections, guards }) => (
        <>
          <table>
            <thead><tr><th scope="col">Outcome</th><th scope="col">Could cost</th><th scope="col">At most</th></tr></thead>
            <tbody>{selections.map((each) => <tr key={each.outcomeId}><th scope="row">{each.key}</th><td>{kes(each.exposure, true)}</td><td>{kes(each.limit, true)}</td></tr>)}</tbody>
          </table>
          <p className="faint">What all open bets with this outcome would pay if it and all their other legs win.</p>
          {status !== 'CLOSED' && <Guards of={of} count={guards} />}
        </>
      )}
    </Shown>
  );
}

/** Over more guards more bets a second fit. */
function Guards({ of, count }: { of: DeskMarketFragment; count: number }) {
  const guards = line('Guards, 1 to 16', { type: 'numeric', first: String(count), hint: 'They never become fewer.', mistake: 'A number from 1 to 16.', rules: { required: true, pattern: /^([1-9]|1[0-6])$/ } });
  return (
    <Act label="Split the limit over so many" asks={{ guards }} send={async (given, id) => {
      const { guards: now } = (await ask(SetMarketGuards, { id, marketId: of.id, guards: Number.parseInt(given.guards, 10) })).setMarketGuards;
      return `The limit is split over ${String(now)}.`;
    }} />
  );
}

const RESULTS: readonly LegResult[] = ['WON', 'LOST', 'VOID', 'HALF_WON', 'HALF_LOST'];
const OPEN = '';
const SHARED = 'shared';

/** The result of each outcome, and how a place is shared. Of its id with a mark before it: ids that are numbers would come before all others. */
function asksOf({ selections }: DeskMarketFragment): Record<string, Ask> {
  const shared = perhaps('Dead heat: places / who share them', { hint: 'Like 1/2, for each that won. Empty: nobody shares a place.', mistake: 'Two whole numbers, like 1/2.', rules: { pattern: /^\s*\d{1,2}\/\d{1,2}\s*$/ } });
  return Object.fromEntries([...selections.map(({ outcomeId, key, name }) =>
    [`=${outcomeId}`, oneOf<string>(`${key} · ${name.en}`, [[OPEN, 'stays open'], ...RESULTS], OPEN, { short: true })] as const), [SHARED, shared] as const]);
}

function ByHand({ of }: { of: DeskMarketFragment }) {
  return (
    <>
      <p className="faint">What the match record decides needs nothing here. Before the game can be over it takes two traders, each sending the same.</p>
      <Act label="Settle with these results" danger asks={asksOf(of)} send={async ({ [SHARED]: shared = '', ...given }, id) => {
        const results = Object.entries(given).filter(([, result]) => result !== OPEN).map(([mark, result]) =>
          ({ outcomeId: mark.slice(1), result: result as LegResult, deadHeat: (result === 'WON' && shared.trim()) || null }));
        return (await ask(SettleMarket, { id, marketId: of.id, results })).settleMarket.message;
      }} />
      <Act label="Take its result back" asks={{ reason: why(5, 500, 'Take its result back: why'), reopen: oneOf<string>('And then the market', [['', 'stays closed'], ['OPEN', 'takes bets again'], ['SUSPENDED', 'is suspended']], '') }}
        send={async ({ reopen, reason }, id) => (await ask(RollbackMarket, { id, marketId: of.id, reopen: (reopen || null) as MarketStatus | null, reason })).rollbackMarket.message} />
      <Act label="End what was proposed" asks={{ reason: why(5, 500, 'End what was proposed: why') }} send={async (given, id) => {
        await ask(RefuseMarketDecision, { id, marketId: of.id, ...given });
        return 'The proposal has ended; nothing was changed.';
      }} />
    </>
  );
}
