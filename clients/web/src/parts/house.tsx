import { useQuery } from '@tanstack/react-query';
import { start } from '../api/queries';
import { useWords } from '../language';
import { Notice } from './states';

/** What the house says to everybody: that it is being mended, or takes no bets. */
export function House() {
  const { named } = useWords();
  const { data } = useQuery(start);
  const said = data?.maintenance ?? data?.betting.message;
  return said ? <Notice kind="warn">{named(said)}</Notice> : null;
}

/** Whom to call or write to, where the house says so. */
export function Help() {
  const { w } = useWords();
  const { data } = useQuery(start);
  const { supportNumber: number, supportEmail: address } = data ?? {};
  if (!number && !address) return null;
  return (
    <p className="fine-print">
      {w.account.help}: {number && <a href={`tel:${number}`}>{w.account.call(number)}</a>}{number && address && ' · '}{address && <a href={`mailto:${address}`}>{w.account.write(address)}</a>}
    </p>
  );
}
