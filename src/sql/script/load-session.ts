import type { NotSplittable } from './load-plan.ts';
import { SessionChanges } from './session-changes.ts';

/** The session in which a file is run: the databases in it share what its SET statements do. */
export class LoadSession {
  readonly changes = new SessionChanges();
  /** A SET that cannot be followed: what stands behind it cannot be taken apart, either. */
  unscripted: NotSplittable | undefined;
}
