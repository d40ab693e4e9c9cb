import { durationText, countText, sizeText } from './text/quantities.ts';

/** What came of a run over several databases or backups. */
export interface Tally {
  /** `backup`, `database`. */
  readonly noun: string;
  /** What was done with those that succeeded; empty where the noun says it. */
  readonly verb?: string;
  readonly done: number;
  readonly sizeBytes?: number;
  readonly durationMs: number;
  readonly failed: number;
  readonly notStarted?: number;
}

/** `3 backups, 1.2 GB in 2 min 3 s; 1 failed`; of a run over one, its own closing line is enough: undefined. */
export function summaryText(tally: Tally): string | undefined {
  const { noun, verb, done, sizeBytes, durationMs, failed, notStarted = 0 } = tally;
  if (done + failed + notStarted < 2) return undefined;
  const size = sizeBytes === undefined ? '' : `, ${sizeText(sizeBytes)}`;
  const what = [countText(done, noun), verb].filter(Boolean).join(' ');
  const rest = [
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(notStarted === 0 ? [] : [`${notStarted} not started`]),
  ];
  const tail = rest.length === 0 ? '' : `; ${rest.join(', ')}`;
  // A clock may be set back.
  return `${what}${size} in ${durationText(Math.max(0, durationMs))}${tail}`;
}
