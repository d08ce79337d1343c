import { useQuery } from '@tanstack/react-query';
import { Suspense, lazy, useEffect } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { unread, wallet } from './api/queries';
import { useWords, usePageLanguage } from './language';
import { Lobby } from './pages/lobby';
import { Boundary } from './parts/boundary';
import { House } from './parts/house';
import { Live } from './parts/live';
import { Icon } from './parts/icons';
import { Main } from './parts/main';
import { SlipBar } from './parts/slip_bar';
import { Loading } from './parts/states';
import { kes } from './money';
import { useSession } from './session';
import { useSlip } from './slip';

const Fixture = lazy(() => import('./pages/fixture'));
const Search = lazy(() => import('./pages/search'));
const Slip = lazy(() => import('./pages/slip'));
const SignIn = lazy(() => import('./pages/sign_in'));
const Bets = lazy(() => import('./pages/bets'));
const Account = lazy(() => import('./pages/account_routes'));
const Desk = lazy(() => import('./desk/desk'));

/** What players see, or staff: each signs in with a pool of their own, so no link leads from one to the other. */
export function App() {
  const [path] = useLocation();
  if (/^\/desk(\/|$)/.test(path)) return <Boundary><Suspense fallback={<Loading />}><Desk /></Suspense></Boundary>;
  return <ForPlayers />;
}

function ForPlayers() {
  usePageLanguage();
  const { w } = useWords();
  return (
    <>
      <a className="skip" href="#main">{w.skip}</a>
      <TopBar />
      <Live />
      <House />
      <Page />
      <SlipBar />
      <Tabs />
    </>
  );
}

function Page() {
  const [path] = useLocation();
  return (
    <Main>
      <Boundary key={path}><Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={Lobby} />
          <Route path="/search" component={Search} />
          <Route path="/fixture/:id" component={Fixture} />
          <Route path="/slip" component={Slip} />
          <Route path="/slip/:code" component={Slip} />
          <Route path="/sign-in" component={SignIn} />
          <Route path="/bets" component={Bets} />
          <Route path="/bets/:id" component={Bets} />
          <Route path="/account/*?" component={Account} />
          <Route><NotFound /></Route>
        </Switch>
      </Suspense></Boundary>
    </Main>
  );
}

function NotFound() {
  const { w } = useWords();
  return <><h1>{w.notFound}</h1><p><Link href="/">{w.tabs.games}</Link></p></>;
}

function TopBar() {
  const { w } = useWords();
  const userId = useSession((session) => session.userId);
  return (
    <header className="top">
      <Link href="/" className="mark" aria-label={w.home}>BETSAFI</Link>
      <nav aria-label={w.personal}>
        {userId ? <><Inbox /><Balance /></> : <Link href="/sign-in" className="button small">{w.signIn.short}</Link>}
      </nav>
    </header>
  );
}

function Balance() {
  const { w } = useWords();
  const { data } = useQuery(wallet);
  return (
    <Link href="/account/deposit" className="balance" aria-label={`${w.balance}: ${data ? kes(data.available) : '…'}. ${w.deposit.title}`}>
      <strong data-testid="balance">{data ? kes(data.available) : '…'}</strong><Icon name="plus" />
    </Link>
  );
}

function Inbox() {
  const { w } = useWords();
  const { data: count = 0 } = useQuery(unread);
  return (
    <Link href="/account/inbox" className="icon-link" aria-label={count ? w.unread(count) : w.inbox.title}>
      <Icon name="bell" />{count > 0 && <span className="dot" />}
    </Link>
  );
}

function Tabs() {
  const { w } = useWords();
  const [path] = useLocation();
  const count = useSlip((slip) => slip.picks.length);
  const tabs = [
    { href: '/', icon: 'ball', label: w.tabs.games, here: path === '/' || path.startsWith('/fixture') },
    { href: '/search', icon: 'search', label: w.tabs.search, here: path === '/search' },
    { href: '/slip', icon: 'slip', label: w.tabs.slip, here: path.startsWith('/slip') },
    { href: '/bets', icon: 'list', label: w.tabs.bets, here: path.startsWith('/bets') },
    { href: '/account', icon: 'person', label: w.tabs.account, here: path.startsWith('/account') || path === '/sign-in' },
  ] as const;
  const place = tabs.find(({ here }) => here)?.label;
  useEffect(() => { document.title = place ? `${place} · BETSAFI` : 'BETSAFI'; }, [place]);
  return (
    <nav className="tabs" aria-label={w.main}>
      {tabs.map(({ href, icon, label, here }) => (
        <Link key={href} href={href} aria-current={here ? 'page' : undefined}>
          <span className="tab-icon"><Icon name={icon} />{icon === 'slip' && count > 0 && <span className="count">{count}</span>}</span>
          {label}
        </Link>
      ))}
    </nav>
  );
}
