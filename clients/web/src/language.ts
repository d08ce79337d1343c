import { createContext, useContext, useEffect } from 'react';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Tongue } from './clock';
import type { Named } from './slip';
import { en } from './words/en';
import { sw } from './words/sw';

interface Language { tongue: Tongue; speak: (tongue: Tongue) => void }

const WORDS = { en, sw };

export const useLanguage = create<Language>()(
  persist(
    (set) => ({
      tongue: navigator.language.toLowerCase().startsWith('sw') ? 'sw' : 'en',
      speak: (tongue) => { set({ tongue }); },
    }),
    { name: 'betsafi.language' },
  ),
);

/** The language of a part of the app that has no other; null: the one that its user chose. */
export const Only = createContext<Tongue | null>(null);

/** The app's words in its user's language, and how names and times read in it. */
export function useWords() {
  const chosen = useLanguage((language) => language.tongue);
  const tongue = useContext(Only) ?? chosen;
  return { w: WORDS[tongue], tongue, named: (name: Named) => name[tongue] };
}

/** Have the page itself say which language it is in. */
export function usePageLanguage(): void {
  const tongue = useLanguage((language) => language.tongue);
  useEffect(() => { document.documentElement.lang = tongue; }, [tongue]);
}
