import { create } from 'zustand';
import { persist } from 'zustand/middleware';

interface Session {
  /** Who is signed in; empty for a guest. */
  userId: string;
  phone: string;
  begin: (userId: string, phone: string) => void;
  end: () => void;
}

/** Who uses the app. The tokens themselves are with aws-amplify, which a guest never loads. */
export const useSession = create<Session>()(
  persist(
    (set) => ({
      userId: '',
      phone: '',
      begin: (userId, phone) => { set({ userId, phone }); },
      end: () => { set({ userId: '', phone: '' }); },
    }),
    { name: 'betsafi.session' },
  ),
);
