import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { MarketPartsFragment, OddsPolicy, SharedPartsFragment, SystemInput } from './api/generated';

export interface Named { en: string; sw: string }

/** A selection as its player saw it. */
export interface Pick {
  /** Empty where it is not known: of a slip that somebody shared. */
  fixtureId: string;
  marketId: string;
  selectionId: string;
  odds: string;
  key: string;
  home: Named;
  away: Named;
  market: Named;
  selection: Named;
  startsAt: string;
}

export type Mode = 'SINGLES' | 'MULTI' | 'SYSTEM';

interface Slip {
  picks: Pick[];
  mode: Mode;
  policy: OddsPolicy;
  /** Of a system: how many legs a line has beside the bankers; several sizes at once are several kinds of lines. */
  ks: number[];
  /** Of a system: the markets whose legs are in every line. */
  bankers: string[];
  stake: string;
  /** How much of what was loaded is not offered any more. */
  leftOut: number;
  /** The request id of the bet to come: a bet that was asked for twice under it is placed once. */
  requestId: string;
  /** Under which one it was asked for last. While that is still the one to come, nobody knows whether it is placed. */
  askedFor: string;
  toggle: (pick: Pick) => void;
  remove: (marketId: string) => void;
  replace: (picks: Pick[]) => void;
  setOdds: (odds: ReadonlyMap<string, string>) => void;
  setMode: (mode: Mode) => void;
  setPolicy: (policy: OddsPolicy) => void;
  setKs: (ks: number[]) => void;
  toggleBanker: (marketId: string) => void;
  setStake: (stake: string) => void;
  /** Note that it is asked for, before it is: whoever leaves meanwhile is told when they come back. */
  noteAsked: () => void;
  /** Begin the next bet: with another request id, and nothing on it. */
  next: () => void;
  /** Begin it with what was bet on or shared before. */
  load: (shared: SharedPartsFragment) => void;
}

const newId = (): string => crypto.randomUUID();
const LONGEST = 30;

export const useSlip = create<Slip>()(
  persist(
    (set) => ({
      picks: [],
      mode: 'MULTI',
      policy: 'NONE',
      ks: [2],
      bankers: [],
      stake: '100',
      leftOut: 0,
      requestId: newId(),
      askedFor: '',
      toggle: (pick) => { set(({ picks }) => {
        const there = picks.some(({ selectionId }) => selectionId === pick.selectionId);
        const others = picks.filter(({ marketId }) => marketId !== pick.marketId);
        return { picks: there ? others : [...others, pick].slice(-LONGEST), leftOut: 0, requestId: newId() };
      }); },
      remove: (gone) => { set(({ picks }) => ({ picks: picks.filter(({ marketId }) => marketId !== gone), requestId: newId() })); },
      replace: (picks) => { set({ picks: picks.slice(0, LONGEST), requestId: newId() }); },
      setOdds: (odds) => { set(({ picks }) => ({
        picks: picks.map((pick) => ({ ...pick, odds: odds.get(pick.selectionId) ?? pick.odds })),
        requestId: newId(),
      })); },
      setMode: (mode) => { set({ mode, requestId: newId() }); },
      setPolicy: (policy) => { set({ policy, requestId: newId() }); },
      setKs: (ks) => { set({ ks, requestId: newId() }); },
      toggleBanker: (marketId) => { set(({ bankers }) => ({
        bankers: bankers.includes(marketId) ? bankers.filter((one) => one !== marketId) : [...bankers, marketId],
        requestId: newId(),
      })); },
      setStake: (stake) => { set({ stake, requestId: newId() }); },
      noteAsked: () => { set(({ requestId }) => ({ askedFor: requestId })); },
      next: () => { set({ picks: [], bankers: [], leftOut: 0, requestId: newId() }); },
      load: (shared) => {
        const picks = picksOf(shared);
        set({ picks, leftOut: shared.legs.length - picks.length, ...kindOf(shared), requestId: newId() });
      },
    }),
    { name: 'betsafi.slip' },
  ),
);

/** What a selection of a market in a list or on a page is on a slip. */
export function pickOf(
  fixture: { id: string; startsAt: string; home: { name: Named }; away: { name: Named } },
  market: MarketPartsFragment,
  selection: MarketPartsFragment['selections'][number],
): Pick {
  const { id: selectionId, odds, key, name } = selection;
  return {
    fixtureId: fixture.id, marketId: market.id, selectionId, odds, key,
    home: fixture.home.name, away: fixture.away.name, market: market.name, selection: name, startsAt: fixture.startsAt,
  };
}

/** The kind of bet that a slip is: of two selections there is no system yet. */
export const kindOfSlip = ({ picks, mode }: Readonly<{ picks: Pick[]; mode: Mode }>): Mode => (mode === 'SYSTEM' && picks.length < 3 ? 'MULTI' : mode);

/** Of a slip as a system: how many legs are no bankers, the sizes of its lines that can be, and the bankers' positions. */
export function systemOf({ picks, ks, bankers }: Readonly<{ picks: Pick[]; ks: number[]; bankers: string[] }>): { others: number; ks: number[]; bankers: number[] } {
  const positions = picks.flatMap(({ marketId }, position) => (bankers.includes(marketId) ? [position] : []));
  const others = picks.length - positions.length;
  const possible = ks.filter((k) => k <= others);
  return { others, ks: possible.length ? possible : [Math.max(1, others - 1)], bankers: positions };
}

/** A system as the API takes it: one without bankers has none, not an empty list. */
export const systemInput = ({ ks, bankers }: Readonly<{ ks: number[]; bankers: number[] }>): SystemInput => ({ ks, bankers: bankers.length ? bankers : null });

/** Which kind of bet was shared, with its bankers. */
function kindOf({ system, legs }: SharedPartsFragment): Partial<Slip> {
  if (!system) return { mode: 'MULTI', bankers: [] };
  return { mode: 'SYSTEM', ks: system.ks, bankers: system.bankers.flatMap((position) => legs[position]?.marketId ?? []) };
}

/** What somebody shared, as far as it is still offered. */
function picksOf(shared: SharedPartsFragment): Pick[] {
  return shared.legs.flatMap(({ marketId, selectionId, key, odds, status, seen }) =>
    odds && seen && status !== 'CLOSED'
      ? [{ fixtureId: '', marketId, selectionId, odds, key, home: seen.home, away: seen.away,
        market: seen.market, selection: seen.selection, startsAt: seen.startsAt }]
      : []);
}
