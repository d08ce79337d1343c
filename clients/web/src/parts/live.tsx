import { onlineManager, useQueryClient } from '@tanstack/react-query';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { Link, useLocation } from 'wouter';
import type { Changed } from '../api/following';
import { inPlace, into, newer } from '../api/newer';
import { bet, bets, isOpen, me, notes, payment, payments, unread, wallet } from '../api/queries';
import { useWords } from '../language';
import { signInFrom, useSession } from '../session';
import { Notice } from './states';

const A_MOMENT_MS = 100;
let asking = false;

/** Ask once for what messages change, a moment after the first of them: many may be read at once, each of which is told. */
function askSoon(client: QueryClient): void {
  if (asking) return;
  asking = true;
  setTimeout(() => {
    asking = false;
    // One may be about the account, of which nothing else is pushed.
    for (const { queryKey } of [unread, me]) void client.invalidateQueries({ queryKey });
  }, A_MOMENT_MS);
}

/** Begin anew what is being asked: that answer may have been made before a push, and lack what it brought. */
function askAgain(client: QueryClient, queryKey: QueryKey): void {
  if (!client.isFetching({ queryKey, exact: true })) return;
  void client.cancelQueries({ queryKey, exact: true }, { silent: true, revert: false });
  void client.invalidateQueries({ queryKey, exact: true });
}

/** Put what changed where it is read, and have asked for anew what follows from it. */
function take(client: QueryClient, changed: Changed): void {
  const { bet: newBet, wallet: newWallet, payment: newPayment, notification } = changed;
  if (newBet) {
    client.setQueryData(bet(newBet.id).queryKey, (had) => newer(had, newBet));
    // One that is open no more stays in the list of those, which leaves it out.
    for (const open of [true, false]) {
      const { queryKey } = bets(open);
      client.setQueryData(queryKey, (had) => (isOpen(newBet) === open ? into(had, newBet, 'placedAt') : inPlace(had, newBet)) as typeof had);
      askAgain(client, queryKey);
    }
  }
  if (newWallet) {
    client.setQueryData(wallet.queryKey, (had) => newer(had, newWallet));
    for (const part of ['quote', 'form', 'entries', 'activity']) void client.invalidateQueries({ queryKey: ['me', part] });
  }
  if (newPayment) {
    client.setQueryData(payment(newPayment.id).queryKey, (had) => newer(had, newPayment));
    client.setQueryData(payments.queryKey, (had) => into(had, newPayment, 'createdAt') as typeof had);
    askAgain(client, payments.queryKey);
  }
  if (notification) {
    client.setQueryData(notes.queryKey, (had) => into(had, notification, 'createdAt') as typeof had);
    askAgain(client, notes.queryKey);
    askSoon(client);
  }
}

/** Follow who is signed in, and say so while nothing can be heard, or when they are signed in no more. */
export function Live() {
  const { w } = useWords();
  const client = useQueryClient();
  const [path] = useLocation();
  const { userId, lapsed } = useSession();
  const [stands, setStands] = useState(true);
  const online = useSyncExternalStore((change) => onlineManager.subscribe(change), () => onlineManager.isOnline());
  useEffect(() => {
    if (!userId) return undefined;
    let over = false;
    let end: (() => void) | undefined;
    void import('../api/live').then(({ onPlayer }) => {
      if (over) return;
      end = onPlayer(userId, {
        show: (changed) => { take(client, changed); },
        reload: () => { void client.invalidateQueries({ queryKey: ['me'] }); },
        stands: setStands,
      });
    });
    return () => {
      over = true;
      end?.();
      setStands(true);
    };
  }, [userId, client]);
  if (!online) return <Notice kind="warn">{w.offline}</Notice>;
  if (lapsed && path !== '/sign-in') return <Notice kind="warn"><p>{w.signIn.lapsed} <Link href={signInFrom(path)}>{w.signIn.title}</Link></p></Notice>;
  return stands ? null : <Notice kind="warn">{w.reconnecting}</Notice>;
}
