// The further commands that a restore names, in its messages and its journal.
import { backupReference } from '../model/backup.ts';
import { commandText } from '../model/further-command.ts';
import type { RestorePlan } from '../model/restore-plan.ts';
import type { CreatedBackup } from './create.ts';
import type { RestoreRequest } from './restore.ts';
import type { Runtime } from './runtime.ts';

/**
 * Brings back what the safety backup holds of what is replaced.
 *
 * @returns undefined when only tables come that the target does not have: there is nothing to bring back.
 */
export function undoCommandOf(
  request: RestoreRequest,
  { target, onlyTables }: RestorePlan,
  safety: CreatedBackup,
  runtime: Runtime,
): string | undefined {
  const { database, holds } = target;
  const replaced = onlyTables?.filter((table) => holds.tables.includes(table));
  if (replaced?.length === 0) return undefined;
  const tables = tableFlags(replaced);
  // What stays broken would keep the undo from making its own safety backup.
  const broken = request.skipBroken ? ['--skip-broken'] : [];
  const reference = backupReference(safety.manifest);
  return restoreCommand(request, runtime, [reference], ...tables, ...broken, '--confirm', database);
}

/** The same restore; without a safety backup, which would be one of a half-filled target. */
export function restoreCommandOf(
  request: RestoreRequest,
  { backup, target }: RestorePlan,
  runtime: Runtime,
): string {
  const { database } = target;
  const where = ['--to', database, '--confirm', database];
  const reference = request.reference === '-' ? '-' : backup.reference;
  return restoreCommand(request, runtime, [reference], ...where, ...keptFlags(request), '--no-safety-backup');
}

/** Restores what stdin gives into the same target, in the same way; the question stays. */
export function receivingCommandOf(
  request: Pick<RestoreRequest, 'sameServer'> & Partial<HowRequested>,
  target: string,
  runtime: Runtime,
): string {
  return restoreCommand(request, runtime, ['-'], '--to', target, ...keptFlags(request));
}

type HowRequested = Pick<
  RestoreRequest,
  'tables' | 'inPlace' | 'keepExtra' | 'allowIncomplete' | 'fromOtherServer' | 'skipAccounts'
>;

/** What the user has asked for besides the backup and its place. */
function keptFlags(request: Partial<HowRequested>): readonly string[] {
  return [
    ...tableFlags(request.tables),
    ...(request.inPlace === true ? ['--in-place'] : []),
    ...(request.keepExtra === true ? ['--keep-extra'] : []),
    ...(request.allowIncomplete === true ? ['--allow-incomplete'] : []),
    ...(request.fromOtherServer === true ? ['--from-other-server'] : []),
    ...(request.skipAccounts === true ? ['--skip-accounts'] : []),
  ];
}

function tableFlags(tables: readonly string[] | undefined): readonly string[] {
  return (tables ?? []).map((table) => `--table=${table}`);
}

/** Finishes a restore that was cut off, or takes it back. */
export function resumeCommandOf(request: RestoreRequest, job: string, runtime: Runtime): string {
  return restoreCommand(request, runtime, [], '--resume', job);
}

/** For the same backup directory and server. */
function restoreCommand(
  { sameServer }: Pick<RestoreRequest, 'sameServer'>,
  { program }: Pick<Runtime, 'program'>,
  operands: readonly string[],
  ...options: readonly string[]
): string {
  return commandText('restore', operands, [...options, ...sameServer], program);
}
