/** `$0.14`, `$1,234.50`; small amounts with a digit more, the smallest as `<$0.001`. */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.0005) return "<$0.001";
  const digits = usd > 0 && usd < 0.0995 ? 3 : 2;
  return `$${usd.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
