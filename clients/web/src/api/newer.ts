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
