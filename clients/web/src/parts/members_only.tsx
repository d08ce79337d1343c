import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useWords } from '../language';
import { signInFrom, useSession } from '../session';
import { Empty } from './states';

export function MembersOnly({ children }: { children: ReactNode }) {
  const { w } = useWords();
  const [path] = useLocation();
  const userId = useSession((session) => session.userId);
  if (userId) return children;
  return (
    <Empty title={w.signIn.first}>
      <Link href={signInFrom(path)} className="button">{w.signIn.title}</Link>
      <Link href="/account/settings">{w.settings.language}: English · Kiswahili</Link>
    </Empty>
  );
}
