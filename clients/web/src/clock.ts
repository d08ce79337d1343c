// Everybody here lives by Nairobi's clock, whatever their phone says.
const ZONE = 'Africa/Nairobi';
const DAY = 24 * 60 * 60 * 1000;

export type Tongue = 'en' | 'sw';

function shown(at: string | Date, tongue: Tongue, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(tongue === 'sw' ? 'sw-KE' : 'en-KE', { timeZone: ZONE, ...options }).format(new Date(at));
}

export const time = (at: string, tongue: Tongue, more: Intl.DateTimeFormatOptions = {}): string =>
  shown(at, tongue, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...more });

/** With its year, where that is another one than now. */
export function day(at: string, tongue: Tongue): string {
  const year = dateOf(at).slice(0, 4) === date().slice(0, 4) ? {} : { year: 'numeric' } as const;
  return shown(at, tongue, { weekday: 'short', day: 'numeric', month: 'short', ...year });
}

export const moment = (at: string, tongue: Tongue): string => `${day(at, tongue)}, ${time(at, tongue)}`;

export const longDay = (at: string, tongue: Tongue): string =>
  shown(at, tongue, { day: 'numeric', month: 'long', year: 'numeric' });

/** The date so many days from today, like 2026-12-31. */
export function date(daysAhead = 0, from = new Date()): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })
    .format(new Date(from.getTime() + daysAhead * DAY));
}

export const dateOf = (at: string): string => date(0, new Date(at));
