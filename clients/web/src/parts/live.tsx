import { useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { onlineManager } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Update } from '../api/live';
import { into, newer } from '../api/newer';
import { bet, bets, notes, payment, payments, unread, wallet } from '../api/queries';
import { useWords } from '../language';
import { useSession } from '../session';
import { Notice } from './states';

/** Put what was pushed where it is read. */
function take(client: QueryClient, update: Update): void {
  const { bet: newBet, wallet: newWallet, payment: newPayment, notification } = update;
  if (newBet) {
    client.setQueryData(bet(newBet.id).queryKey, (had) => newer(had, newBet));
    client.setQueryData(bets.queryKey, (had) => into(had, newBet) as typeof had);
  }
  if (newWallet) client.setQueryData(wallet.queryKey, (had) => newer(had, newWallet));
  if (newPayment) {
    client.setQueryData(payment(newPayment.id).queryKey, (had) => newer(had, newPayment));
    client.setQueryData(payments.queryKey, (had) => into(had, newPayment) as typeof had);
  }
  if (notification) {
    client.setQueryData(notes.queryKey, (had) => into(had, notification) as typeof had);
    void client.invalidateQueries({ queryKey: unread.queryKey });
  }
}

/** Follow who is signed in, and say so while nothing can be heard. */
export function Live() {
  const { w } = useWords();
  const client = useQueryClient();
  const userId = useSession((session) => session.userId);
  const [stands, setStands] = useState(true);
  const online = useSyncExternalStore((change) => onlineManager.subscribe(change), () => onlineManager.isOnline());
  useEffect(() => {
    if (!userId) return undefined;
    let over = false;
    const ends: (() => void)[] = [];
    void import('../api/live').then(({ onPlayer, onConnection }) => {
      if (over) return;
      ends.push(onPlayer(userId, (update) => { take(client, update); }));
      ends.push(onConnection((now) => {
        setStands(now);
        // What was pushed while nobody listened is not pushed again.
        if (now) void client.invalidateQueries({ queryKey: ['me'] });
      }));
    });
    return () => {
      over = true;
      ends.forEach((end) => { end(); });
      setStands(true);
    };
  }, [userId, client]);
  if (!online) return <Notice kind="warn">{w.offline}</Notice>;
  return stands ? null : <Notice kind="warn">{w.reconnecting}</Notice>;
}
