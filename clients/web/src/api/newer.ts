interface Versioned { id: string; version: number; resultVersion?: number | null }

/** Of two states of one thing the one with the higher version, whichever came first; of a market with one version that of the newer result. */
export function newer<T extends Versioned>(had: T | undefined, got: T): T {
  if (had?.id !== got.id) return got;
  const ahead = had.version - got.version || (had.resultVersion ?? 0) - (got.resultVersion ?? 0);
  return ahead > 0 ? had : got;
}

interface Page<T> { items: T[]; cursor: string | null }
export interface Pages<T> { pages: Page<T>[]; pageParams: unknown[] }

const has = <T extends Versioned>({ pages }: Pages<T>, { id }: T): boolean => pages.some(({ items }) => items.some((had) => had.id === id));

/** A list with a thing's newest state where it stands; where it is not in the list, the list as it is. */
export function inPlace<T extends Versioned>(list: Pages<T> | undefined, got: T): Pages<T> | undefined {
  if (!list || !has(list, got)) return list;
  return { ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.map((had) => (had.id === got.id ? newer(had, got) : had)) })) };
}

/** The same of a list that is newest first by a time: what was not in it comes to its place, or with its page where that is not here yet. */
export function into<T extends Versioned>(list: Pages<T> | undefined, got: T, at: keyof T): Pages<T> | undefined {
  if (!list || has(list, got)) return inPlace(list, got);
  const isOlder = (had: T): boolean => had[at] <= got[at];
  const here = list.pages.findIndex(({ items, cursor }) => cursor === null || items.some(isOlder));
  const pages = list.pages.map((page, number) => {
    const place = page.items.filter((had) => !isOlder(had)).length;
    return number === here ? { ...page, items: [...page.items.slice(0, place), got, ...page.items.slice(place)] } : page;
  });
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

/** The same of each thing in a list in pages. */
export function newestList(had: unknown, got: unknown): unknown {
  const known = (had as Pages<Versioned> | undefined)?.pages.flatMap(({ items }) => items);
  const now = got as Pages<Versioned>;
  return { ...now, pages: now.pages.map((page) => ({ ...page, items: newestEach(known, page.items) })) };
}
