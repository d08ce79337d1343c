// What is saved as a file: a player's statement, and all that is kept of them.
import { useState } from 'react';
import { Refusal } from '../api/refusal';
import { date } from '../clock';
import * as api from './api/generated';
import { ask } from './ask';
import { Act, line, why } from './form';

interface File { name: string; href: string }
const A_MONTH = 30;
const MOST_PAGES = 1000;

const file = (name: string, type: string, text: string): File => ({ name, href: URL.createObjectURL(new Blob([text], { type })) });
const Keep = ({ of }: { of: File | undefined }) => of && <p><a href={of.href} download={of.name}>Keep {of.name}</a></p>;

/** Whole days of the wallet's entries. */
export function Statement({ userId }: { userId: string }) {
  const [made, setMade] = useState<File>();
  const day = (label: string, first: string) => line(label, { type: 'date', first, max: date(), short: true, mistake: 'A day.' });
  return (
    <>
      <Act label="Make the file" asks={{ from: day('From', date(-A_MONTH)), to: day('To', date()) }} send={async (days) => {
        const { playerStatement: text } = await ask(api.PlayerStatement, { userId, ...days });
        setMade(file(`statement-${days.from}-${days.to}.csv`, 'text/csv', text));
        return 'Whole days in Nairobi, both included; at most 92.';
      }} />
      <Keep of={made} />
    </>
  );
}

interface Given { id: string; userId: string; reason: string; cursor: string | null }
interface Page { items: string[]; cursor: string | null }

/** Each service's part, read under one command: it is one act in the trail. */
const PARTS: Readonly<Record<string, (given: Given) => Promise<Page>>> = {
  people: async (given) => (await ask(api.ExportPeople, given)).exportPlayer.people,
  wallet: async (given) => (await ask(api.ExportWallet, given)).exportPlayer.wallet,
  bet: async (given) => (await ask(api.ExportBet, given)).exportPlayer.bet,
  payment: async (given) => (await ask(api.ExportPayment, given)).exportPlayer.payment,
  notifications: async (given) => (await ask(api.ExportNotifications, given)).exportPlayer.notifications,
  updates: async (given) => (await ask(api.ExportUpdates, given)).exportPlayer.updates,
};

/** All that is kept, as JSON, item by item as the services have it. */
async function everything(given: Omit<Given, 'cursor'>): Promise<string> {
  const parts: string[] = [];
  for (const [name, read] of Object.entries(PARTS)) {
    const items: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const got: Page = await read({ ...given, cursor });
      items.push(...got.items);
      cursor = got.cursor;
      if (!cursor) break;
    }
    if (cursor) throw new Refusal('TOO_MUCH', 'It is more than a browser reads. Whoever runs the platform has it written by tools.player.');
    parts.push(`"${name}": [\n${items.join(',\n')}\n]`);
  }
  return `{\n${parts.join(',\n')}\n}\n`;
}

/** For the player who asks for it. */
export function Export({ userId }: { userId: string }) {
  const [made, setMade] = useState<File>();
  return (
    <>
      <p className="faint">For the player who asks what we keep of them, or for a court. Nothing in it is masked: give it to nobody else. That you got it stays in the trail.</p>
      <Act label="Get all of it" asks={{ reason: why(3, 200) }} send={async (given, id) => {
        setMade(file(`player-${userId}.json`, 'application/json', await everything({ id, userId, ...given })));
        return 'It is all here; keep the file.';
      }} />
      <Keep of={made} />
    </>
  );
}
