import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { refusalOf } from '../api/refusal';
import { useWords } from '../language';
import { nextStep, sentence } from '../refusals';

export function Loading() {
  const { w } = useWords();
  return (
    <div role="status" className="loading">
      <span className="hidden">{w.loading}</span>
      {[1, 2, 3, 4].map((line) => <div key={line} className="bone" />)}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return <div className="empty"><p className="empty-title">{title}</p>{children}</div>;
}

export function Notice({ kind = 'info', children }: { kind?: 'info' | 'good' | 'bad' | 'warn'; children: ReactNode }) {
  return <div className={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>{children}</div>;
}

/** A refusal in the player's language, with what to do next. */
export function Refused({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
  const { w } = useWords();
  const [path] = useLocation();
  const refusal = refusalOf(error);
  const next = nextStep(refusal.code, w, path);
  return (
    <Notice kind="bad">
      <p>{sentence(refusal, w)}</p>
      {next && <Link href={next.href} className="button small">{next.label}</Link>}
      {again && <button type="button" className="button small quiet" onClick={again}>{w.again}</button>}
    </Notice>
  );
}

interface Asked<Answer> { data: Answer | undefined; error: unknown; refetch: () => unknown }

/** What is shown of a query: its answer, or that it is on its way, or why there is none. An old answer stays while a new one fails. */
export function Shown<Answer>({ of, children }: { of: Asked<Answer>; children: (answer: Answer) => ReactNode }) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <Refused error={of.error} again={() => { of.refetch(); }} />;
  return <Loading />;
}

interface MorePages { hasNextPage: boolean; isFetchingNextPage: boolean; isFetchNextPageError: boolean; error: unknown; fetchNextPage: () => unknown }

/** The way to the next page. Where nothing is shown yet the next one is asked for by itself: a page may be empty and have others behind it. */
export function More({ of, empty = false }: { of: MorePages; empty?: boolean }) {
  const { w } = useWords();
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError: failed, error, fetchNextPage } = of;
  const goOn = empty && hasNextPage && !isFetchingNextPage && !failed;
  useEffect(() => { if (goOn) void fetchNextPage(); }, [goOn, fetchNextPage]);
  if (!hasNextPage) return null;
  if (failed) return <Refused error={error} again={() => { void fetchNextPage(); }} />;
  return (
    <button type="button" className="button quiet wide" disabled={isFetchingNextPage} onClick={() => { void fetchNextPage(); }}>
      {isFetchingNextPage ? w.loading : w.more}
    </button>
  );
}
