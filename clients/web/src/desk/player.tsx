import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { kes } from '../money';
import { Back } from '../parts/back';
import { Empty, More, Notice } from '../parts/states';
import type { LimitName, PlayerBetsQuery, ProfileFragment } from './api/generated';
import { Acts } from './acts';
import type { Person } from './auth';
import { Folded, Shown, Tag, at, words } from './parts';
import { Decisions, PaymentFacts } from './payment';
import { Adjust, Appeal, Bonus, Close, Erase, Intervene, Note, Reinstate, Stop, Tags, Unlock, Unmask } from './player_acts';
import { Export, Statement } from './player_files';
import { care, interventions, messages, money, notes, playerActs, playerBets, playerEntries, playerPayments, profile, protection } from './queries';
import { Who } from './staff';

/** Everything that staff see of a player, part by part, and what they may do. */
export default function Player({ who }: { who: Person }) {
  const id = decodeURIComponent(useParams<{ id: string }>().id);
  const asked = useQuery(profile(id));
  const admin = who.groups.includes('admin');
  return (
    <>
      <Back to="/desk/players" />
      <Shown of={asked}>
        {(of) => (
          <>
            <Head of={of} />
            <div className="desk-folds">
              <Folded title="Stop the account"><Stop userId={id} /></Folded>
              {of.stops.some(({ endedAt }) => !endedAt) && <Folded title="End the stop"><Reinstate userId={id} /></Folded>}
              {of.stops.some(({ endedAt, appeal }) => !endedAt && appeal && !appeal.outcome) && <Folded title="Answer the appeal"><Appeal userId={id} /></Folded>}
              <Folded title="Look at what is masked"><Unmask userId={id} /></Folded>
              <Folded title="Let them sign in again"><Unlock userId={id} /></Folded>
              <Folded title="Write down what was done against harm"><Intervene userId={id} /></Folded>
              <Folded title="Set the tags"><Tags userId={id} tags={of.tags} /></Folded>
              {admin && (
                <>
                  <Folded title="Correct the balance"><Adjust userId={id} /></Folded>
                  <Folded title="Give a bonus"><Bonus userId={id} /></Folded>
                  <Folded title="Close the wallet"><Close userId={id} /></Folded>
                  <Folded title="Get all that is kept of them"><Export userId={id} /></Folded>
                  <Folded title="Erase the player"><Erase userId={id} /></Folded>
                </>
              )}
            </div>
            <div className="desk-columns">
              <div><Money id={id} /><Bets id={id} /></div>
              <div><Payments id={id} who={who} /><Care id={id} /><Limits id={id} /><Notes id={id} /></div>
            </div>
            <Folded title="Messages to them"><Messages id={id} /></Folded>
            <Folded title="The statement"><Entries id={id} /><Statement userId={id} /></Folded>
            <section><h2>What staff did</h2><OfStaff id={id} /></section>
          </>
        )}
      </Shown>
    </>
  );
}

function Head({ of }: { of: ProfileFragment }) {
  return (
    <>
      <h1>{of.displayName ?? of.phoneNumber ?? 'An erased player'}</h1>
      <p className="desk-facts">
        <Tag of={of.status} /> {of.displayName && <span>{of.phoneNumber}</span>} {of.birthdate && <span>born {of.birthdate}</span>}
        <span>writes {of.language === 'SW' ? 'Kiswahili' : 'English'}</span> <span>since {at(of.registeredAt)}</span> {of.tags.map((tag) => <span key={tag} className="tag">{tag}</span>)} <code>{of.id}</code>
      </p>
      {of.stops.map((stop) => (
        <Notice key={stop.version} kind={stop.endedAt ? 'info' : 'warn'}>
          <p><b>{stop.endedAt ? 'Was stopped' : 'Stopped'}: {words(stop.code)}</b>, {at(stop.since)}{stop.endedAt && ` to ${at(stop.endedAt)}`}. {stop.moneyHeld && 'The money is held. '}{!stop.endedAt && `To be decided by ${stop.deadline}. `}By <Who id={stop.stoppedBy} />.</p>
          {stop.appeal && <p>They said: “{stop.appeal.text}”{stop.appeal.answer && ` – ${stop.appeal.answer}`}{stop.answeredBy && <> By <Who id={stop.answeredBy} />.</>}</p>}
        </Notice>
      ))}
    </>
  );
}

function Money({ id }: { id: string }) {
  return (
    <section className="card still"><h2>Wallet</h2>
      <Shown of={useQuery(money(id))}>
        {(wallet) => (wallet
          ? <dl className="sums"><div><dt>Available</dt><dd>{kes(wallet.available)}</dd></div><div><dt>Held</dt><dd>{kes(wallet.held)}</dd></div><div><dt>Owed</dt><dd>{kes(wallet.owed)}</dd></div><div><dt>Status</dt><dd>{words(wallet.status)}</dd></div></dl>
          : <p>It is not open yet.</p>)}
      </Shown>
    </section>
  );
}

type Bet = PlayerBetsQuery['player']['bets']['items'][number];

function Bets({ id }: { id: string }) {
  const asked = useInfiniteQuery(playerBets(id));
  return (
    <section className="card still"><h2>Bets</h2>
      <Shown of={asked}>
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          return all.length ? <><ul className="menu">{all.map((each) => <OneBet key={each.id} of={each} userId={id} />)}</ul><More of={asked} /></> : <Empty title="No bets yet" />;
        }}
      </Shown>
    </section>
  );
}

function OneBet({ of, userId }: { of: Bet; userId: string }) {
  return (
    <li className="line">
      <span>
        <b>{kes(of.stake)}</b> {at(of.placedAt)}
        {of.legs.map(({ marketId, key, odds, result, seen }) => (
          <small key={marketId}>{seen ? `${seen.home.en} – ${seen.away.en}: ${seen.market.en}, ${seen.selection.en}` : key} at {odds}{result && ` · ${words(result)}`}</small>
        ))}
        <small><code>{of.id}</code> · <Link href={`/desk/bets?${new URLSearchParams({ player: userId, bet: of.id, market: of.legs[0]?.marketId ?? '' }).toString()}`}>For a trader</Link></small>
      </span>
      <span className="end"><Tag of={of.outcome ?? of.status} />{of.payout ? <b>{kes(of.payout)}</b> : of.potentialPayout && <small>up to {kes(of.potentialPayout)}</small>}</span>
    </li>
  );
}

function Payments({ id, who }: { id: string; who: Person }) {
  const asked = useInfiniteQuery(playerPayments(id));
  return (
    <section className="card still"><h2>Payments</h2>
      <Shown of={asked}>
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          return all.length ? <><ul className="cards">{all.map((each) => <li key={each.id} className="card still"><PaymentFacts of={each} linked={false} /><Decisions of={each} who={who} /></li>)}</ul><More of={asked} /></> : <Empty title="No payments yet" />;
        }}
      </Shown>
    </section>
  );
}

function Care({ id }: { id: string }) {
  return (
    <section className="card still"><h2>Identity, harm and devices</h2>
      <Shown of={useQuery(care(id))}>
        {({ identity, harm, devices }) => (
          <dl className="sums">
            <div><dt>Identity</dt><dd>{words(identity.state)}{identity.reasons.map((reason) => ` · ${words(reason)}`)}</dd></div>
            <div><dt>Marks of harm</dt><dd>{harm.score} of {harm.threshold}{harm.lookedAt && `, looked at ${at(harm.lookedAt)}`}</dd></div>
            {harm.marks.map(({ mark, times, weight }) => <div key={mark}><dt>{words(mark)}</dt><dd>{times}, each counts {weight}</dd></div>)}
            {devices.map(({ id: device, name, lastSeenAt, signedOutAt }) => <div key={device}><dt>{name}</dt><dd>{signedOutAt ? 'signed out' : at(lastSeenAt)}</dd></div>)}
          </dl>
        )}
      </Shown>
      <Interventions id={id} />
    </section>
  );
}

function Interventions({ id }: { id: string }) {
  const asked = useInfiniteQuery(interventions(id));
  return (
    <Shown of={asked}>
      {({ pages }) => (
        <>
          <ul>{pages.flatMap(({ items }) => items).map(({ id: one, kind, by, why, outcome, staffId, at: when }) => <li key={one} className="faint">{at(when)}, {staffId ? <Who id={staffId} /> : words(by)}: {words(kind)}. {why} {outcome}</li>)}</ul>
          <More of={asked} />
        </>
      )}
    </Shown>
  );
}

const LIMITED: Readonly<Record<string, string>> = { STAKE: 'Stakes', LOSS: 'Losses', DEPOSIT: 'Deposits' };
/** STAKE_DAY is Stakes of a day. */
const limited = (name: LimitName): string => name.split('_').map((part) => LIMITED[part] ?? part.toLowerCase()).join(' of a ');

/** What the player chose against harm, and what stops them by it. */
function Limits({ id }: { id: string }) {
  return (
    <section className="card still"><h2>Limits and time-outs</h2>
      <Shown of={useQuery(protection(id))}>
        {({ limits, asked, stop }) => (
          <>
            {stop && <Notice kind="warn"><p><b>{words(stop.kind)}</b> since {at(stop.since)}{stop.until && `, until ${at(stop.until)}`}{stop.ends && `; it ends ${at(stop.ends)}`}.</p></Notice>}
            {limits.length
              ? <dl className="sums">{limits.map(({ name, amount, left }) => <div key={name}><dt>{limited(name)}</dt><dd>{kes(amount)}{left && `, ${kes(left)} left`}</dd></div>)}</dl>
              : <p>No limits are set.</p>}
            {asked.map(({ name, amount, from, until }) => <p key={name}>Asked for: {limited(name)} {amount ? kes(amount) : 'without a limit'}, to be confirmed from {at(from)} to {at(until)}.</p>)}
          </>
        )}
      </Shown>
    </section>
  );
}

function Messages({ id }: { id: string }) {
  const asked = useInfiniteQuery(messages(id));
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (!all.length) return <Empty title="No messages yet" />;
        return <><ul className="menu">{all.map(({ id: one, title, text, status, createdAt }) => <li key={one} className="line"><span><b>{title}</b><small>{text}</small><small>{at(createdAt)}</small></span><span className="end"><Tag of={status} /></span></li>)}</ul><More of={asked} /></>;
      }}
    </Shown>
  );
}

function Notes({ id }: { id: string }) {
  const asked = useInfiniteQuery(notes(id));
  return (
    <section className="card still"><h2>Notes</h2>
      <Shown of={asked}>
        {({ pages }) => <><ul className="cards">{pages.flatMap(({ items }) => items).map(({ id: one, text, staffId, at: when }) => <li key={one}>{text} <small className="faint">{at(when)}, <Who id={staffId} /></small></li>)}</ul><More of={asked} /></>}
      </Shown>
      <Note userId={id} />
    </section>
  );
}

function OfStaff({ id }: { id: string }) {
  const asked = useInfiniteQuery(playerActs(id));
  return <Shown of={asked}>{({ pages }) => <><Acts of={pages.flatMap(({ items }) => items)} /><More of={asked} /></>}</Shown>;
}

/** The entries of the wallet. */
function Entries({ id }: { id: string }) {
  const asked = useInfiniteQuery(playerEntries(id));
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (!all.length) return <Empty title="No entries yet" />;
        return (
          <>
            <ul className="menu">{all.map((each) => (
              <li key={each.id} className="line">
                <span><b>{words(each.kind)}</b><small>{at(each.at)}</small><small><code>{each.reference}</code></small></span>
                <span className="end"><b>{kes(each.available)}</b><small>held {kes(each.held)}</small><small>owed {kes(each.owed)}</small>{each.availableAfter && <small>then {kes(each.availableAfter)} available</small>}</span>
              </li>
            ))}</ul>
            <More of={asked} />
          </>
        );
      }}
    </Shown>
  );
}
