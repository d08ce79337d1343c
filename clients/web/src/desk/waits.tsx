import { useQuery } from '@tanstack/react-query';
import { CancelBets, HoldResults, ReleaseResults, RollbackCancel } from './api/generated';
import type { HeldAndCancelledQuery } from './api/generated';
import { ask } from './ask';
import { person } from './auth';
import { Act, perhaps, why } from './form';
import { Folded, at, exactly, momentOf } from './parts';
import { standing } from './queries';
import { useNames } from './staff';

type Subject = { marketId: string } | { fixtureId: string };
type Standing = HeldAndCancelledQuery['heldAndCancelled'][number];
type Window = Standing['windows'][number];

const LEAST = 5;
const MOST = 500;

/** What traders decide beside results of a game, or of one market of it: that results wait, and that bets of a while are void. */
export function Waits({ fixtureId, marketId }: { fixtureId: string; marketId?: string }) {
  const { data } = useQuery(standing(fixtureId));
  if (!data) return null;
  const { hold = null, windows = [] } = data[marketId ?? fixtureId] ?? {};
  const of = marketId ? { marketId } : { fixtureId };
  return (
    <>
      {hold ? <Held of={of} hold={hold} /> : <Hold of={of} />}
      <Windows of={of} windows={windows} />
    </>
  );
}

function Hold({ of }: { of: Subject }) {
  return (
    <Folded title="Hold its results">
      <p className="faint">Nothing settles while results are held. Another trader than the one who held them releases them.</p>
      <Act label="Hold the results" asks={{ reason: why(LEAST, MOST, 'Hold the results: why') }} send={async (given, id) => (await ask(HoldResults, { id, ...of, ...given })).holdResults.message} />
    </Folded>
  );
}

function Held({ of, hold }: { of: Subject; hold: NonNullable<Standing['hold']> }) {
  const named = useNames();
  const { data: me } = useQuery(person);
  return (
    <Folded title="Its results are held" open>
      <p>Held by {named(hold.heldBy)} since {at(hold.heldAt)}: “{hold.reason}”. Nothing settles until they are released.</p>
      {me?.id === hold.heldBy ? <p className="faint">You held them: another trader releases them.</p>
        : <Act label="Release them" asks={{ reason: why(LEAST, MOST, 'Release them: why') }} send={async (given, id) => (await ask(ReleaseResults, { id, ...of, ...given })).releaseResults.message} />}
    </Folded>
  );
}

const moment = (label: string, hint: string) => perhaps(label, { hint, type: 'datetime-local', step: 1, short: true });
interface Typed { from: string; to: string; reason: string }
// The second that is shown as the last one is in it as a whole.
const between = ({ from, to, reason }: Typed) => ({ from: from ? momentOf(from) : null, to: to ? momentOf(to).replace('+', '.999999+') : null, reason });
const asks = {
  from: moment('From', 'Empty: from the first bet on.'), to: moment('To', 'Empty: without an end, and the markets close.'), reason: why(LEAST, MOST, 'Void these bets: why'),
};

/** Legs of bets that were placed between two moments are void, as while a price was wrong. */
function Windows({ of, windows }: { of: Subject; windows: Window[] }) {
  const count = windows.length;
  return (
    <Folded title={count ? `Bets of a while are void: ${String(count)}` : 'Void bets of a while'} open={count > 0}>
      {windows.map((window) => <Stands key={JSON.stringify(window)} of={of} window={window} />)}
      <p className="faint">Bets that were placed between two moments, both included, by Nairobi’s clock, have no say here: their legs are void. Where much was paid by the result it takes a second trader.</p>
      <Act label="Void these bets" danger asks={asks} send={async (given, id) => (await ask(CancelBets, { id, ...of, ...between(given) })).cancelBets.message} />
    </Folded>
  );
}

function Stands({ of, window }: { of: Subject; window: Window }) {
  return (
    <div className="stands">
      <p><Between {...window} /> are void.</p>
      <Act label="Take it back" asks={{ reason: why(LEAST, MOST, 'Take it back: why') }} send={async (given, id) => (await ask(RollbackCancel, { id, ...of, ...window, ...given })).rollbackCancel.message} />
    </div>
  );
}

/** Which bets a window has. */
export function Between({ from, to }: Window) {
  return <>Bets placed from {from ? exactly(from) : 'the first on'} to {to ? exactly(to) : 'now and later'}</>;
}
