import { useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { search } from '../api/queries';
import { useWords } from '../language';
import { FixtureList } from '../parts/fixture_row';
import { Empty, More, Shown } from '../parts/states';

export default function Search() {
  const { w } = useWords();
  const [, go] = useLocation();
  // It stands in the address, for who comes back from a game.
  const [noted, note] = useSearchParams();
  const [text, setText] = useState(noted.get('q') ?? '');
  const type = (typed: string): void => {
    setText(typed);
    note(typed ? { q: typed } : {}, { replace: true });
  };
  const asked = useInfiniteQuery(search(useDeferredValue(text.trim())));
  // A code may have no digit, as the name of a team has none; then it is offered where no game is found.
  const code = /^[2-9A-HJKMNP-TV-Z]{8}$/i.test(text.replace(/[ -]/g, ''));
  const load = (
    <button type="button" className="button wide quiet" onClick={() => { go(`/slip/${encodeURIComponent(text.trim())}`); }}>
      {w.search.code(text.trim().toUpperCase())}
    </button>
  );
  return (
    <>
      <h1>{w.search.title}</h1>
      <label className="field">
        <span>{w.search.label}</span>
        <input type="search" value={text} autoComplete="off" enterKeyHint="search" onChange={({ target }) => { type(target.value); }} />
      </label>
      {code && /\d/.test(text) && load}
      {text.trim().length < 2
        ? <Empty title={w.search.hint} />
        : <Shown of={asked}>
          {({ pages }) => {
            // One may come on two pages, once for each name that fits.
            const games = [...new Map(pages.flatMap(({ items }) => items).map((game) => [game.id, game])).values()];
            if (games.length || asked.hasNextPage) return <><FixtureList fixtures={games} dated /><More of={asked} empty={!games.length} /></>;
            return code ? !/\d/.test(text) && load : <Empty title={w.search.none(text.trim())} />;
          }}
        </Shown>}
    </>
  );
}
