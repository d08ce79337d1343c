// A player's updates without a gap, by the rules of frontend-api's README.
import { ask } from './ask';
import { Changes } from './generated';
import type { ChangesQuery, PlayerUpdateSubscription } from './generated';
import { refusalOf } from './refusal';

type Update = NonNullable<PlayerUpdateSubscription['onPlayerUpdate']>;
type Part = 'bet' | 'wallet' | 'payment' | 'notification';
/** What changed; of each thing that is here the one with the higher version is to be shown. */
export type Changed = { [Name in Part]?: Update[Name] };
interface Place { sequence: number; cursor: string }

const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 8000;

interface Follower {
  /** The subscription stands, for the first time or once more. */
  stands: () => void;
  hear: (update: Update) => void;
  end: () => void;
}

function each({ bets, wallet, payments, notifications }: ChangesQuery['changesSince']): Changed[] {
  return [
    ...bets.map((bet) => ({ bet })), ...payments.map((payment) => ({ payment })),
    ...notifications.map((notification) => ({ notification })), ...(wallet ? [{ wallet }] : []),
  ];
}

/** Have `show` called with all that changes, each thing that was missed too, and `reload` where everything is to be asked for anew. */
export function follow(show: (changed: Changed) => void, reload: () => void): Follower {
  let place: Place | undefined;
  let over = false;
  // What comes while something is asked for waits for the answer: one thing after the other.
  let last = Promise.resolve();
  const then = (act: () => Promise<void> | void): void => {
    last = last.then(() => (over ? undefined : act())).catch((error: unknown) => { console.warn('an update was not shown', error); });
  };

  async function begin(): Promise<void> {
    const { sequence, cursor } = (await ask(Changes, { cursor: null })).changesSince;
    if (over) return;
    place = { sequence, cursor };
    reload();
  }

  async function goOn({ cursor }: Place): Promise<boolean> {
    const found = (await ask(Changes, { cursor })).changesSince;
    if (over) return false; // who signed out meanwhile is shown nothing more
    each(found).forEach(show);
    place = { sequence: found.sequence, cursor: found.cursor };
    return found.more;
  }

  async function catchUp(): Promise<void> {
    // Until the answer that is the last. One with errors is none: it is asked for again, ever more rarely.
    for (let wait = SHORTEST_WAIT_MS, more = true; more && !over;) {
      try {
        more = place ? await goOn(place) : await begin().then(() => false);
        wait = SHORTEST_WAIT_MS;
      } catch (error) {
        const { code, details } = refusalOf(error);
        if (code === 'SIGNED_OUT' || code === 'UnauthorizedException') return;
        if (code === 'INVALID_CURSOR') place = undefined;
        if (code === 'CURSOR_EXPIRED' && place && typeof details.cursor === 'string') {
          place = { ...place, cursor: details.cursor };
          reload();
          continue;
        }
        await new Promise((resolve) => { setTimeout(resolve, wait); });
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      }
    }
  }

  return {
    stands: () => { then(catchUp); },
    hear: (update) => {
      then(() => {
        if (!place || update.sequence > place.sequence + 1) return catchUp();
        if (update.sequence === place.sequence + 1) {
          show(update);
          place = { sequence: update.sequence, cursor: update.cursor };
        }
        return undefined;
      });
    },
    end: () => { over = true; },
  };
}
