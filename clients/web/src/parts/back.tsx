import { Link } from 'wouter';
import { useWords } from '../language';
import { Icon } from './icons';

export function Back({ to }: { to: string }) {
  const { w } = useWords();
  return <Link href={to} className="back"><Icon name="back" />{w.back}</Link>;
}
