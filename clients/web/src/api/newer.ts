interface Versioned { id: string; version: number }

/** Of two states of one thing the one with the higher version, whichever came first. */
export function newer<T extends Versioned>(had: T | undefined, got: T): T {
  return had && had.version > got.version ? had : got;
}

interface Page<T> { items: T[]; cursor: string | null }
export interface Pages<T> { pages: Page<T>[]; pageParams: unknown[] }

/** A list with a thing's newest state in its place, or at its head where it was not in it yet. */
export function into<T extends Versioned>(list: Pages<T> | undefined, got: T): Pages<T> | undefined {
  if (!list) return list;
  const known = list.pages.some(({ items }) => items.some(({ id }) => id === got.id));
  const pages = list.pages.map((page, number) => ({
    ...page,
    items: known ? page.items.map((had) => (had.id === got.id ? newer(had, got) : had))
      : number === 0 ? [got, ...page.items] : page.items,
  }));
  return { ...list, pages };
}

/** Of two answers about one thing the newer one, so that what was asked for before a push takes nothing back. */
export function newest(had: unknown, got: unknown): unknown {
  return newer(had as Versioned | undefined, got as Versioned);
}

/** The same of each thing in a list that has all of its kind. */
export function newestEach(had: unknown, got: unknown): unknown {
  const known = new Map((had as Versioned[] | undefined)?.map((item) => [item.id, item]));
  return (got as Versioned[]).map((item) => newer(known.get(item.id), item));
}

/** The same of lists in pages: each thing in its newest state, and before the first that both have what came to the head meanwhile. */
export function newestList(had: unknown, got: unknown): unknown {
  const [before, now] = [had as Pages<Versioned> | undefined, got as Pages<Versioned>];
  if (!before) return now;
  const known = new Map(before.pages.flatMap(({ items }) => items).map((item) => [item.id, item]));
  const there = new Set(now.pages.flatMap(({ items }) => items).map(({ id }) => id));
  const head = before.pages[0]?.items ?? [];
  const shared = head.findIndex(({ id }) => there.has(id));
  const pages = now.pages.map((page, number) => ({
    ...page, items: [...(number === 0 ? head.slice(0, Math.max(0, shared)) : []), ...page.items.map((item) => newer(known.get(item.id), item))],
  }));
  return { ...now, pages };
}
