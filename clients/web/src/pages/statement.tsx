import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { ask } from '../api/ask';
import { Statement as AskStatement } from '../api/generated';
import { activity, entries } from '../api/queries';
import { date, longDay, moment } from '../clock';
import { useWords } from '../language';
import { grouped, kes } from '../money';
import { Back } from '../parts/back';
import { To, subjectOf } from '../parts/subject';
import { Empty, More, Refused, Shown } from '../parts/states';

export default function Statement() {
  const { w } = useWords();
  return (
    <>
      <Back to="/account" />
      <div className="title-row"><h1>{w.statement.title}</h1><Download /></div>
      <Sums />
      <Entries />
    </>
  );
}

/** What happened in the last thirty days. */
function Sums() {
  const { w, tongue } = useWords();
  const { data } = useQuery(activity(date(-30), date()));
  const months = data ?? [];
  if (!months.length) return null;
  return months.map((month) => (
    <section key={month.from} className="card still">
      <h2>{w.statement.since(longDay(`${month.from}T12:00:00Z`, tongue))}</h2>
      <dl className="sums">
        <div><dt>{w.statement.staked(month.bets)}</dt><dd>{kes(month.staked)}</dd></div>
        <div><dt>{w.statement.won}</dt><dd>{kes(month.won)}</dd></div>
        <div className="main"><dt>{w.statement.net}</dt><dd>{kes(month.net)}</dd></div>
        <div><dt>{w.statement.deposited}</dt><dd>{kes(month.deposited)}</dd></div>
        <div><dt>{w.statement.withdrawn}</dt><dd>{kes(month.withdrawn)}</dd></div>
        <div><dt>{w.statement.taxes}</dt><dd>{kes(month.taxes)}</dd></div>
        <div><dt>{w.statement.time}</dt><dd>{w.minutes(month.minutes)}</dd></div>
      </dl>
    </section>
  ));
}

function Entries() {
  const { w, tongue } = useWords();
  const asked = useInfiniteQuery(entries);
  return (
    <Shown of={asked}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (!all.length) return <Empty title={w.statement.none} />;
        return (
          <>
            <ul className="menu">
              {all.map((one) => (
                <li key={one.id}><To at={subjectOf(one)} className="line">
                  <span><b>{one.kind === 'HOLD' && one.betId ? w.slip.stake : w.statement.kind[one.kind]}</b><small>{moment(one.at, tongue)}</small></span>
                  <span className="end">
                    <b className={one.available.amount.startsWith('-') ? '' : 'in'}>{one.available.amount.startsWith('-') ? '' : '+'}{grouped(one.available.amount)}</b>
                    {one.availableAfter && <small>{w.statement.after(grouped(one.availableAfter.amount))}</small>}
                  </span>
                </To></li>
              ))}
            </ul>
            <More of={asked} />
          </>
        );
      }}
    </Shown>
  );
}

/** The last ninety days as a file. */
function Download() {
  const { w } = useWords();
  const getting = useMutation({
    mutationFn: async () => (await ask(AskStatement, { from: date(-90), to: date() })).walletStatement,
    onSuccess: (csv) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
      link.download = `betsafi-${date()}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  return (
    <>
      <button type="button" className="link" disabled={getting.isPending} onClick={() => { getting.mutate(); }}>{w.statement.download}</button>
      {getting.error && <Refused error={getting.error} />}
    </>
  );
}
