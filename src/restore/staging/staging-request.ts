import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import type { ReplaceRequest } from '../replace/replace-request.ts';

export interface StagingRequest extends ReplaceRequest {
  /** Resolves when the step is on disk. */
  readonly journal: (swap: SwapJournal | undefined) => Promise<void>;
  /** Finishes or takes back what this run leaves undone. */
  readonly resumeCommand: string;
}
