import { useQuery } from '@tanstack/react-query';
import { terms } from '../api/queries';
import { longDay } from '../clock';
import { useWords } from '../language';
import { AcceptTerms } from '../parts/accept_terms';
import { Back } from '../parts/back';
import { Texts } from '../parts/house';
import { Shown } from '../parts/states';

export default function TermsPage() {
  const { w, tongue } = useWords();
  const asked = useQuery(terms);
  return (
    <>
      <Back to="/account" />
      <h1>{w.terms.title}</h1>
      <AcceptTerms />
      <Shown of={asked}>
        {(found) => (
          <dl className="sums">
            <div><dt>{w.terms.terms}</dt><dd>{longDay(found.terms, tongue)}</dd></div>
            <div><dt>{w.terms.privacy}</dt><dd>{longDay(found.privacy, tongue)}</dd></div>
            {found.acceptedAt && <div><dt>{w.terms.accepted}</dt><dd>{longDay(found.acceptedAt, tongue)}</dd></div>}
          </dl>
        )}
      </Shown>
      {asked.data?.due === false && <Texts />}
    </>
  );
}
