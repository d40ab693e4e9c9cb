/** What of a database a backup leaves out. */
export interface Skip {
  readonly routines: boolean;
  readonly events: boolean;
  readonly triggers: boolean;
}

export const NOTHING_SKIPPED: Skip = { routines: false, events: false, triggers: false };
