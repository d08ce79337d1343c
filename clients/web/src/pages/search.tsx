import { useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useLocation } from 'wouter';
import { search } from '../api/queries';
import { useWords } from '../language';
import { FixtureList } from '../parts/fixture_row';
import { Empty, More, Shown } from '../parts/states';

export default function Search() {
  const { w } = useWords();
  const [, go] = useLocation();
  const [text, setText] = useState('');
  const asked = useInfiniteQuery(search(useDeferredValue(text.trim())));
  const code = /^[A-Za-z0-9][A-Za-z0-9 -]{6,10}[A-Za-z0-9]$/.test(text.trim()) && /\d/.test(text);
  return (
    <>
      <h1>{w.search.title}</h1>
      <label className="field">
        <span>{w.search.label}</span>
        <input type="search" value={text} autoComplete="off" enterKeyHint="search" onChange={({ target }) => { setText(target.value); }} />
      </label>
      {code && (
        <button type="button" className="button wide quiet" onClick={() => { go(`/slip/${encodeURIComponent(text.trim())}`); }}>
          {w.search.code(text.trim().toUpperCase())}
        </button>
      )}
      {text.trim().length < 2
        ? <Empty title={w.search.hint} />
        : <Shown of={asked}>
          {({ pages }) => {
            // One may come on two pages, once for each name that fits.
            const games = [...new Map(pages.flatMap(({ items }) => items).map((game) => [game.id, game])).values()];
            return games.length ? <><FixtureList fixtures={games} dated /><More of={asked} /></> : !code && <Empty title={w.search.none(text.trim())} />;
          }}
        </Shown>}
    </>
  );
}
