// What the desks read, with the name under which it is kept: all below `desk`.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { newer } from '../api/newer';
import * as of from './api/generated';
import { ask } from './ask';

const LOOK_MS = 5000;
const MOST_PAGES = 10;
const first: string | null = null;
const after = ({ cursor }: { cursor: string | null }): string | null => cursor;

type Pageful<Item> = Promise<{ items: Item[]; cursor: string | null }>;

/** A list that is read page by page, and looked at again every few seconds. */
function list<Item>(name: readonly unknown[], page: (cursor: string | null, signal: AbortSignal) => Pageful<Item>) {
  return infiniteQueryOptions({
    queryKey: ['desk', ...name],
    queryFn: ({ pageParam, signal }) => page(pageParam, signal),
    initialPageParam: first, getNextPageParam: after, refetchInterval: 2 * LOOK_MS,
  });
}

export const games = (day: string, status: of.FixtureStatus) => list(['games', day, status], async (cursor, signal) =>
  (await ask(of.Games, { filter: { day, status }, cursor }, signal)).fixtures);
export const searched = (text: string) => list(['games', 'search', text], async (cursor, signal) =>
  (await ask(of.SearchGames, { text, cursor }, signal)).searchFixtures);
export const late = list(['games', 'late'], async (cursor, signal) => (await ask(of.LateGames, { cursor }, signal)).overdueFixtures);

export const sports = queryOptions({
  queryKey: ['desk', 'sports'], queryFn: async ({ signal }) => (await ask(of.Sports, {}, signal)).sports,
});
export const competitions = (sportId: string) => list(['competitions', sportId], async (cursor, signal) =>
  (await ask(of.Competitions, { sportId, cursor }, signal)).competitions);
export const teams = (sportId: string, text: string) => list(['teams', sportId, text], async (cursor, signal) =>
  (await ask(of.SearchTeams, { sportId, text, cursor }, signal)).searchTeams);
export const popular = (sportId: string) => queryOptions({
  queryKey: ['desk', 'popular', sportId], queryFn: async ({ signal }) => (await ask(of.PopularGames, { sportId }, signal)).popularFixtures.map(({ id }) => id), refetchInterval: LOOK_MS,
});
export const kinds = queryOptions({
  queryKey: ['desk', 'kinds'], queryFn: async ({ signal }) => (await ask(of.MarketKinds, {}, signal)).marketKinds,
});
export const proposals = list(['proposals'], async (cursor, signal) => (await ask(of.Proposals, { cursor }, signal)).tradingProposals);
/** Who works here: below another name than all else, so that no command asks for it again but those about staff. */
export const staffMembers = queryOptions({
  queryKey: ['staff', 'members'], queryFn: async ({ signal }) => (await ask(of.StaffMembers, {}, signal)).staffMembers, staleTime: 600_000,
});

export const betting = queryOptions({
  queryKey: ['desk', 'betting'], queryFn: async ({ signal }) => (await ask(of.Betting, {}, signal)).betting, refetchInterval: LOOK_MS,
});
// The lobby's answers may be two seconds old: of a game or a market the higher version stays.
export const game = (id: string) => queryOptions({
  queryKey: ['desk', 'game', id],
  queryFn: async ({ signal }) => (await ask(of.Game, { id }, signal)).fixture,
  structuralSharing: (had, got) => newer(had as of.DeskFixtureFragment | undefined, got as of.DeskFixtureFragment),
  refetchInterval: LOOK_MS,
});
export const markets = (fixtureId: string) => queryOptions({
  queryKey: ['desk', 'markets', fixtureId],
  queryFn: async ({ signal }) => {
    const found: of.DeskMarketFragment[] = [];
    for (let cursor: string | null = null, page = 0; page < MOST_PAGES; page += 1) {
      const { markets: got }: of.GameMarketsQuery = await ask(of.GameMarkets, { fixtureId, cursor }, signal);
      found.push(...got.items);
      cursor = got.cursor;
      if (!cursor) break;
    }
    return found;
  },
  structuralSharing: (had, got) => newest(had as of.DeskMarketFragment[] | undefined, got as of.DeskMarketFragment[]),
  refetchInterval: LOOK_MS,
});
/** A list of markets, each as new as it was seen anywhere. */
export function newest(had: of.DeskMarketFragment[] = [], got: of.DeskMarketFragment[]): of.DeskMarketFragment[] {
  return got.map((market) => newer(had.find(({ id }) => id === market.id), market));
}
/** What is held and cancelled of a game and of its markets, by the id of each of which something is. */
export const standing = (fixtureId: string) => queryOptions({
  queryKey: ['desk', 'standing', fixtureId],
  queryFn: async ({ signal }) => Object.fromEntries((await ask(of.HeldAndCancelled, { fixtureId }, signal)).heldAndCancelled.map((each) => [each.subjectId, each])),
  refetchInterval: 2 * LOOK_MS,
});
export const exposure = (marketId: string) => queryOptions({
  queryKey: ['desk', 'exposure', marketId],
  queryFn: async ({ signal }) => (await ask(of.Exposure, { marketId }, signal)).marketExposure, refetchInterval: LOOK_MS,
});

export const waitingPayments = (queue: of.PaymentQueue) => list(['payments', queue], async (cursor, signal) =>
  (await ask(of.WaitingPayments, { queue, cursor }, signal)).paymentQueue);
export const channels = queryOptions({
  queryKey: ['desk', 'channels'], queryFn: async ({ signal }) => (await ask(of.PaymentChannels, {}, signal)).paymentChannels,
});

export const waitingPlayers = (queue: of.StaffQueue) => list(['players', queue], async (cursor, signal) =>
  (await ask(of.WaitingPlayers, { queue, cursor }, signal)).staffQueue);
export const waitingNumbers = list(['players', 'numbers'], async (cursor, signal) =>
  (await ask(of.WaitingNumbers, { cursor }, signal)).phoneReviews);

// Each part of a player is asked for by itself: one service that does not answer hides nothing of the others.
export const profile = (userId: string) => queryOptions({
  queryKey: ['desk', 'player', userId], queryFn: async ({ signal }) => (await ask(of.PlayerProfile, { userId }, signal)).player,
});
export const money = (userId: string) => queryOptions({
  queryKey: ['desk', 'player', userId, 'money'], queryFn: async ({ signal }) => (await ask(of.PlayerMoney, { userId }, signal)).player.wallet, refetchInterval: LOOK_MS,
});
export const care = (userId: string) => queryOptions({
  queryKey: ['desk', 'player', userId, 'care'], queryFn: async ({ signal }) => (await ask(of.PlayerCare, { userId }, signal)).player,
});
export const protection = (userId: string) => queryOptions({
  queryKey: ['desk', 'player', userId, 'protection'], queryFn: async ({ signal }) => (await ask(of.PlayerProtection, { userId }, signal)).player.protection,
});
export const notes = (userId: string) => list(['player', userId, 'notes'], async (cursor, signal) =>
  (await ask(of.PlayerNotes, { userId, cursor }, signal)).player.notes);
export const interventions = (userId: string) => list(['player', userId, 'interventions'], async (cursor, signal) =>
  (await ask(of.PlayerInterventions, { userId, cursor }, signal)).player.interventions);
export const messages = (userId: string) => list(['player', userId, 'messages'], async (cursor, signal) =>
  (await ask(of.PlayerMessages, { userId, cursor }, signal)).player.notifications);
export const playerPayments = (userId: string) => list(['player', userId, 'payments'], async (cursor, signal) =>
  (await ask(of.PlayerPayments, { userId, cursor }, signal)).player.payments);
export const playerBets = (userId: string) => list(['player', userId, 'bets'], async (cursor, signal) =>
  (await ask(of.PlayerBets, { userId, cursor }, signal)).player.bets);
export const playerEntries = (userId: string) => list(['player', userId, 'entries'], async (cursor, signal) =>
  (await ask(of.PlayerEntries, { userId, cursor }, signal)).player.walletEntries);
export const playerActs = (userId: string) => list(['player', userId, 'acts'], async (cursor, signal) =>
  (await ask(of.PlayerActs, { userId, cursor }, signal)).player.acts);

export const trail = (filter: of.AuditFilter) => list(['trail', filter], async (cursor, signal) =>
  (await ask(of.Trail, { filter, cursor }, signal)).auditTrail);
