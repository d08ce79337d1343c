// Odds are decimal strings; they are multiplied exactly.

interface Decimal { digits: bigint; places: number }

function decimal(text: string): Decimal {
  const [whole = '0', fraction = ''] = text.split('.');
  return { digits: BigInt(whole + fraction), places: fraction.length };
}

function product(odds: readonly string[]): Decimal {
  return odds.map(decimal).reduce(
    (one, other) => ({ digits: one.digits * other.digits, places: one.places + other.places }),
    { digits: 1n, places: 0 },
  );
}

/** The odds of all together, rounded down to two decimals as a quote shows them. */
export function together(odds: readonly string[]): string {
  const { digits, places } = product(odds);
  const hundredths = (digits * 100n) / 10n ** BigInt(places);
  return `${String(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, '0')}`;
}

/** What a stake pays if all win, rounded down to the cent. */
export function payout(stakeCents: bigint, odds: readonly string[]): bigint {
  const { digits, places } = product(odds);
  return (stakeCents * digits) / 10n ** BigInt(places);
}

/** Whether odds went up (1), down (-1) or stayed. */
export function moved(from: string, to: string): -1 | 0 | 1 {
  const one = decimal(from);
  const other = decimal(to);
  const places = BigInt(Math.max(one.places, other.places));
  const before = one.digits * 10n ** (places - BigInt(one.places));
  const after = other.digits * 10n ** (places - BigInt(other.places));
  return before === after ? 0 : before < after ? 1 : -1;
}
