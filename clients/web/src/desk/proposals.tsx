import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Empty, More } from '../parts/states';
import * as api from './api/generated';
import type { LegResult, MatchRecordInput, ProposalsQuery } from './api/generated';
import { ask } from './ask';
import { Act, why } from './form';
import { Folded, Shown, at, spaced, words } from './parts';
import { game, markets, proposals } from './queries';
import { SeenRecord } from './record';
import { Who } from './staff';
import { Between } from './waits';

type Proposal = ProposalsQuery['tradingProposals']['items'][number];
/** What a proposal decides: of these what its action has. */
interface Decision {
  record?: MatchRecordInput;
  window?: { from: string | null; to: string | null };
  results?: Readonly<Record<string, LegResult>>;
  dead_heats?: Readonly<Record<string, string>>;
  reopen?: 'OPEN' | 'SUSPENDED' | null;
  marketId?: string;
  odds?: string;
}

const WHY = why(5, 500);
const fixtureOf = (subjectId: string): string => subjectId.split('/')[0] ?? subjectId;
const subject = ({ subjectId }: Proposal) => (subjectId.includes('/') ? { marketId: subjectId } : { fixtureId: subjectId });

/** The very same call, under one's own name. */
const SAME: Readonly<Record<string, (of: Proposal, decided: Decision, given: { id: string; reason: string }) => Promise<string>>> = {
  settleFixture: async (of, { record = { ended: [], goals: [] } }, { id }) => (await ask(api.SettleFixture, { id, fixtureId: of.subjectId, record })).settleFixture.message,
  settleMarket: async (of, { results = {}, dead_heats: shared = {} }, { id }) => {
    const rows = Object.entries(results).map(([outcomeId, result]) => ({ outcomeId, result, deadHeat: shared[outcomeId] ?? null }));
    return (await ask(api.SettleMarket, { id, marketId: of.subjectId, results: rows })).settleMarket.message;
  },
  rollbackMarket: async (of, { reopen = null }, given) => (await ask(api.RollbackMarket, { ...given, marketId: of.subjectId, reopen })).rollbackMarket.message,
  cancelBets: async (of, { window }, given) => (await ask(api.CancelBets, { ...given, ...subject(of), ...window })).cancelBets.message,
  rollbackCancel: async (of, { window }, given) => (await ask(api.RollbackCancel, { ...given, ...subject(of), ...window })).rollbackCancel.message,
  voidBet: async (of, _, given) => (await ask(api.VoidBet, { ...given, userId: of.userId ?? '', betId: of.subjectId })).voidBet.message,
  repriceBet: async (of, { marketId = '', odds = '' }, given) =>
    (await ask(api.RepriceBet, { ...given, userId: of.userId ?? '', betId: of.subjectId, marketId, odds })).repriceBet.message,
};

async function refuse({ subjectId, action }: Proposal, given: { id: string; reason: string }): Promise<string> {
  if (['voidBet', 'repriceBet'].includes(action)) await ask(api.RefuseBetDecision, { ...given, betId: subjectId });
  else if (subjectId.includes('/')) await ask(api.RefuseMarketDecision, { ...given, marketId: subjectId });
  else await ask(api.RefuseFixtureDecision, { ...given, fixtureId: subjectId });
  return 'The proposal has ended; nothing was changed.';
}

/** What traders proposed and another one has to say too. */
export default function Proposals({ me }: { me: string }) {
  const asked = useInfiniteQuery(proposals);
  return (
    <>
      <h1>Proposals</h1>
      <p className="faint">What waits for a second trader, newest first. It stands for a day.</p>
      <Shown of={asked}>
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          if (!all.length) return <Empty title="Nothing waits for a second trader" />;
          return <><ul className="cards">{all.map((each) => <One key={each.subjectId} of={each} mine={each.proposedBy === me} />)}</ul><More of={asked} /></>;
        }}
      </Shown>
    </>
  );
}

function One({ of, mine }: { of: Proposal; mine: boolean }) {
  const decided = JSON.parse(of.decision) as Decision;
  const ofBet = of.userId !== null;
  const address = `/desk/games/${encodeURIComponent(fixtureOf(ofBet ? decided.marketId ?? '' : of.subjectId))}`;
  const same = SAME[of.action];
  return (
    <li className="card still" data-proposal={of.subjectId}>
      <h2>{spaced(of.action)}</h2>
      <p className="desk-facts">
        <code>{of.subjectId}</code> {of.userId && <span>of player <code>{of.userId}</code></span>} <span>{at(of.proposedAt)}, by <Who id={of.proposedBy} /></span>
        {(!ofBet || decided.marketId) && <Link href={address}>To the game</Link>}
      </p>
      {of.reason && <p>“{of.reason}”</p>}
      <What of={of} decided={decided} />
      {mine ? <p className="faint">You proposed it: another trader sends the same.</p>
        : same && <Act<Record<string, string>> label="Send the same" danger asks={of.action.startsWith('settle') ? {} : { reason: WHY }} send={({ reason = '' }, id) => same(of, decided, { id, reason })} />}
      <Folded title="End it"><Act label="End the proposal" asks={{ reason: WHY }} send={(given, id) => refuse(of, { id, ...given })} /></Folded>
    </li>
  );
}

/** What would become so, in words. */
function What({ of, decided }: { of: Proposal; decided: Decision }) {
  if (decided.record) return <OfGame fixtureId={of.subjectId} record={decided.record} />;
  if (of.action === 'settleMarket') return <Results marketId={of.subjectId} decided={decided} />;
  if (decided.window) return <p><Between {...decided.window} />{decided.window.to ? '' : '; the markets close'}.</p>;
  if (of.action === 'rollbackMarket') return <p>Its result is taken back; the market {decided.reopen ? `is then ${words(decided.reopen)}` : 'stays closed'}.</p>;
  if (decided.odds) return <p>The leg on <code>{decided.marketId}</code> counts at {decided.odds}.</p>;
  return null;
}

function OfGame({ fixtureId, record }: { fixtureId: string; record: MatchRecordInput }) {
  return <Shown of={useQuery(game(fixtureId))}>{(of) => <SeenRecord of={of} record={record} />}</Shown>;
}

function Results({ marketId, decided: { results = {}, dead_heats: shared = {} } }: { marketId: string; decided: Decision }) {
  return (
    <Shown of={useQuery(markets(fixtureOf(marketId)))}>
      {(all) => {
        const market = all.find(({ id }) => id === marketId);
        const named = (outcomeId: string): string => market?.selections.find((each) => each.outcomeId === outcomeId)?.name.en ?? outcomeId;
        return (
          <>
            <h3>{market?.name.en}</h3>
            <dl className="sums">{Object.entries(results).map(([outcomeId, result]) => <div key={outcomeId}><dt>{named(outcomeId)}</dt><dd>{words(result)} {shared[outcomeId]}</dd></div>)}</dl>
          </>
        );
      }}
    </Shown>
  );
}
