const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/**
 * The two greatest units of a time, as one compares it with a threshold: `3 d 4 h`, `26 h`, `5 min`. Up to two days are
 * told in hours.
 */
export function ageText(durationMs: number): string {
  let rest = Math.max(0, durationMs);
  const parts: string[] = [];
  for (const [unit, unitMs] of UNITS) {
    if (unit === 'd' && rest <= 2 * unitMs) continue;
    const count = Math.floor(rest / unitMs);
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    rest -= count * unitMs;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0 s';
}
