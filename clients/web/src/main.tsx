import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { refusalOf } from './api/refusal';
import { App } from './app';
import { loadConfig } from './config';
import { useLanguage } from './language';
import { useSession } from './session';
import { useSlip } from './slip';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';

const MOST_TRIES = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) => failures < MOST_TRIES && refusalOf(error).passing,
    },
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
    () => { root.render(<StrictMode><QueryClientProvider client={client}><App /></QueryClientProvider></StrictMode>); },
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
