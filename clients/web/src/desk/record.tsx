import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Link } from 'wouter';
import { Field } from '../parts/field';
import { Icon } from '../parts/icons';
import { Notice } from '../parts/states';
import { SettleFixture } from './api/generated';
import type { DeskFixtureFragment, MatchPeriod, MatchRecordInput, MatchSide } from './api/generated';
import { ask } from './ask';
import { useCommand } from './command';
import { PERIODS, PLAYED, WHAT, count, draftOf, keep, kept, ordered, recordOf } from './match';
import type { Draft, What } from './match';
import { Refused, words } from './parts';

/** What happened in a game: every market follows from it as far as it is certain. */
export function MatchRecord({ of }: { of: DeskFixtureFragment }) {
  const [draft, setDraft] = useState(() => kept(of.id));
  const settle = useCommand(async (whole: Draft, id) => (await ask(SettleFixture, { id, fixtureId: of.id, record: recordOf(whole) })).settleFixture);
  const change = (changes: Partial<Draft>) => {
    const now = { ...draft, ...changes };
    setDraft(now);
    keep(of.id, now);
    settle.reset();
  };
  return (
    <section className="card still" aria-label="Match record">
      <h2>Match record</h2>
      <p>Write down all that happened so far: it replaces what was said before. What is certain settles at once, the rest stays open.</p>
      <Score of={of} draft={draft} />
      <Entries of={of} draft={draft} change={change} />
      <Add of={of} add={(entry) => { change({ entries: ordered([...draft.entries, entry]) }); }} />
      <Ended draft={draft} change={change} />
      {settle.error && <Refused error={settle.error} />}
      {settle.isSuccess && <Notice kind={settle.data.status === 'DONE' ? 'good' : 'warn'}><p>{settle.data.message}</p>{settle.data.status === 'PROPOSED' && <p>Another trader finds it in <Link href="/desk/proposals">Proposals</Link>.</p>}</Notice>}
      <button type="button" className="button" disabled={settle.isPending} onClick={() => { settle.mutate(draft); }}>{settle.isPending ? 'Sending…' : 'Settle from this record'}</button>
    </section>
  );
}

function Score({ of, draft }: { of: DeskFixtureFragment; draft: Draft }) {
  const both = (what: What, periods?: readonly MatchPeriod[]): string => `${String(count(draft, what, 'HOME', periods))} – ${String(count(draft, what, 'AWAY', periods))}`;
  return (
    <p className="desk-facts" aria-live="polite">
      <b>{of.home.name.en} {both('GOAL')} {of.away.name.en}</b>
      <span>first half {both('GOAL', ['FIRST_HALF'])}</span>
      {draft.corners && <span>corners {both('CORNER')}</span>}
    </p>
  );
}

const sideName = (of: DeskFixtureFragment, side: MatchSide): string => (side === 'HOME' ? of.home : of.away).name.en;

/** A record that another trader sent, to compare with what one saw. */
export function SeenRecord({ of, record }: { of: DeskFixtureFragment; record: MatchRecordInput }) {
  const draft = draftOf(record);
  const certain = [...draft.ended.map((period) => ENDED[period]), ...(['corners', 'cards'] as const).filter((what) => draft[what]).map((what) => HAD[what])];
  return (
    <>
      <Score of={of} draft={draft} />
      <ol className="menu" aria-label="What happened">{draft.entries.map((entry, place) => <li key={`${String(place)} ${entry.what}`} className="line"><InWords of={of} entry={entry} /></li>)}</ol>
      <p className="faint">{certain.join('. ') || 'Nothing has ended yet'}.{draft.penalties && ` Shoot-out ${String(draft.penalties.home)} – ${String(draft.penalties.away)}.`}</p>
    </>
  );
}

function InWords({ of, entry }: { of: DeskFixtureFragment; entry: Draft['entries'][number] }) {
  return <span><b>{words(entry.what)}</b> {sideName(of, entry.side)} <small>{words(entry.period)}, minute {entry.minute}</small></span>;
}

interface OfDraft { of: DeskFixtureFragment; draft: Draft; change: (changes: Partial<Draft>) => void }

function Entries({ of, draft, change }: OfDraft) {
  if (!draft.entries.length) return <p className="faint">Nothing is written down yet: a game without goals.</p>;
  return (
    <ol className="menu" aria-label="What happened">
      {draft.entries.map((entry, place) => (
        <li key={`${String(place)} ${entry.what} ${String(entry.minute)}`} className="line">
          <InWords of={of} entry={entry} />
          <button type="button" className="icon-button" aria-label={`Take out: ${words(entry.what)}, ${sideName(of, entry.side)}, minute ${String(entry.minute)}`}
            onClick={() => { change({ entries: draft.entries.filter((_, at) => at !== place) }); }}><Icon name="close" /></button>
        </li>
      ))}
    </ol>
  );
}

interface Typed { what: What; side: MatchSide; period: MatchPeriod; minute: string }

function Add({ of, add }: { of: DeskFixtureFragment; add: (entry: Draft['entries'][number]) => void }) {
  const { register, handleSubmit, setValue, setFocus, formState: { errors } } = useForm<Typed>({ defaultValues: { what: 'GOAL', side: 'HOME', period: 'FIRST_HALF', minute: '' } });
  const on = ({ minute, ...entry }: Typed) => {
    add({ ...entry, minute: Number.parseInt(minute, 10) });
    setValue('minute', '');
    setFocus('minute');
  };
  return (
    <form noValidate className="desk-add" onSubmit={(event) => { void handleSubmit(on)(event); }}>
      <Field label="What"><select {...register('what')}>{WHAT.map((what) => <option key={what} value={what}>{words(what)}</option>)}</select></Field>
      <Field label="Team"><select {...register('side')}>{(['HOME', 'AWAY'] as const).map((side) => <option key={side} value={side}>{sideName(of, side)}</option>)}</select></Field>
      <Field label="Period"><select {...register('period')}>{PLAYED.map((period) => <option key={period} value={period}>{words(period)}</option>)}</select></Field>
      <Field label="Minute" mistake={errors.minute && '0 to 130'}><input inputMode="numeric" autoComplete="off" maxLength={3} {...register('minute', { required: true, pattern: /^\d{1,2}$|^1[0-2]\d$|^130$/ })} /></Field>
      <button className="button small quiet">Add it</button>
    </form>
  );
}

const ENDED: Readonly<Record<MatchPeriod, string>> = { FIRST_HALF: 'First half has ended', SECOND_HALF: 'Second half has ended', EXTRA_TIME: 'Extra time has ended', PENALTIES: 'Shoot-out has ended' };
const HAD = { corners: 'All corners are written down', cards: 'All cards are written down' } as const;

function Ended({ draft, change }: Pick<OfDraft, 'draft' | 'change'>) {
  return (
    <fieldset className="desk-checks">
      <legend>What is certain</legend>
      {PERIODS.map((period) => (
        <label key={period} className="check"><input type="checkbox" checked={draft.ended.includes(period)}
          onChange={({ target }) => { change({ ended: PERIODS.filter((each) => (each === period ? target.checked : draft.ended.includes(each))) }); }} /><span>{ENDED[period]}</span></label>
      ))}
      {(['corners', 'cards'] as const).map((what) => (
        <label key={what} className="check"><input type="checkbox" checked={draft[what]} onChange={({ target }) => { change({ [what]: target.checked }); }} /><span>{HAD[what]}</span></label>
      ))}
      {draft.ended.includes('PENALTIES') && (['home', 'away'] as const).map((side) => (
        <Field key={side} label={`Shoot-out, ${side}`}><input inputMode="numeric" autoComplete="off" maxLength={2} value={String(draft.penalties?.[side] ?? '')}
          onChange={({ target }) => { change({ penalties: { home: 0, away: 0, ...draft.penalties, [side]: Number.parseInt(target.value, 10) || 0 } }); }} /></Field>
      ))}
    </fieldset>
  );
}
