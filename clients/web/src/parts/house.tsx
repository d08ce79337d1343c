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

/** What players accept, to read in a tab of its own, where the house says where it is. */
export function Texts() {
  const { w } = useWords();
  const { data } = useQuery(start);
  const { termsUrl, privacyUrl } = data ?? {};
  if (!termsUrl && !privacyUrl) return null;
  const link = (to: string, text: string) => <a href={to} target="_blank" rel="noreferrer">{text}</a>;
  return <p>{w.terms.read}: {termsUrl && link(termsUrl, w.terms.terms)}{termsUrl && privacyUrl && ' · '}{privacyUrl && link(privacyUrl, w.terms.privacy)}</p>;
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
