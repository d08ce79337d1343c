import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Field } from '../parts/field';
import { AddMarkets } from './api/generated';
import type { DeskFixtureFragment, MarketKindsQuery } from './api/generated';
import { ask } from './ask';
import { Act, line } from './form';
import type { Ask } from './form';
import { Folded, Shown, words } from './parts';
import { kinds } from './queries';

type Kind = MarketKindsQuery['marketKinds'][number];
const MAIN = 'main';
const LINE = 'line ';
const ODDS = 'odds ';

/** Another market of a game: its kind, its line, and the odds of each outcome. */
export function AddMarket({ of }: { of: DeskFixtureFragment }) {
  return <Folded title="Add a market"><Choose of={of} /></Folded>;
}

function Choose({ of }: { of: DeskFixtureFragment }) {
  const [chosen, choose] = useState('');
  return (
    <Shown of={useQuery(kinds)}>
      {(found) => {
        const kind = found.find(({ id }) => id === chosen) ?? found[0];
        if (!kind) return null;
        return (
          <>
            <Field label="Kind"><select value={kind.id} onChange={({ target }) => { choose(target.value); }}>
              {[...new Set(found.map(({ group }) => group))].map((group) => (
                <optgroup key={group} label={words(group)}>{found.filter((each) => each.group === group).map(({ id, name }) => <option key={id} value={id}>{filled(name.en, of)} ({id})</option>)}</optgroup>
              ))}
            </select></Field>
            <OfKind key={kind.id} of={of} kind={kind} />
          </>
        );
      }}
    </Shown>
  );
}

const filled = (name: string, { home, away }: DeskFixtureFragment): string => name.replaceAll('{home}', home.name.en).replaceAll('{away}', away.name.en);

function OfKind({ of, kind }: { of: DeskFixtureFragment; kind: Kind }) {
  const asks: Record<string, Ask> = Object.fromEntries([
    ...kind.specifiers.map((name) => [LINE + name, line(name, { hint: 'For example 2.5 or -0.25, as the kind has it.', short: true })] as const),
    ...kind.outcomes.map(({ id, key, name }) => [ODDS + id, line(`${key} · ${filled(name.en, of)}`, { type: 'decimal', short: true, mistake: 'Odds like 2.05.', rules: { required: true, pattern: /^\s*\d{1,4}(\.\d{1,3})?\s*$/ } })] as const),
    [MAIN, { label: 'Lists show it', first: kind.main ? 'YES' : 'NO', of: [['YES', 'Beside the game, as one of at most eight'], ['NO', 'On the game’s own page alone']] }],
  ]);
  return <Act label="Add the market" asks={asks} send={async (given) => {
    const specifiers = kind.specifiers.map((name) => `${name}=${(given[LINE + name] ?? '').trim()}`).join('|');
    const odds = kind.outcomes.map(({ id }) => ({ outcomeId: id, odds: (given[ODDS + id] ?? '').trim() }));
    const { addMarkets } = await ask(AddMarkets, { fixtureId: of.id, markets: [{ definitionId: kind.id, specifiers: specifiers || null, odds, main: given[MAIN] === 'YES' }] });
    return `${addMarkets.map(({ name }) => name.en).join(', ')} takes bets.`;
  }} />;
}
