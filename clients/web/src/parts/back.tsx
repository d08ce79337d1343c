import type { MouseEvent } from 'react';
import { Link } from 'wouter';
import { useWords } from '../language';
import { Icon } from './icons';

interface History { navigation?: { canGoBack: boolean } }

/** The way to the page above; `whence`: to where one came from in the app, as it was, where the browser knows that. */
export function Back({ to, whence = false }: { to: string; whence?: boolean }) {
  const { w } = useWords();
  const goBack = (event: MouseEvent): void => {
    if (!whence || !(window as History).navigation?.canGoBack) return;
    event.preventDefault();
    window.history.back();
  };
  return <Link href={to} className="back" onClick={goBack}><Icon name="back" />{w.back}</Link>;
}
