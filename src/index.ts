// dbbackup as a library: the very core that the command line calls, with its defaults. `resolveSettings()` finds the
// server; docs/library.md shows how.
export { processRuntime } from './cli/process/process-context.ts';
export type { ResolvedSettings } from './settings/resolve-settings.ts';
export type { DatabaseRequest } from './create/request.ts';
export type { CreatedBackup } from './dump/backup-task.ts';
export { restoreAll } from './restore/restore-all.ts';
export type {
  RestoreAllFollower,
  RestoreAllOutcome,
  RestoreAllPlan,
  RestoreAllRequest,
} from './restore/restore-all.ts';
export type { UndoOutcome, UndoPlan } from './restore/undo/request.ts';
export type { RestoreOutcome } from './restore/request.ts';
export type { BackupDiff } from './contents/diff-backups.ts';
export type { Extracted, ExtractProof } from './contents/extract-request.ts';
export type { ShownBackup } from './contents/show-backup.ts';
export type { Runtime } from './run/runtime.ts';
export type { Verification, VerifyFollower } from './verify/verify-backups.ts';
export type { VerifiedDump as Verified } from './backups/read/verify-file.ts';
export { diffBackups, extractBackup, listBackups, showBackup } from './library/contents.ts';
export {
  createBackup,
  doctor,
  readJob,
  readStatus,
  resolveSettings,
  restoreBackup,
  undoRestore,
  verifyBackup,
  verifyBackups,
} from './library/library.ts';
export { checkHealth } from './library/check-health.ts';
export type { CheckHealthRequest as HealthRequest } from './library/check-health.ts';
export type { Health } from './health/check-health.ts';
export type { CheckName, Level, Thresholds, Verdict } from './health/check.ts';
export type { DatabaseSummary } from './health/history/summary.ts';
export { pinBackup, pruneBackups } from './library/prune.ts';
export type { PinOutcome } from './prune/pin-backup.ts';
export type { PruneOutcome, PrunedDatabase } from './prune/request.ts';
export type { Kept, Reason } from './prune/reason.ts';
export type {
  CreateBackupRequest as CreateRequest,
  ExamineRequest as DoctorRequest,
  ExtractBackupRequest as ExtractRequest,
  Flags,
  PinBackupRequest as PinRequest,
  PruneBackupsRequest as PruneRequest,
  RestoreBackupRequest as RestoreRequest,
  UndoRestoreRequest as UndoRequest,
  VerifyRequest as VerifyBackupsRequest,
} from './library/requests.ts';
export type { Backup, BackupState } from './backups/record/backup.ts';
export type { Connection, Endpoint, SslMode, SslSettings } from './server/connect/connection.ts';
export type { Destination } from './backups/record/destination.ts';
export type { Compression, CompressionMethod } from './compression/methods.ts';
export type { Skip } from './sql/definitions/skipped-objects.ts';
export type { DumpReport as DumpFindings } from './sql/dump-report.ts';
export { DbBackupError, EXIT_CODES } from './run/errors.ts';
export type { ErrorCode } from './run/errors.ts';
export type { Finding, FindingCheck, FindingLevel } from './doctor/finding/finding.ts';
export type { Job, JobResult, JobState } from './jobs/record/job.ts';
export type { Manifest, Pin, Rehearsal } from './backups/record/manifest.ts';
export type { OnProgress, ProgressEvent } from './run/progress.ts';
export type { Proof } from './verify/proof.ts';
export type { RestorePlan } from './restore/plan/restore-plan.ts';
export type { ObjectNames } from './sql/definitions/object-names.ts';
export { Secret } from './run/secret.ts';
export type { FlagValues, SettingKey } from './settings/table/settings-table.ts';
export type { DatabaseStatus, Status } from './jobs/record/status.ts';
export type { Warning } from './run/warning.ts';
