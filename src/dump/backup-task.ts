import type { Manifest } from '../backups/record/manifest.ts';
import type { DumpTask } from './dump-plan.ts';

/** Restores in place that were cut off, and what to tell of them. */
export interface InterruptedRestores {
  readonly jobs: readonly string[];
  readonly warnings: readonly string[];
}

export interface BackupTask extends DumpTask {
  readonly job: string;
  /** What the run says that it does while it dumps. */
  readonly step: string;
  readonly phase: 'backup' | 'safety-backup';
  /** What the target of the backup is the result of, told already; for the manifest. */
  readonly cutOff: InterruptedRestores;
}

export interface CreatedBackup {
  /** Absolute; `-` for stdout. */
  readonly path: string;
  readonly manifest: Manifest;
}
