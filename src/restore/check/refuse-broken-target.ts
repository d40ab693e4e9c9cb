import { readBrokenObjects } from '../../server/catalog/broken-objects.ts';
import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { namedBroken } from '../../sql/definitions/broken-object.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import { againCommandOf } from '../further-commands.ts';
import type { RestoreRequest } from '../request.ts';
import type { Runtime } from '../../run/runtime.ts';

/**
 * Damage to be repaired often breaks views whose table is missing. The dump tool would stop at them after the user has
 * confirmed, so they are reported before. Tables are only opened when a view is broken, for a lock of another session
 * may keep that waiting.
 *
 * @throws {DbBackupError} `safety-backup-failed`, with the command that does without them.
 */
export async function refuseBrokenTarget(
  request: Omit<RestoreRequest, 'confirm'>,
  {
    plan,
    facts,
    backup,
    server,
  }: {
    readonly plan: RestorePlan;
    /** Of the target, as the plan has them. */
    readonly facts: DatabaseFacts | undefined;
    readonly backup: Backup;
    readonly server: Server;
  },
  runtime: Runtime,
): Promise<void> {
  const { database, holds } = plan.target;
  if (facts === undefined || plan.safetyBackup !== 'made') return;
  if (request.skipBroken || holds.views.length === 0) return;
  const views = await readBrokenObjects(server, { ...facts, tables: [] });
  if (views.length === 0) return;
  const broken = [...(await readBrokenObjects(server, { ...facts, views: [] })), ...views];
  throw new DbBackupError(
    'safety-backup-failed',
    `No safety backup of ${database} can be made, so nothing was restored: the server cannot open ${namedBroken(broken)}.`,
    {
      hint: [
        `${database} is unchanged. Repair or drop what is broken, or skip it in the safety backup:`,
        againCommandOf(request, backup, { skipBroken: true }, runtime),
        'To restore without a safety backup (cannot be undone): --no-safety-backup.',
      ].join('\n'),
    },
  );
}
