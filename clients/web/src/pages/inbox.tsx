import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ask } from '../api/ask';
import { MarkAllRead, MarkRead } from '../api/generated';
import type { NotePartsFragment } from '../api/generated';
import { notes, unread } from '../api/queries';
import { moment } from '../clock';
import { useWords } from '../language';
import { Back } from '../parts/back';
import { To, subjectOf } from '../parts/subject';
import { Empty, More, Shown } from '../parts/states';

const MOST_AT_ONCE = 50;

/** What stopped an account, and the answer to an appeal, are said there. */
const isOfAccount = ({ kind }: NotePartsFragment): boolean => /^(ACCOUNT|APPEAL|MONEY_HELD)/.test(kind);

export function Inbox() {
  const { w, tongue } = useWords();
  const client = useQueryClient();
  const asked = useInfiniteQuery(notes);
  const marking = useMutation({
    mutationFn: (ids: string[]) => ask(MarkRead, { ids }),
    onSuccess: () => client.invalidateQueries({ queryKey: unread.queryKey }),
  });
  const { mutate } = marking;
  // What is shown is read, once; the list itself goes on showing which were new.
  const [were] = useState(() => new Set<string>());
  const fresh = (asked.data?.pages ?? []).flatMap(({ items }) => items).filter(({ id, status }) => status === 'UNREAD' && !were.has(id)).map(({ id }) => id).join(' ');
  useEffect(() => {
    if (!fresh) return;
    const ids = fresh.split(' ').slice(0, MOST_AT_ONCE);
    ids.forEach((id) => { were.add(id); });
    mutate(ids);
  }, [fresh, were, mutate]);
  const isNew = ({ id, status }: NotePartsFragment): boolean => status === 'UNREAD' || were.has(id);
  return (
    <>
      <Back to="/account" />
      <div className="title-row"><h1>{w.inbox.title}</h1>{asked.hasNextPage && <MarkAll />}</div>
      <Shown of={asked}>
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          if (!all.length) return <Empty title={w.inbox.none} />;
          return (
            <>
              <ul className="cards">
                {all.map((note) => (
                  <li key={note.id}><To at={isOfAccount(note) ? '/account' : subjectOf(note)} className={`card${isNew(note) ? ' new' : ''}`}>
                    <span className="card-head"><strong>{note.title}</strong><small className="faint">{moment(note.createdAt, tongue)}</small></span>
                    <span>{note.text}</span>
                  </To></li>
                ))}
              </ul>
              <More of={asked} />
            </>
          );
        }}
      </Shown>
    </>
  );
}

/** Those of pages further down too. */
function MarkAll() {
  const { w } = useWords();
  const client = useQueryClient();
  const { data: count = 0 } = useQuery(unread);
  const marking = useMutation({
    mutationFn: () => ask(MarkAllRead, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me'] }),
  });
  if (!count) return null;
  return <button type="button" className="link" disabled={marking.isPending} onClick={() => { marking.mutate(); }}>{w.inbox.markAll}</button>;
}
