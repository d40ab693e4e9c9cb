import type { PeriodRule } from './periods.ts';

/** Why a backup stays. */
export interface Reason {
  readonly rule: ReasonRule;
  /** In words: `daily 1 of 7`. */
  readonly text: string;
  /** Of a rule that counts: which of its places the backup takes, and how many it has. */
  readonly number?: number | undefined;
  readonly of?: number | undefined;
}

export type ReasonRule =
  | PeriodRule
  | 'within'
  /** The oldest of its label, while a rule that counts has places left. */
  | 'oldest'
  | 'newest-complete'
  | 'newest-rehearsed'
  | 'pinned'
  /** It is to go only when it lies elsewhere, too. */
  | 'not-copied'
  /** Its restore may have to be undone. */
  | 'safety'
  /** Left alone, because it cannot be judged. */
  | 'no-manifest'
  | 'damaged'
  | 'unreadable'
  | 'own-name'
  | 'link'
  | 'future';

/** A backup that stays, and why. */
export interface Kept<B> {
  readonly backup: B;
  /** At least one. */
  readonly reasons: readonly Reason[];
}
