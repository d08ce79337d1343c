import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ask } from '../api/ask';
import { MarkRead } from '../api/generated';
import { notes, unread } from '../api/queries';
import { moment } from '../clock';
import { useWords } from '../language';
import { Back } from '../parts/back';
import { Empty, More, Shown } from '../parts/states';

const MOST_AT_ONCE = 50;

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
  return (
    <>
      <Back to="/account" />
      <h1>{w.inbox.title}</h1>
      <Shown of={asked}>
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          if (!all.length) return <Empty title={w.inbox.none} />;
          return (
            <>
              <ul className="cards">
                {all.map((note) => (
                  <li key={note.id} className={`card still${note.status === 'UNREAD' || were.has(note.id) ? ' new' : ''}`}>
                    <span className="card-head"><strong>{note.title}</strong><small className="faint">{moment(note.createdAt, tongue)}</small></span>
                    <span>{note.text}</span>
                  </li>
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
