// What a trader writes down of a game, and what the API takes of it.
import type { MatchEntryInput, MatchPeriod, MatchRecordInput, MatchSide } from './api/generated';

export type What = 'GOAL' | 'CORNER' | 'YELLOW' | 'SECOND_YELLOW' | 'RED';
export interface Entry { what: What; side: MatchSide; period: MatchPeriod; minute: number }
/** `corners`, `cards`: whether all of them were written down, so that none is missing. */
export interface Draft { entries: Entry[]; ended: MatchPeriod[]; corners: boolean; cards: boolean; penalties: { home: number; away: number } | null }

export const PERIODS: readonly MatchPeriod[] = ['FIRST_HALF', 'SECOND_HALF', 'EXTRA_TIME', 'PENALTIES'];
export const PLAYED = PERIODS.slice(0, -1);
export const WHAT: readonly What[] = ['GOAL', 'CORNER', 'YELLOW', 'SECOND_YELLOW', 'RED'];
export const NOTHING: Draft = { entries: [], ended: [], corners: false, cards: false, penalties: null };
const KEPT = 'betsafi.desk.record.';

/** In the order in which they came: by period and minute; within a minute as they were written down. */
export function ordered(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((one, other) => PERIODS.indexOf(one.period) - PERIODS.indexOf(other.period) || one.minute - other.minute);
}

export function recordOf({ entries, ended, corners, cards, penalties }: Draft): MatchRecordInput {
  const all = (...wanted: What[]) => entries.filter(({ what }) => wanted.includes(what));
  const place = ({ side, period, minute }: Entry) => ({ side, period, minute });
  return {
    ended,
    goals: all('GOAL').map(place),
    corners: corners ? all('CORNER').map(place) : null,
    cards: cards ? all('YELLOW', 'SECOND_YELLOW', 'RED').map((card) => ({ ...place(card), colour: card.what as 'YELLOW' | 'SECOND_YELLOW' | 'RED' })) : null,
    penalties: ended.includes('PENALTIES') ? penalties : null,
  };
}

/** What was written down, of what the API was sent: the other way round. */
export function draftOf({ ended, goals, corners, cards, penalties }: MatchRecordInput): Draft {
  const entry = (what: What) => ({ side, period, minute }: MatchEntryInput): Entry => ({ what, side, period, minute: minute ?? 0 });
  const entries = [...goals.map(entry('GOAL')), ...(corners ?? []).map(entry('CORNER')), ...(cards ?? []).map((card) => entry(card.colour)(card))];
  return { entries: ordered(entries), ended: PERIODS.filter((period) => ended.includes(period)), corners: Boolean(corners), cards: Boolean(cards), penalties: penalties ?? null };
}

/** How many of something a side has, in one period or in both halves. */
export function count({ entries }: Draft, what: What, side: MatchSide, periods: readonly MatchPeriod[] = ['FIRST_HALF', 'SECOND_HALF']): number {
  return entries.filter((entry) => entry.what === what && entry.side === side && periods.includes(entry.period)).length;
}

/** What was written, or null where it is no such text: an older desk may have kept it. */
function read(text: string | null): Draft | null {
  try {
    const found = JSON.parse(text ?? 'null') as Partial<Draft> | null;
    if (!found || !Array.isArray(found.entries) || !Array.isArray(found.ended)) return null;
    const entries = found.entries.filter(({ what, side, period, minute }) =>
      WHAT.includes(what) && ['HOME', 'AWAY'].includes(side) && PERIODS.includes(period) && Number.isInteger(minute));
    return { ...NOTHING, ...found, entries, ended: found.ended.filter((period) => PERIODS.includes(period)) };
  } catch {
    return null;
  }
}

// A record replaces the whole of the one before, and is not read back: this browser keeps what was written in it.
export const keep = (fixtureId: string, draft: Draft): void => { localStorage.setItem(KEPT + fixtureId, JSON.stringify(draft)); };
export const kept = (fixtureId: string): Draft => read(localStorage.getItem(KEPT + fixtureId)) ?? NOTHING;
