import type { Backup } from '../../backups/record/backup.ts';
import { DbBackupError } from '../../run/errors.ts';
import { readForeignReferences } from '../../server/catalog/incoming-foreign-keys.ts';
import type { Server } from '../../server/connect/server.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';

/**
 * Refuses statements that were allowed where a change of the target's rows may change rows of other databases: a
 * server asks for no privilege when a foreign key hands a change on, and the dump decides whether keys are heeded.
 *
 * @throws {DbBackupError} `unsafe`, with one of the tables.
 */
export async function refuseCascades(
  {
    plan: { allowedCount, target },
    backup,
  }: { readonly plan: Pick<RestorePlan, 'allowedCount' | 'target'>; readonly backup: Backup },
  server: Server,
): Promise<void> {
  if (allowedCount === 0) return;
  const { database } = target;
  const reference = (await readForeignReferences(server, database, [])).find(
    ({ fromDatabase }) => fromDatabase !== database,
  );
  if (reference === undefined) return;
  const { fromDatabase, fromTable, table } = reference;
  throw new DbBackupError(
    'unsafe',
    `${backup.path} contains statements that no dump program writes, and ${fromDatabase}.${fromTable} has a foreign key to ${table} of ${database}: by that they could change rows of ${fromDatabase}. Nothing was touched.`,
    { hint: 'Restore into another database with --to.' },
  );
}
