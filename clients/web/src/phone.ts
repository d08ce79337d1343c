/** A Kenyan mobile number as people write it (0712 345678, 254…, +254…) as the API takes it, or null. */
export function phoneOf(text: string): string | null {
  const found = /^(?:\+?254|0)?([71]\d{8})$/.exec(text.replaceAll(/[\s()-]/g, ''));
  return found ? `+254${found[1] ?? ''}` : null;
}
