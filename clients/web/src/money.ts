// Amounts are decimal strings with two decimals; we count in whole cents, and never as floats.

/** Shillings as people type them, also with commas: cents, or null where it is no amount. */
export function cents(text: string): bigint | null {
  const found = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text.replaceAll(/[,\s]/g, ''));
  if (!found) return null;
  const value = BigInt(found[2] ?? '0') * 100n + BigInt((found[3] ?? '').padEnd(2, '0'));
  return found[1] ? -value : value;
}

/** What the API takes: "1250.50". */
export function amountOf(value: bigint): string {
  const size = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${String(size / 100n)}.${String(size % 100n).padStart(2, '0')}`;
}

/** How people read it: 1,250.50. */
export function grouped(amount: string): string {
  const [whole = '', fraction] = amount.split('.');
  const thousands = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return (fraction === undefined ? thousands : `${thousands}.${fraction}`).replace('-', '−');
}

/** KES 1,250.50 on one line, or KES 1,250 where there are no cents and it is said so. */
export function kes(money: { amount: string } | bigint, short = false): string {
  const amount = typeof money === 'bigint' ? amountOf(money) : money.amount;
  const shown = grouped(short ? amount.replace(/\.00$/, '') : amount);
  return shown.startsWith('−') ? `−KES\u00a0${shown.slice(1)}` : `KES\u00a0${shown}`;
}
