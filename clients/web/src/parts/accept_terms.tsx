import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../api/ask';
import { AcceptTerms as Accept } from '../api/generated';
import { terms } from '../api/queries';
import { longDay } from '../clock';
import { useWords } from '../language';
import { Texts } from './house';
import { Notice, Refused } from './states';

/** The newest terms and privacy notice, to accept where they are not. */
export function AcceptTerms() {
  const { w, tongue } = useWords();
  const client = useQueryClient();
  const { data, error } = useQuery(terms);
  const accepting = useMutation({
    mutationFn: (versions: { terms: string; privacy: string }) => ask(Accept, versions),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me'] }),
  });
  if (error) return <Refused error={error} />;
  if (!data?.due) return null;
  return (
    <Notice kind="warn">
      <h2>{w.terms.due}</h2>
      <p>{w.terms.versions(longDay(data.terms, tongue), longDay(data.privacy, tongue))}</p>
      <Texts />
      {accepting.error && <Refused error={accepting.error} />}
      <button type="button" className="button small" disabled={accepting.isPending} onClick={() => { accepting.mutate(data); }}>{w.terms.accept}</button>
    </Notice>
  );
}
