import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { Link, useLocation } from 'wouter';
import { ask } from '../api/ask';
import { Appeal } from '../api/generated';
import type { UserPartsFragment } from '../api/generated';
import { me, unread, wallet } from '../api/queries';
import { longDay } from '../clock';
import { useWords } from '../language';
import { kes } from '../money';
import { AcceptTerms } from '../parts/accept_terms';
import { Field } from '../parts/field';
import { Help } from '../parts/house';
import { Icon } from '../parts/icons';
import { Notice, Refused, Shown } from '../parts/states';
import { useSession } from '../session';

export function Account() {
  const { w } = useWords();
  const { data: user, error } = useQuery(me);
  const phone = useSession((session) => session.phone);
  const { data: count = 0 } = useQuery(unread);
  const links = [
    [{ href: '/account/payments', label: w.payments.title }, { href: '/account/statement', label: w.statement.title }, { href: '/account/inbox', label: w.inbox.title, count }],
    [{ href: '/account/protection', label: w.protection.title }, { href: '/account/identity', label: w.identity.title }, { href: '/account/devices', label: w.devices.title }],
    [{ href: '/account/contact', label: w.contact.title }, { href: '/account/settings', label: w.settings.title }, { href: '/account/terms', label: w.terms.title }],
  ];
  return (
    <>
      <h1>{user?.displayName ?? user?.phoneNumber ?? phone}</h1>
      {user?.displayName && <p className="faint">{user.phoneNumber}</p>}
      {user ? <Stopped user={user} /> : error && <Refused error={error} />}
      <AcceptTerms />
      <Money />
      {links.map((group) => (
        <ul key={group[0]?.href} className="menu">
          {group.map(({ href, label, ...more }) => (
            <li key={href}><Link href={href}><span>{label}</span>{'count' in more && more.count ? <span className="count">{more.count}</span> : null}<Icon name="next" /></Link></li>
          ))}
        </ul>
      ))}
      <SignOut />
      <Help />
    </>
  );
}

function Money() {
  const { w } = useWords();
  const asked = useQuery(wallet);
  return (
    <section className="purse">
      <Shown of={asked}>
        {({ available, held, owed }) => (
          <>
            <p className="purse-label">{w.balance}</p>
            <p className="purse-sum">{kes(available)}</p>
            {held.amount !== '0.00' && <p>{w.account.held(kes(held))}</p>}
            {owed.amount !== '0.00' && <p>{w.account.owed(kes(owed))}</p>}
          </>
        )}
      </Shown>
      <div className="row">
        <Link href="/account/deposit" className="button">{w.deposit.title}</Link>
        <Link href="/account/withdraw" className="button quiet">{w.withdraw.title}</Link>
      </div>
    </section>
  );
}

/** Why we stopped the account, until when we decide, and what the player says to it. */
function Stopped({ user }: { user: UserPartsFragment }) {
  const { w, tongue } = useWords();
  const { register, handleSubmit, formState: { errors } } = useForm<{ text: string }>();
  const client = useQueryClient();
  const appealing = useMutation({ mutationFn: (given: { text: string }) => ask(Appeal, given), onSuccess: () => client.invalidateQueries({ queryKey: me.queryKey }) });
  const { stop } = user;
  if (!stop) return null;
  return (
    <Notice kind="bad">
      <h2>{w.account.stopped}</h2>
      <p>{stop.sentence}</p>
      <p>{stop.money}</p>
      <p>{w.account.deadline(longDay(stop.deadline, tongue))}</p>
      {stop.appeal && <p>{w.account.said}: “{stop.appeal.text}”{stop.appeal.answer && <> – {stop.appeal.answer}</>}</p>}
      {!stop.appeal && (
        <form noValidate onSubmit={(event) => { void handleSubmit((given) => { appealing.mutate(given); })(event); }}>
          <Field label={w.account.appeal} mistake={errors.text && w.account.appealWrong}>
            <textarea rows={3} {...register('text', { minLength: 10, maxLength: 1000, required: true })} />
          </Field>
          {appealing.error && <Refused error={appealing.error} />}
          <button className="button small" disabled={appealing.isPending}>{w.account.sendAppeal}</button>
        </form>
      )}
    </Notice>
  );
}

function SignOut() {
  const { w } = useWords();
  const [, go] = useLocation();
  const leaving = useMutation({
    mutationFn: async () => {
      const { leave } = await import('../api/auth');
      go('/'); // First: a page of somebody's own would ask who just left to sign in.
      await leave();
    },
  });
  return <button type="button" className="button wide quiet" onClick={() => { leaving.mutate(); }}>{w.signOut}</button>;
}
