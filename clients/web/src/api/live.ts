// What is pushed. Loaded for who is signed in: a guest's prices move with the next look.
import { CONNECTION_STATE_CHANGE, ConnectionState, generateClient } from 'aws-amplify/api';
import { Hub } from 'aws-amplify/utils';
import { idToken } from './auth';
import { follow } from './following';
import type { Changed } from './following';
import { MarketUpdated, PlayerUpdate } from './generated';
import type { MarketPartsFragment, Question } from './generated';

interface Delivery<Answer> { data: Answer }
interface Pushed<Answer> {
  subscribe: (hear: { next: (delivery: Delivery<Answer>) => void; error: (error: unknown) => void }) => { unsubscribe: () => void };
}

// A connection has no other headers than its client's: those of Amplify.configure are for queries alone.
const client = generateClient({ headers: async () => ({ Authorization: await idToken() }) });

function subscribe<Answer, Variables>(
  question: Question<Answer, Variables>, variables: Variables, next: (answer: Answer) => void,
): () => void {
  const pushed = client.graphql({ query: question, variables } as never) as Pushed<Answer>;
  const heard = pushed.subscribe({
    next: ({ data }) => { next(data); },
    // aws-amplify connects again by itself; what was missed meanwhile is asked for then.
    error: (error) => { console.warn('a subscription ended', error); },
  });
  return () => { heard.unsubscribe(); };
}

/** Follow a player: `show` what changes, and what was missed; `reload` all that is shown; hear whether the connection stands. */
export function onPlayer(
  userId: string, { show, reload, stands }: { show: (changed: Changed) => void; reload: () => void; stands: (now: boolean) => void },
): () => void {
  const follower = follow(show, reload);
  const variables = { userId };
  const unheard = Hub.listen('api', ({ payload: { event, data } }) => {
    if (event === CONNECTION_STATE_CHANGE && (data as { connectionState: ConnectionState }).connectionState === ConnectionState.ConnectionDisrupted) stands(false);
    // Of this very subscription: the connection stands a moment before it, and what is pushed meanwhile would be missed.
    if (event === 'Subscription ack' && (data as { variables: unknown }).variables === variables) {
      stands(true);
      follower.stands();
    }
  });
  const silent = subscribe(PlayerUpdate, variables, ({ onPlayerUpdate }) => { if (onPlayerUpdate) follower.hear(onPlayerUpdate); });
  return () => {
    follower.end();
    unheard();
    silent();
  };
}

export function onMarket(fixtureId: string, next: (market: MarketPartsFragment) => void): () => void {
  return subscribe(MarketUpdated, { fixtureId }, ({ onMarketUpdated }) => { if (onMarketUpdated) next(onMarketUpdated); });
}
