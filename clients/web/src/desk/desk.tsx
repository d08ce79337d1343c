import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense, lazy, useEffect, useSyncExternalStore } from 'react';
import { onlineManager } from '@tanstack/react-query';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { config } from '../config';
import { Only } from '../language';
import { Boundary } from '../parts/boundary';
import { Main } from '../parts/main';
import { Empty, Loading, Notice } from '../parts/states';
import { leave, person } from './auth';
import type { Group, Person } from './auth';
import { Shown } from './parts';
import { SignIn } from './sign_in';
import './desk.css';

const Games = lazy(() => import('./games'));
const Game = lazy(() => import('./game'));
const Offer = lazy(() => import('./offer'));
const Proposals = lazy(() => import('./proposals'));
const Bets = lazy(() => import('./bets'));
const Payments = lazy(() => import('./payments'));
const Players = lazy(() => import('./players'));
const Player = lazy(() => import('./player'));
const Books = lazy(() => import('./books'));
const Trail = lazy(() => import('./trail'));
const Staff = lazy(() => import('./staff'));

const SUPPORT: readonly Group[] = ['support', 'admin'];
const DESKS: readonly { path: string; label: string; groups: readonly Group[] }[] = [
  { path: '/desk/games', label: 'Games', groups: ['trader'] },
  { path: '/desk/offer', label: 'Offer', groups: ['trader'] },
  { path: '/desk/bets', label: 'One bet', groups: ['trader'] },
  { path: '/desk/proposals', label: 'Proposals', groups: ['trader'] },
  { path: '/desk/payments', label: 'Payments', groups: SUPPORT },
  { path: '/desk/players', label: 'Players', groups: SUPPORT },
  { path: '/desk/books', label: 'Books', groups: ['admin'] },
  { path: '/desk/trail', label: 'Approvals and trail', groups: ['admin'] },
  { path: '/desk/staff', label: 'Staff', groups: ['admin'] },
];

/** Where staff work. What is shown follows from the groups of their token; what is done, the API allows or refuses. */
export default function Desk() {
  const [path] = useLocation();
  useEffect(() => {
    document.documentElement.lang = 'en';
    document.title = 'BETSAFI desk';
  }, []);
  return (
    <Only value="en">
      <div className="desk">
        <a className="skip" href="#main">Skip to content</a>
        {config().staff ? <SignedIn path={path} /> : <Main><h1>No desks here</h1><p>This address serves the players’ app alone.</p></Main>}
      </div>
    </Only>
  );
}

function SignedIn({ path }: { path: string }) {
  const asked = useQuery(person);
  const who = asked.data;
  return (
    <>
      <header className="top">
        <Link href="/desk" className="mark">BETSAFI desk</Link>
        {who && <WhoAmI who={who} />}
      </header>
      {who && <Tabs who={who} path={path} />}
      <Offline />
      <Main>
        <Boundary key={path}><Suspense fallback={<Loading />}>
          <Shown of={asked}>{(found) => (found ? <Pages who={found} /> : <SignIn />)}</Shown>
        </Suspense></Boundary>
      </Main>
    </>
  );
}

function WhoAmI({ who }: { who: Person }) {
  const client = useQueryClient();
  const leaving = useMutation({
    mutationFn: leave,
    onSuccess: () => {
      client.removeQueries({ queryKey: ['desk'] });
      client.removeQueries({ queryKey: ['staff', 'members'] });
      client.setQueryData(person.queryKey, null);
    },
  });
  return (
    <div className="desk-who">
      <span>{who.email}<small>{who.groups.join(', ') || 'in no group'}</small></span>
      <button type="button" className="button small quiet" onClick={() => { leaving.mutate(); }}>Sign out</button>
    </div>
  );
}

const mayUse = (who: Person, groups: readonly Group[]): boolean => groups.some((group) => who.groups.includes(group));

function Tabs({ who, path }: { who: Person; path: string }) {
  return (
    <nav className="desk-tabs" aria-label="Desks">
      {DESKS.filter(({ groups }) => mayUse(who, groups)).map(({ path: to, label }) => (
        <Link key={to} href={to} aria-current={path.startsWith(to) ? 'page' : undefined}>{label}</Link>
      ))}
    </nav>
  );
}

function Offline() {
  const online = useSyncExternalStore((change) => onlineManager.subscribe(change), () => onlineManager.isOnline());
  return online ? null : <Notice kind="warn">You are offline. What you see may be old, and nothing can be sent.</Notice>;
}

function Pages({ who }: { who: Person }) {
  const [path] = useLocation();
  const mine = DESKS.filter(({ groups }) => mayUse(who, groups));
  const here = DESKS.find(({ path: at }) => path.startsWith(at));
  if (here && !mine.includes(here)) return <Empty title="This desk is not for your groups"><p>It is for: {here.groups.join(', ')}.</p></Empty>;
  if (!mine[0]) return <Empty title="You are in no group yet"><p>An administrator of the AWS account puts you into one. Then sign in again.</p></Empty>;
  return (
    <Switch>
      <Route path="/desk"><Redirect to={mine[0].path} replace /></Route>
      <Route path="/desk/games" component={Games} />
      <Route path="/desk/games/:id" component={Game} />
      <Route path="/desk/offer" component={Offer} />
      <Route path="/desk/bets" component={Bets} />
      <Route path="/desk/proposals"><Proposals me={who.id} /></Route>
      <Route path="/desk/payments"><Payments who={who} /></Route>
      <Route path="/desk/players" component={Players} />
      <Route path="/desk/players/:id"><Player who={who} /></Route>
      <Route path="/desk/books" component={Books} />
      <Route path="/desk/trail"><Trail me={who.id} /></Route>
      <Route path="/desk/staff"><Staff me={who.id} /></Route>
      <Route><h1>There is no such page</h1><p><Link href="/desk">To your desk</Link></p></Route>
    </Switch>
  );
}
