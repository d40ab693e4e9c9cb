import type { BackupFile } from '../../backups/read/backup-file.ts';
import type { VerifiedDump, VerifiedFile } from '../../backups/read/verify-file.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import type { Backup } from '../../backups/record/backup.ts';
import type { DatabaseLock } from '../../jobs/lock-database.ts';
import type { ClientProgram } from '../../programs/client-programs.ts';
import type { Connection } from '../../server/connect/connection.ts';
import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import type { DumpReport } from '../../sql/dump-report.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import type { LoadAccountNote } from '../load/load-account.ts';

/** What the ways to replace a target have in common. */
export interface ReplaceRequest {
  readonly connection: Connection;
  /** The backup directory. */
  readonly directory: string;
  readonly backup: Backup;
  readonly file: BackupFile;
  readonly verified: VerifiedDump;
  /** Verifies all of the file, where its chunks were left to the loader. */
  readonly readWhole: (session: SharedSession) => Promise<VerifiedFile>;
  readonly target: string;
  readonly plan: RestorePlan;
  readonly keepExtra: boolean;
  readonly tool: ClientProgram;
  readonly job: string;
  /** Who runs. */
  readonly userId: number;
  readonly lock: DatabaseLock;
  /** Resolves when it is on disk: the account that loads the rows, which a run that dies leaves. */
  readonly noteLoadAccount: LoadAccountNote;
}

/** What the backup does not bring stays where it is. */
export function keepsOthers({ keepExtra, plan }: Pick<ReplaceRequest, 'keepExtra' | 'plan'>): boolean {
  return keepExtra || plan.onlyTables !== undefined;
}

/** Of a dump that was made with `--databases`, as far as it says so. */
export function defaultsOf(
  { manifest }: Backup,
  { charset, collation }: DumpReport,
): DatabaseDefaults | undefined {
  if (manifest !== undefined) return { charset: manifest.charset, collation: manifest.collation };
  if (charset === undefined && collation === undefined) return undefined;
  return { ...(charset !== undefined && { charset }), ...(collation !== undefined && { collation }) };
}
