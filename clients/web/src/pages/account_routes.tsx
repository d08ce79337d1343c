import { Suspense, lazy } from 'react';
import { Route, Switch } from 'wouter';
import { MembersOnly } from '../parts/members_only';
import { Loading } from '../parts/states';
import { Account } from './account';
import { Deposit } from './deposit';
import { Inbox } from './inbox';
import { Settings } from './settings';

const Withdraw = lazy(() => import('./withdraw'));
const Payments = lazy(() => import('./payments'));
const Statement = lazy(() => import('./statement'));
const Protection = lazy(() => import('./protection'));
const Identity = lazy(() => import('./identity'));
const Devices = lazy(() => import('./devices'));
const Contact = lazy(() => import('./contact'));
const TermsPage = lazy(() => import('./terms'));

export default function AccountRoutes() {
  return (
    <Switch>
      <Route path="/account/settings" component={Settings} />
      <Route>
        <MembersOnly>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/account" component={Account} />
              <Route path="/account/deposit" component={Deposit} />
              <Route path="/account/withdraw" component={Withdraw} />
              <Route path="/account/payments/:id?" component={Payments} />
              <Route path="/account/statement" component={Statement} />
              <Route path="/account/inbox" component={Inbox} />
              <Route path="/account/protection" component={Protection} />
              <Route path="/account/identity" component={Identity} />
              <Route path="/account/devices" component={Devices} />
              <Route path="/account/contact" component={Contact} />
              <Route path="/account/terms" component={TermsPage} />
            </Switch>
          </Suspense>
        </MembersOnly>
      </Route>
    </Switch>
  );
}
