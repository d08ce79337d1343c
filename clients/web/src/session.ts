import { create } from 'zustand';
import { persist } from 'zustand/middleware';

interface Session {
  /** Who is signed in; empty for a guest. */
  userId: string;
  phone: string;
  /** Whether it ended without its player's wish, since this page was loaded. */
  lapsed: boolean;
  begin: (userId: string, phone: string) => void;
  end: () => void;
  /** End the session of somebody, without their wish, if it is theirs still. */
  lapse: (whose: string) => void;
}

/** Where somebody signs in, and comes back from. */
export const signInFrom = (path: string): string => `/sign-in?then=${encodeURIComponent(path)}`;

/** Who uses the app. The tokens themselves are with aws-amplify, which a guest never loads. */
export const useSession = create<Session>()(
  persist(
    (set) => ({
      userId: '',
      phone: '',
      lapsed: false,
      begin: (userId, phone) => { set({ userId, phone, lapsed: false }); },
      end: () => { set({ userId: '', phone: '', lapsed: false }); },
      lapse: (whose) => { set(({ userId }) => (userId && userId === whose ? { userId: '', phone: '', lapsed: true } : {})); },
    }),
    { name: 'betsafi.session', partialize: ({ userId, phone }) => ({ userId, phone }) },
  ),
);
