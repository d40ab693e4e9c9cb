// dbbackup as a library: the very core that the command line calls, with its defaults. `resolveSettings()` finds the
// server; CONTRIBUTING.md shows a whole example.
export { processRuntime } from './cli/process-context.ts';
export type { ResolvedSettings } from './core/connection.ts';
export type { CreatedBackup, DatabaseRequest } from './core/create.ts';
export { restoreAll } from './core/restore-all.ts';
export type {
  RestoreAllFollower,
  RestoreAllOutcome,
  RestoreAllPlan,
  RestoreAllRequest,
} from './core/restore-all.ts';
export type { RestoreOutcome } from './core/restore.ts';
export type { Runtime } from './core/runtime.ts';
export type { Verification, VerifyFollower } from './core/verify-backups.ts';
export type { Verified } from './core/verify.ts';
export {
  createBackup,
  doctor,
  listBackups,
  readJob,
  readStatus,
  resolveSettings,
  restoreBackup,
  verifyBackup,
  verifyBackups,
} from './library.ts';
export type {
  CreateBackupRequest as CreateRequest,
  ExamineRequest as DoctorRequest,
  Flags,
  RestoreBackupRequest as RestoreRequest,
  VerifyRequest as VerifyBackupsRequest,
} from './library.ts';
export type { Backup, BackupState } from './model/backup.ts';
export type { Connection, Endpoint, SslMode, SslSettings } from './model/connection.ts';
export type { Compression, Destination, Skip } from './model/create-plan.ts';
export type { DumpFindings } from './model/dump-guard.ts';
export { DbBackupError, EXIT_CODES } from './model/errors.ts';
export type { ErrorCode } from './model/errors.ts';
export type { Finding, FindingCheck, FindingLevel } from './model/finding.ts';
export type { Job, JobResult, JobState } from './model/job.ts';
export type { CompressionMethod, Manifest, Rehearsal } from './model/manifest.ts';
export type { OnProgress, ProgressEvent } from './model/progress.ts';
export type { Proof } from './model/proof.ts';
export type { ObjectNames, RestorePlan } from './model/restore-plan.ts';
export { Secret } from './model/secret.ts';
export type { FlagValues, SettingKey } from './model/settings.ts';
export type { DatabaseStatus, Status } from './model/status.ts';
export type { Warning } from './model/warning.ts';
