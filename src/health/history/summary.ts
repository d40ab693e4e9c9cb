import { type Level, type Verdict, worstLevel } from '../check.ts';
import { completeBackups, isBackingUp, type DatabaseHistory } from './history.ts';
import { lastRehearsedWell, lastVerified } from './proofs.ts';

/** The newest of each thing that a monitor draws curves of. */
export interface DatabaseSummary {
  readonly database: string;
  /** The worst of what was found about it. */
  readonly level: Level;
  /** Complete, and no safety backup. undefined: there is none. */
  readonly lastBackup:
    | {
        readonly name: string;
        readonly label: string;
        /** RFC 3339, UTC. */
        readonly finishedAt: string;
        readonly durationMs: number;
        readonly sizeBytes: number;
        readonly uncompressedBytes: number;
      }
    | undefined;
  /** How many complete backups there are. */
  readonly completeBackups: number;
  /** When one was last rehearsed with success, and last read to its end. RFC 3339, UTC. */
  readonly lastRehearsalAt: string | undefined;
  readonly lastVerificationAt: string | undefined;
  /** Whether a backup is being made now. */
  readonly isBackingUp: boolean;
}

export function summarize(history: DatabaseHistory, checks: readonly Verdict[], now: Date): DatabaseSummary {
  const { database } = history;
  const complete = completeBackups(history);
  const [last] = complete;
  return {
    database,
    level: worstLevel(checks.filter((verdict) => verdict.database === database)),
    lastBackup: last && {
      name: last.name,
      label: last.manifest.label,
      finishedAt: last.manifest.finishedAt,
      durationMs: last.manifest.durationMs,
      sizeBytes: last.sizeBytes,
      uncompressedBytes: last.manifest.file.uncompressedBytes,
    },
    completeBackups: complete.length,
    lastRehearsalAt: lastRehearsedWell(history, now)?.at,
    lastVerificationAt: lastVerified(history, now)?.at,
    isBackingUp: isBackingUp(history),
  };
}
