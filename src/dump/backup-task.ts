import type { Manifest } from '../backups/record/manifest.ts';
import type { DumpTask } from './dump-plan.ts';

/** Interrupted restores in place, and what to report of them. */
export interface InterruptedRestores {
  readonly jobs: readonly string[];
  readonly warnings: readonly string[];
}

export interface BackupTask extends DumpTask {
  readonly job: string;
  /** The step shown while dumping. */
  readonly step: string;
  readonly phase: 'backup' | 'safety-backup';
  /** Interrupted restores that left the target as it is, already reported; for the manifest. */
  readonly interrupted: InterruptedRestores;
}

/** A backup that was just made, and the definitions that it was made of: see `DatabaseFacts`. */
export interface MadeBackup {
  readonly backup: CreatedBackup;
  readonly fingerprint: string;
}

export interface CreatedBackup {
  /** Absolute; `-` for stdout. */
  readonly path: string;
  readonly manifest: Manifest;
}
