import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useParams, useSearchParams } from 'wouter';
import { ask } from '../api/ask';
import { CancelBet, RepeatBet, ShareSlip } from '../api/generated';
import type { BetPartsFragment } from '../api/generated';
import { bet, bets, isOpen } from '../api/queries';
import { moment } from '../clock';
import { useWords } from '../language';
import { kes } from '../money';
import { Back } from '../parts/back';
import { Icon } from '../parts/icons';
import { MembersOnly } from '../parts/members_only';
import { usePassed } from '../parts/passed';
import { Empty, More, Notice, Refused, Shown } from '../parts/states';
import { systemInput, useSlip } from '../slip';
import type { Words } from '../words/en';

export default function Bets() {
  const { id } = useParams<{ id?: string }>();
  return <MembersOnly>{id ? <One id={id} /> : <All />}</MembersOnly>;
}

function All() {
  const { w } = useWords();
  const [open, setOpen] = useState(true);
  const asked = useInfiniteQuery(bets(open));
  const placed = Number(useSearchParams()[0].get('placed'));
  return (
    <>
      {placed > 1 && <Placed>{w.bets.placed(placed)}</Placed>}
      <h1>{w.bets.title}</h1>
      <div className="segments" role="group" aria-label={w.bets.title}>
        <button type="button" aria-pressed={open} onClick={() => { setOpen(true); }}>{w.bets.open}</button>
        <button type="button" aria-pressed={!open} onClick={() => { setOpen(false); }}>{w.bets.decided}</button>
      </div>
      <Shown of={asked}>
        {({ pages }) => {
          const shown = pages.flatMap(({ items }) => items).filter((one) => isOpen(one) === open);
          return (
            <>
              {shown.length ? <ul className="cards">{shown.map((one) => <Row key={one.id} of={one} />)}</ul> : !asked.hasNextPage
                && <Empty title={open ? w.bets.none : w.bets.noneDecided}><Link href="/" className="button">{w.tabs.games}</Link></Empty>}
              <More of={asked} empty={!shown.length} />
            </>
          );
        }}
      </Shown>
    </>
  );
}

function Placed({ children }: { children: string }) {
  return <p className="placed" role="status"><span className="placed-mark"><Icon name="check" /></span>{children}</p>;
}

function kindOf({ legs, system }: BetPartsFragment, w: Words): string {
  if (system) return w.bet.system(system.ks.join('/'), legs.length - system.bankers.length, system.bankers.length);
  return legs.length > 1 ? w.bet.multi(legs.length) : w.bet.single;
}

function outcomeOf(of: BetPartsFragment): { kind: string; name: 'WON' | 'LOST' | 'VOID' | BetPartsFragment['status'] } {
  const name = of.outcome ?? of.status;
  const kind = name === 'WON' ? 'good' : name === 'LOST' || name === 'REJECTED' ? 'bad' : 'info';
  return { kind, name };
}

function Outcome({ of }: { of: BetPartsFragment }) {
  const { w } = useWords();
  const { kind, name } = outcomeOf(of);
  return <span className={`tag ${kind}`}>{w.bet.status[name]}</span>;
}

function Result({ of: { result } }: { of: BetPartsFragment['legs'][number] }) {
  const { w } = useWords();
  if (!result) return null;
  return <span className={`tag ${result.endsWith('WON') ? 'good' : result === 'VOID' ? 'info' : 'bad'}`}>{w.bet.result[result]}</span>;
}

function Row({ of }: { of: BetPartsFragment }) {
  const { w, named } = useWords();
  const [first] = of.legs;
  const title = of.legs.length === 1 && first?.seen ? named(first.seen.selection) : kindOf(of, w);
  return (
    <li>
      <Link href={`/bets/${encodeURIComponent(of.id)}`} className="card">
        <span className="card-head"><strong>{title}</strong><Outcome of={of} /></span>
        {of.legs.slice(0, 3).map((leg) => leg.seen && (
          <span key={leg.selectionId} className="faint">
            {named(leg.seen.home)} – {named(leg.seen.away)}{of.legs.length > 1 && <>{` · ${named(leg.seen.selection)} `}<Result of={leg} /></>}
          </span>
        ))}
        <span className="card-sums">
          <span>{w.slip.stake} <b>{kes(of.stake)}</b></span>
          {of.payout ? <span>{w.bet.paid} <b>{kes(of.payout)}</b></span>
            : isOpen(of) && of.potentialPayout && <span>{w.slip.payout} <b>{kes(of.potentialPayout)}</b></span>}
        </span>
      </Link>
    </li>
  );
}

function One({ id }: { id: string }) {
  const asked = useQuery(bet(id));
  return <><Back to="/bets" /><Shown of={asked}>{(found) => <Whole of={found} />}</Shown></>;
}

function Whole({ of }: { of: BetPartsFragment }) {
  const { w, tongue, named } = useWords();
  const [asked] = useSearchParams();
  return (
    <>
      {asked.has('placed') && isOpen(of) && <Placed>{w.bet.placed}</Placed>}
      <div className="title-row"><h1>{kindOf(of, w)}</h1><Outcome of={of} /></div>
      {of.reason && <Notice kind="bad"><p>{of.message ? named(of.message) : w.refused}</p></Notice>}
      <ol className="legs">
        {of.legs.map((leg, position) => (
          <li key={leg.selectionId} className="leg">
            <div>
              <p className="leg-pick">{leg.seen ? named(leg.seen.selection) : leg.key}</p>
              {of.system?.bankers.includes(position) && <p><span className="tag">{w.slip.banker}</span></p>}
              {leg.seen && <><p className="faint">{named(leg.seen.market)}</p><p>{named(leg.seen.home)} – {named(leg.seen.away)}</p><p className="faint">{moment(leg.seen.startsAt, tongue)}</p></>}
            </div>
            <div className="leg-end"><strong className="leg-odds">{leg.odds}</strong><Result of={leg} /></div>
          </li>
        ))}
      </ol>
      <Sums of={of} />
      <Acts of={of} />
    </>
  );
}

function Sums({ of }: { of: BetPartsFragment }) {
  const { w, tongue } = useWords();
  return (
    <dl className="sums">
      {!of.system && of.totalOdds && <div><dt>{w.slip.totalOdds}</dt><dd>{of.totalOdds}</dd></div>}
      {of.lines > 1 && <div><dt>{w.slip.lines(of.lines)}</dt><dd>{kes(of.stakePerLine)}</dd></div>}
      <div><dt>{w.slip.totalStake}</dt><dd>{kes(of.stake)}</dd></div>
      {of.bonus && of.bonus.percent > 0 && <div><dt>{w.slip.bonus(of.bonus.percent)}</dt><dd>{kes(of.bonus.amount)}</dd></div>}
      {of.payout ? <div className="main"><dt>{w.bet.paid}</dt><dd>{kes(of.payout)}</dd></div>
        : isOpen(of) && of.potentialPayout && <div className="main"><dt>{w.slip.payout}</dt><dd>{kes(of.potentialPayout)}</dd></div>}
      <div><dt>{w.bet.placedAt}</dt><dd>{moment(of.placedAt, tongue)}</dd></div>
      {of.receipt && <div className="receipt"><dt>{w.bet.receipt}</dt><dd><code>{of.receipt}</code></dd></div>}
    </dl>
  );
}

/** The code of a slip that is shared, and its address to send to somebody. */
function Shared({ code }: { code: string }) {
  const { w } = useWords();
  const copying = useMutation({ mutationFn: () => navigator.clipboard.writeText(`${window.location.origin}/slip/${code}`) });
  return (
    <Notice kind="good">
      <p>{w.bet.code}</p>
      <p className="booking">{code}</p>
      <button type="button" className="button small" onClick={() => { copying.mutate(); }}>{copying.isSuccess ? w.bet.copied : w.bet.copy}</button>
    </Notice>
  );
}

function Acts({ of }: { of: BetPartsFragment }) {
  const { w } = useWords();
  const client = useQueryClient();
  const [, go] = useLocation();
  const load = useSlip((slip) => slip.load);
  const repeating = useMutation({ mutationFn: async () => (await ask(RepeatBet, { id: of.id })).repeatBet, onSuccess: (shared) => { load(shared); go('/slip'); } });
  const selections = of.legs.map(({ marketId, selectionId, odds }) => ({ marketId, selectionId, odds }));
  const sharing = useMutation({ mutationFn: async () => (await ask(ShareSlip, { selections, system: of.system && systemInput(of.system) })).shareSlip });
  const cancelling = useMutation({
    mutationFn: () => ask(CancelBet, { id: of.id }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me'] }),
  });
  const tooLate = usePassed(of.cancellableUntil);
  const error = repeating.error ?? sharing.error ?? cancelling.error;
  return (
    <>
      {error && <Refused error={error} />}
      {sharing.data?.code && <Shared code={sharing.data.code} />}
      <div className="row">
        <button type="button" className="button quiet" onClick={() => { repeating.mutate(); }}>{w.bet.repeat}</button>
        <button type="button" className="button quiet" onClick={() => { sharing.mutate(); }}>{w.bet.share}</button>
      </div>
      {!tooLate && (
        <button type="button" className="button wide danger" disabled={cancelling.isPending} onClick={() => { if (window.confirm(w.bet.cancelSure)) cancelling.mutate(); }}>{w.bet.cancel}</button>
      )}
    </>
  );
}
