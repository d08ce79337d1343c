import { CancelBets, HoldResults, ReleaseResults, RollbackCancel } from './api/generated';
import { ask } from './ask';
import { Act, perhaps, why } from './form';
import { momentOf } from './parts';

/** One market, or all of a game. */
export type Subject = { marketId: string } | { fixtureId: string };

const LEAST = 5;
const MOST = 500;

/** Results wait until another trader lets them go. */
export function Wait({ of }: { of: Subject }) {
  return (
    <>
      <p className="faint">Nothing settles while results are held. Another trader than the one who held them releases them.</p>
      <Act label="Hold the results" asks={{ reason: why(LEAST, MOST, 'Hold the results: why') }} send={async (given, id) => (await ask(HoldResults, { id, ...of, ...given })).holdResults.message} />
      <Act label="Release them" asks={{ reason: why(LEAST, MOST, 'Release them: why') }} send={async (given, id) => (await ask(ReleaseResults, { id, ...of, ...given })).releaseResults.message} />
    </>
  );
}

const moment = (label: string, hint: string) => perhaps(label, { hint, type: 'datetime-local', step: 1, short: true });
interface Typed { from: string; to: string; reason: string }
// The second that is shown as the last one is in it as a whole.
const between = ({ from, to, reason }: Typed) => ({ from: from ? momentOf(from) : null, to: to ? momentOf(to).replace('+', '.999999+') : null, reason });
const asks = (label: string) => ({
  from: moment('From', 'Empty: from the first bet on.'), to: moment('To', 'Empty: without an end, and the markets close.'), reason: why(LEAST, MOST, `${label}: why`),
});

/** Legs of bets that were placed between two moments are void, as while a price was wrong. */
export function Windows({ of }: { of: Subject }) {
  return (
    <>
      <p className="faint">Bets that were placed between two moments, both included, by Nairobi’s clock, have no say here: their legs are void. Where much was paid by the result it takes a second trader.</p>
      <Act label="Void these bets" danger asks={asks('Void these bets')} send={async (given, id) => (await ask(CancelBets, { id, ...of, ...between(given) })).cancelBets.message} />
      <p className="faint">The very same moments again take it back.</p>
      <Act label="Take it back" asks={asks('Take it back')} send={async (given, id) => (await ask(RollbackCancel, { id, ...of, ...between(given) })).rollbackCancel.message} />
    </>
  );
}
