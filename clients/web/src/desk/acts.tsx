import { Link } from 'wouter';
import { kes } from '../money';
import { Empty } from '../parts/states';
import type { ActsFragment } from './api/generated';
import { Folded, Tag, at, spaced } from './parts';
import { useNames } from './staff';

export type StaffAct = ActsFragment['items'][number];

/** What staff did, newest first. */
export function Acts({ of }: { of: StaffAct[] }) {
  if (!of.length) return <Empty title="Nothing was done" />;
  return <ul className="menu">{of.map((act) => <li key={act.id}><div className="line"><ActFacts of={act} /></div><Changed of={act} /></li>)}</ul>;
}

export function ActFacts({ of }: { of: StaffAct }) {
  const named = useNames();
  return (
    <>
      <span>
        <b>{spaced(of.action)}</b> {of.amount && kes(of.amount)} {of.reason && `“${of.reason}”`}
        <small>{at(of.at)} · by {of.decidedBy.map(named).join(', then ')}</small>
        <small><code>{of.action} {of.subject}</code> {of.userId && <Link href={`/desk/players/${encodeURIComponent(of.userId)}`}>Player</Link>}</small>
      </span>
      <span className="end"><Tag of={of.outcome} /></span>
    </>
  );
}

const said = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)) || '–';

/** What is otherwise since, name by name; of a proposal, what it would become. */
function Changed({ of }: { of: StaffAct }) {
  const [before, after] = [of.before, of.after].map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  const changes = Object.keys({ ...before, ...after }).map((name) => [name, said(before?.[name]), said(after?.[name])] as const).filter(([, was, is]) => was !== is);
  if (!changes.length) return null;
  return (
    <Folded title={of.outcome === 'PROPOSED' ? 'What it would change' : 'What it changed'}>
      <dl className="sums">{changes.map(([name, was, is]) => <div key={name}><dt>{name}</dt><dd>{was} → {is}</dd></div>)}</dl>
    </Folded>
  );
}
