import { Link } from 'wouter';
import { kes } from '../money';
import { Empty } from '../parts/states';
import type { ActsFragment } from './api/generated';
import { Tag, at } from './parts';
import { useNames } from './staff';

export type Act = ActsFragment['items'][number];

/** What staff did, newest first. */
export function Acts({ of }: { of: Act[] }) {
  if (!of.length) return <Empty title="Nothing was done" />;
  return <ul className="menu">{of.map((act) => <li key={act.id} className="line"><ActFacts of={act} /></li>)}</ul>;
}

export function ActFacts({ of }: { of: Act }) {
  const named = useNames();
  return (
    <>
      <span>
        <b>{of.action}</b> {of.amount && kes(of.amount)} {of.reason && `“${of.reason}”`}
        <small>{at(of.at)} · by {of.decidedBy.map(named).join(', then ')} · <code>{of.subject}</code> {of.userId && <Link href={`/desk/players/${encodeURIComponent(of.userId)}`}>Player</Link>}</small>
      </span>
      <span className="end"><Tag of={of.outcome} /></span>
    </>
  );
}
