import { Link } from 'wouter';
import { date } from '../clock';
import { BookFees, BookTax, BookTransfer } from './api/generated';
import type { Direction, HouseAccount, Tax } from './api/generated';
import { ask } from './ask';
import { Act, SHILLINGS, came, line, money, oneOf, why } from './form';

const ACCOUNTS: readonly (readonly [HouseAccount, string])[] = [
  ['COLLECTION', 'Paybill: what customers pay into'], ['PAYOUT', 'Utility: what payouts come from'], ['BANK', 'Our bank'],
];
const WITH_MPESA = ACCOUNTS.slice(0, 2);
const TAXES: readonly (readonly [Tax, string])[] = [['EXCISE', 'Excise on deposits'], ['WITHHOLDING', 'Withheld from withdrawals']];
const RECEIPT = line('Receipt', { hint: 'Of the bank, M-Pesa or the authority: it is booked once.', mistake: '6 to 40 capital letters, digits or hyphens.', rules: { required: true, pattern: /^[0-9A-Z-]{6,40}$/ } });
const WHY = why(3, 100);

/** What moved money of ours outside, written into the ledger after it. */
export default function Books() {
  return (
    <>
      <h1>Book what was moved outside</h1>
      <p className="faint">No booking moves money: it follows what was charged, transferred or paid already. Always two administrators: what waits for the second one stands among the <Link href="/desk/trail">approvals</Link>.</p>
      <div className="desk-columns"><Charges /><Transfer /><Remittance /></div>
    </>
  );
}

const way = (debit: string) => oneOf<Direction>('Which way', [['DEBIT', debit], ['CREDIT', 'Given back to us']], 'DEBIT');

function Charges() {
  const asks = {
    day: line('Day of the charges', { type: 'date', first: date(-1), max: date(), mistake: 'A day.' }),
    amount: SHILLINGS, direction: way('Charged by M-Pesa'), account: oneOf<HouseAccount>('Taken from', WITH_MPESA, 'PAYOUT'), reason: WHY,
  };
  return (
    <section className="card still" aria-label="Charges"><h2>M-Pesa’s charges</h2>
      <Act label="Book the charges" asks={asks} send={async ({ amount, ...given }, id) => came((await ask(BookFees, { id, amount: money(amount), ...given })).bookFees.status)} />
    </section>
  );
}

function Transfer() {
  const asks = { receipt: RECEIPT, amount: SHILLINGS, from: oneOf<HouseAccount>('From', ACCOUNTS, 'COLLECTION'), to: oneOf<HouseAccount>('To', ACCOUNTS, 'PAYOUT'), reason: WHY };
  return (
    <section className="card still" aria-label="Transfer"><h2>Between our accounts</h2>
      <Act label="Book the transfer" asks={asks} send={async ({ amount, ...given }, id) => came((await ask(BookTransfer, { id, amount: money(amount), ...given })).bookTransfer.status)} />
    </section>
  );
}

function Remittance() {
  const asks = { receipt: RECEIPT, amount: SHILLINGS, tax: oneOf<Tax>('Tax', TAXES, 'EXCISE'), direction: way('Paid to the authority'), account: oneOf<HouseAccount>('Paid from', ACCOUNTS, 'COLLECTION'), reason: WHY };
  return (
    <section className="card still" aria-label="Tax"><h2>A tax that was paid</h2>
      <Act label="Book the tax" asks={asks} send={async ({ amount, ...given }, id) => came((await ask(BookTax, { id, amount: money(amount), ...given })).bookTaxRemittance.status)} />
    </section>
  );
}
