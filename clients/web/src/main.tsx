import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { whilePassing } from './api/refusal';
import { App } from './app';
import { loadConfig } from './config';
import { useLanguage } from './language';
import { askForGames } from './pages/lobby';
import { useSession } from './session';
import { useSlip } from './slip';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: whilePassing(2),
    },
    // Without a network a bet or a payment is refused at once: kept back and sent later, it would be done while nobody looks.
    mutations: { networkMode: 'always' },
  },
});

// Nothing of a player stays behind when they leave.
useSession.subscribe((now, before) => {
  if (now.userId !== before.userId) client.removeQueries({ queryKey: ['me'] });
});

// The tabs of one browser share slip, session and language.
const SHARED = [useSlip, useSession, useLanguage];
window.addEventListener('storage', ({ key }) => {
  for (const { persist } of SHARED) if (persist.getOptions().name === key) void persist.rehydrate();
});

const root = createRoot(document.getElementById('app') as HTMLElement);

function start(): void {
  loadConfig().then(
    () => {
      if (window.location.pathname === '/' && !window.location.search) askForGames(client);
      root.render(<StrictMode><QueryClientProvider client={client}><App /></QueryClientProvider></StrictMode>);
    },
    () => { root.render(<CannotStart />); },
  );
}

function CannotStart() {
  return (
    <main className="page">
      <h1>BETSAFI</h1>
      <p>BETSAFI could not be reached. Check your connection.<br /><span lang="sw">BETSAFI haipatikani. Angalia mtandao wako.</span></p>
      <button type="button" className="button" onClick={start}>Try again · Jaribu tena</button>
    </main>
  );
}

start();
