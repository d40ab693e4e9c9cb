import type { CommandHere } from '../run/further-command.ts';
import type { History } from './history/history.ts';

/**
 * - `critical`: a restore may not be possible, or what it would bring back is too old or too little;
 * - `warning`: nothing is lost, and something should be put right;
 * - `unknown`: what the check needs could not be read.
 */
export type Level = 'ok' | 'warning' | 'critical' | 'unknown';

/** What was checked; names that scripts may rely on. */
export type CheckName =
  | 'readable'
  | 'server'
  | 'age'
  | 'size'
  | 'left-out'
  | 'last-run'
  | 'damage'
  | 'verification'
  | 'rehearsal'
  | 'copies'
  | 'interrupted-restores'
  | 'half-filled'
  | 'leftovers'
  | 'space';

/** One result of a check. No text contains a secret. */
export interface Verdict {
  readonly level: Level;
  readonly check: CheckName;
  /** undefined: it is about the backup directory. */
  readonly database?: string | undefined;
  /** The result, in one sentence. */
  readonly message: string;
  /** What to type, one command each, or a sentence where there is nothing to type. */
  readonly fix?: readonly string[] | undefined;
}

/** When a check finds something wrong. */
export interface Thresholds {
  /** Of the newest complete backup, in milliseconds. undefined, here and below: not checked. */
  readonly maxAgeMs: number | undefined;
  /** How much smaller than the ones before it a backup, or a table in it, may be: 0.5 is half. */
  readonly maxSizeDrop: number | undefined;
  /** Of the last successful verification, in milliseconds. */
  readonly maxVerifyAgeMs: number | undefined;
  /** Of the last successful rehearsal, in milliseconds. */
  readonly maxRehearsalAgeMs: number | undefined;
  /** Copies of the newest complete backup. */
  readonly minCopies: number | undefined;
}

const HOUR_MS = 3_600_000;

/** A nightly backup may take two hours longer than the night before. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  maxAgeMs: 26 * HOUR_MS,
  maxSizeDrop: 0.5,
  maxVerifyAgeMs: undefined,
  maxRehearsalAgeMs: undefined,
  minCopies: undefined,
};

/** What a check may use. */
export interface Subject {
  readonly history: History;
  readonly thresholds: Thresholds;
  readonly commandHere: CommandHere;
}

/** One file of `checks`; the table in `checks/checks.ts` lists them. Pure. */
export interface Check {
  readonly name: CheckName;
  /** The setting that switches it on; undefined: it is always on. */
  readonly threshold?: keyof Thresholds | undefined;
  /** Findings, and one `ok` for each database that was looked at. */
  readonly judge: (subject: Subject) => readonly Verdict[];
}

/** From the best to the worst, as monitoring plugins order them. */
const BY_SEVERITY: readonly Level[] = ['ok', 'unknown', 'warning', 'critical'];

/** The worst of all; `ok` for none. */
export function worstLevel(verdicts: readonly Pick<Verdict, 'level'>[]): Level {
  const worst = Math.max(0, ...verdicts.map(({ level }) => BY_SEVERITY.indexOf(level)));
  return BY_SEVERITY[worst] ?? 'unknown';
}

/** The worst first. */
export function bySeverity({ checks }: { readonly checks: readonly Verdict[] }): readonly Verdict[] {
  return BY_SEVERITY.toReversed().flatMap((level) => checks.filter((verdict) => verdict.level === level));
}
