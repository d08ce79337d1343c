// Everything that is read, with the name under which it is kept.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask } from './ask';
import * as of from './generated';
import { newest, newestEach, newestList } from './newer';

const MINUTE = 60_000;
const first: string | null = null;
const after = ({ cursor }: { cursor: string | null }): string | null => cursor;

export const fixtures = (filter: of.FixtureFilter) => infiniteQueryOptions({
  queryKey: ['lobby', 'fixtures', filter],
  queryFn: async ({ pageParam, signal }) => (await ask(of.Fixtures, { filter, cursor: pageParam }, signal)).fixtures,
  initialPageParam: first, getNextPageParam: after, refetchInterval: MINUTE / 2,
});
export const popular = queryOptions({
  queryKey: ['lobby', 'popular'],
  queryFn: async ({ signal }) => (await ask(of.Popular, {}, signal)).popularFixtures,
  refetchInterval: MINUTE / 2,
});
/** Whether all is as always: what it says, beside the rest, stands on every page. */
export const start = queryOptions({
  queryKey: ['lobby', 'start'],
  queryFn: async ({ signal }) => (await ask(of.Start, {}, signal)).start,
  staleTime: MINUTE, refetchInterval: MINUTE,
});
export const competitions = queryOptions({
  queryKey: ['lobby', 'competitions'],
  queryFn: async ({ signal }) => (await ask(of.Competitions, {}, signal)).competitions.items,
  staleTime: 10 * MINUTE,
});
export const search = (text: string) => infiniteQueryOptions({
  queryKey: ['lobby', 'search', text],
  queryFn: async ({ pageParam, signal }) => (await ask(of.Search, { text, cursor: pageParam }, signal)).searchFixtures,
  initialPageParam: first, getNextPageParam: after, enabled: text.length >= 2,
});
export const fixture = (id: string) => queryOptions({
  queryKey: ['lobby', 'fixture', id],
  queryFn: async ({ signal }) => (await ask(of.Fixture, { id }, signal)).fixture,
  refetchInterval: MINUTE / 2,
});
/** All markets of a fixture; more than fifty come page by page, at most ten. */
export const markets = (fixtureId: string) => queryOptions({
  queryKey: ['lobby', 'markets', fixtureId],
  queryFn: async ({ signal }) => {
    const found: of.MarketPartsFragment[] = [];
    for (let cursor: string | null = null, page = 0; page < 10; page += 1) {
      const { markets: got }: of.MarketsQuery = await ask(of.Markets, { fixtureId, cursor }, signal);
      found.push(...got.items);
      cursor = got.cursor;
      if (!cursor) break;
    }
    return found;
  },
  structuralSharing: newestEach, refetchInterval: MINUTE / 6,
});

export const quote = (input: of.PlaceBetInput) => queryOptions({
  queryKey: ['me', 'quote', input],
  queryFn: async ({ signal }) => (await ask(of.Quote, { input }, signal)).quoteSlip,
  refetchInterval: MINUTE / 6, gcTime: MINUTE,
});
const OPEN: of.BetStatus[] = ['PENDING', 'ACCEPTED'];
const DECIDED: of.BetStatus[] = ['SETTLED', 'REJECTED', 'CANCELLED'];
export const isOpen = ({ status }: of.BetPartsFragment): boolean => OPEN.includes(status);
/** The bets that are open, or that are decided. */
export const bets = (open: boolean) => infiniteQueryOptions({
  queryKey: ['me', 'bets', open],
  queryFn: async ({ pageParam, signal }) => (await ask(of.Bets, { statuses: open ? OPEN : DECIDED, cursor: pageParam }, signal)).bets,
  initialPageParam: first, getNextPageParam: after, structuralSharing: newestList,
});
export const bet = (id: string) => queryOptions({
  queryKey: ['me', 'bet', id], queryFn: async ({ signal }) => (await ask(of.Bet, { id }, signal)).bet, structuralSharing: newest,
});
export const wallet = queryOptions({
  queryKey: ['me', 'wallet'], queryFn: async ({ signal }) => (await ask(of.Wallet, {}, signal)).wallet, structuralSharing: newest,
});
export const entries = infiniteQueryOptions({
  queryKey: ['me', 'entries'],
  queryFn: async ({ pageParam, signal }) => (await ask(of.Entries, { cursor: pageParam }, signal)).walletEntries,
  initialPageParam: first, getNextPageParam: after,
});
export const activity = (from: string, to: string) => queryOptions({
  queryKey: ['me', 'activity', from, to],
  queryFn: async ({ signal }) => (await ask(of.Activity, { from, to, by: 'MONTH' }, signal)).activitySummary,
});
export const payments = infiniteQueryOptions({
  queryKey: ['me', 'payments'],
  queryFn: async ({ pageParam, signal }) => (await ask(of.Payments, { cursor: pageParam }, signal)).payments,
  initialPageParam: first, getNextPageParam: after, structuralSharing: newestList,
});
export const payment = (id: string) => queryOptions({
  queryKey: ['me', 'payment', id], queryFn: async ({ signal }) => (await ask(of.Payment, { id }, signal)).payment, structuralSharing: newest,
});
export const paybill = queryOptions({
  queryKey: ['me', 'paybill'], queryFn: async ({ signal }) => (await ask(of.Paybill, {}, signal)).paybill,
});
/** What may be paid in now, and how this amount would be split; another amount begins with what was known. */
export const depositForm = (amount: of.MoneyInput | null) => queryOptions({
  queryKey: ['me', 'form', 'deposit', amount],
  queryFn: async ({ signal }) => (await ask(of.DepositForm, { amount }, signal)).depositForm,
  placeholderData: keepPreviousData,
});
export const withdrawalForm = (amount: of.MoneyInput | null) => queryOptions({
  queryKey: ['me', 'form', 'withdrawal', amount],
  queryFn: async ({ signal }) => (await ask(of.WithdrawalForm, { amount }, signal)).withdrawalForm,
  placeholderData: keepPreviousData,
});
export const notes = infiniteQueryOptions({
  queryKey: ['me', 'notes'],
  queryFn: async ({ pageParam, signal }) => (await ask(of.Notes, { cursor: pageParam }, signal)).notifications,
  initialPageParam: first, getNextPageParam: after, structuralSharing: newestList,
});
export const unread = queryOptions({
  queryKey: ['me', 'unread'],
  queryFn: async ({ signal }) => (await ask(of.Unread, {}, signal)).unreadNotifications,
});
export const preferences = queryOptions({
  queryKey: ['me', 'preferences'], queryFn: async ({ signal }) => (await ask(of.Preferences, {}, signal)).messagePreferences,
});
export const me = queryOptions({
  queryKey: ['me', 'profile'], queryFn: async ({ signal }) => (await ask(of.Me, {}, signal)).me,
});
export const terms = queryOptions({
  queryKey: ['me', 'terms'], queryFn: async ({ signal }) => (await ask(of.Terms, {}, signal)).terms,
});
export const identity = queryOptions({
  queryKey: ['me', 'identity'], queryFn: async ({ signal }) => (await ask(of.Identity, {}, signal)).identity,
});
export const devices = queryOptions({
  queryKey: ['me', 'devices'], queryFn: async ({ signal }) => (await ask(of.Devices, {}, signal)).devices,
});
export const protection = queryOptions({
  queryKey: ['me', 'protection'], queryFn: async ({ signal }) => (await ask(of.Protection, {}, signal)).protection,
});
