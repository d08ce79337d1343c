import { useSearchParams } from 'wouter';
import { RefuseBetDecision, RepriceBet, SetPayoutFactor, VoidBet } from './api/generated';
import { ask } from './ask';
import { Act, line, why } from './form';

const WHY = why(5, 500);
export const ODDS = { type: 'decimal', mistake: 'Odds like 2.05, from 1.01 to 1000.', rules: { required: true, pattern: /^\s*\d{1,4}(\.\d{1,3})?\s*$/ } } as const;

/** One bet, and one player's payouts, as traders decide them. Support hands over an address with both ids in it. */
export default function Bets() {
  const [given] = useSearchParams();
  const userId = line('The player’s id', { first: given.get('player') ?? '', hint: 'Support sees it, with the bets.' });
  const betId = line('The bet’s id', { first: given.get('bet') ?? '' });
  return (
    <>
      <h1>One bet</h1>
      <p className="faint">Always two traders, each sending the same: what waits for the second one stands in Proposals.</p>
      <div className="desk-columns">
        <section className="card still"><h2>Void it</h2>
          <p>The stake comes back, whatever becomes of its legs; a settled bet too.</p>
          <Act label="Void the bet" danger asks={{ userId, betId, reason: WHY }} send={async (typed, id) => (await ask(VoidBet, { id, ...typed })).voidBet.message} />
        </section>
        <section className="card still"><h2>Let a leg count at other odds</h2>
          <Act label="Change the leg’s odds" asks={{ userId, betId, marketId: line('The leg’s market', { first: given.get('market') ?? '', hint: 'Its id, as the game’s page has it.' }), odds: line('Odds that it counts at', ODDS), reason: WHY }}
            send={async ({ odds, ...typed }, id) => (await ask(RepriceBet, { id, ...typed, odds: odds.trim() })).repriceBet.message} />
        </section>
        <section className="card still"><h2>End what was proposed</h2>
          <Act label="End the proposal" asks={{ betId, reason: WHY }} send={async (typed, id) => {
            await ask(RefuseBetDecision, { id, ...typed });
            return 'The proposal has ended; nothing was changed.';
          }} />
        </section>
        <section className="card still"><h2>A player’s payouts</h2>
          <p>What the player is paid at most, on a bet and for a day, shrinks to so many per cent. One trader decides; bets that are placed stay as they are.</p>
          <Act label="Set the share" danger asks={{ userId, percent: line('Per cent, 1 to 100', { type: 'numeric', hint: '100: it does not shrink.', mistake: 'A whole number from 1 to 100.', rules: { required: true, pattern: /^([1-9]\d?|100)$/ } }), reason: why(3, 100) }}
            send={async ({ percent, ...typed }, id) => `It is ${String((await ask(SetPayoutFactor, { id, ...typed, percent: Number.parseInt(percent, 10) })).setPayoutFactor)} per cent.`} />
        </section>
      </div>
    </>
  );
}
