// The further commands that a restore names, in its messages and its journal.
import { backupReference, shownReference } from '../backups/record/backup.ts';
import type { Backup } from '../backups/record/backup.ts';
import { compressionText } from '../compression/methods.ts';
import { commandText } from '../run/further-command.ts';
import type { LoadAccountMode } from '../server/change/load-account-mode.ts';
import { isSystemSchema } from '../server/catalog/schemas.ts';
import type { RecordedWayBack } from '../jobs/record/job.ts';
import type { RestorePlan } from './plan/restore-plan.ts';
import type { SafetyBackup } from './replace/safety-backup.ts';
import type { RestoreRequest } from './request.ts';
import type { Runtime } from '../run/runtime.ts';

/** Undoes a restore that has succeeded. */
export function undoCommandOf(
  { sameServer }: Pick<RestoreRequest, 'sameServer'>,
  { job, database }: { readonly job: string; readonly database: string },
  { program }: Pick<Runtime, 'program'>,
): string {
  return commandText('undo', [job], ['--confirm', database, ...sameServer], program);
}

/**
 * How what the safety backup holds of what is replaced is brought back.
 *
 * @returns undefined when only tables come that the target does not have: there is nothing to bring back.
 */
export function wayBackOf(
  { skipBroken }: Pick<RestoreRequest, 'skipBroken'>,
  { target: { holds }, onlyTables }: RestorePlan,
  safety: Pick<Backup, 'database' | 'name'> & Pick<SafetyBackup, 'tiesOutside'>,
): RecordedWayBack | undefined {
  const tables = onlyTables?.filter((table) => holds.tables.includes(table));
  if (tables?.length === 0) return undefined;
  // What stays broken would keep the undo from making its own safety backup.
  return { reference: backupReference(safety), tables, skipBroken, allowOutside: safety.tiesOutside };
}

/** The same as a command, for a restore that has not succeeded: what it has left half done needs no safety backup. */
export function returnCommandOf(
  request: Pick<RestoreRequest, 'sameServer'>,
  { reference, tables, skipBroken, allowOutside }: RecordedWayBack,
  database: string,
  runtime: Runtime,
): string {
  const broken = skipBroken === true ? ['--skip-broken'] : [];
  const outside = allowOutside === true ? ['--allow-outside'] : [];
  const flags = [...tableFlags(tables), ...broken, ...outside, '--confirm', database];
  return `${restoreCommand(request, runtime, [reference], ...flags)} --no-safety-backup`;
}

/** The same restore; without a safety backup, which would be one of a half-filled target. */
export function restoreCommandOf(
  request: RestoreRequest,
  { backup, target }: RestorePlan,
  runtime: Runtime,
): string {
  const flags = [...fromFlags(request.fromDatabase), ...keptFlags(request)];
  const { database } = target;
  const where = ['--to', database, '--confirm', database];
  const reference = request.reference === '-' ? '-' : backup.reference;
  return restoreCommand(request, runtime, [reference], ...where, ...flags, '--no-safety-backup');
}

/** One of the databases of a file, or all of them; the questions stay. */
export function databaseCommandsOf(
  request: Omit<RestoreRequest, 'confirm'>,
  backup: Backup,
  databases: readonly string[],
  runtime: Runtime,
): string {
  const reference = request.reference === '-' ? '-' : shownReference(backup, request.directory);
  // The first may be the one that a header names, and nothing else.
  const one = databases.findLast((database) => !isSystemSchema(database));
  const to = request.to === undefined ? [] : ['--to', request.to];
  // Which of several databases a statement is of is not asked about.
  const flags = [...keptFlags({ ...request, allowUnsafe: false }), ...safetyFlags(request)];
  const lines =
    one === undefined
      ? ['It contains only system schemas, which are not restored.']
      : [
          'To restore only one of them, such as:',
          restoreCommand(request, runtime, [reference], ...fromFlags(one), ...to, ...flags),
          ...(request.tables === undefined
            ? [
                'To restore each into its own, except system schemas:',
                restoreCommand(request, runtime, [reference], '--all', ...flags),
              ]
            : []),
        ];
  return lines.join('\n');
}

/** Restores what is left of a file of which some databases are restored already. */
export function remainingCommandsOf(
  request: Omit<RestoreRequest, 'confirm'>,
  backup: Backup,
  databases: readonly string[],
  runtime: Runtime,
): readonly string[] {
  const reference = request.reference === '-' ? '-' : shownReference(backup, request.directory);
  const flags = [...keptFlags(request), ...safetyFlags(request)];
  return databases.map((database) =>
    restoreCommand(request, runtime, [reference], ...fromFlags(database), ...flags),
  );
}

/** The same restore into a database that was not named; the question stays. */
export function intoCommandOf(
  request: Omit<RestoreRequest, 'confirm'>,
  backup: Backup,
  target: string,
  runtime: Runtime,
): string {
  const reference = request.reference === '-' ? '-' : shownReference(backup, request.directory);
  const to = target.startsWith('-') ? [`--to=${target}`] : ['--to', target];
  return restoreCommand(request, runtime, [reference], ...to, ...keptFlags(request), ...safetyFlags(request));
}

/** The same restore, with more flags; the question stays. */
export function againCommandOf(
  request: Omit<RestoreRequest, 'confirm'>,
  backup: Backup,
  more: Partial<Pick<RestoreRequest, 'skipBroken' | 'allowOutside'>>,
  runtime: Runtime,
): string {
  const reference = request.reference === '-' ? '-' : shownReference(backup, request.directory);
  const from = fromFlags(request.fromDatabase);
  const to = request.to === undefined ? [] : ['--to', request.to];
  const again = { ...request, ...more };
  const flags = [...keptFlags(again), ...safetyFlags(again)];
  return restoreCommand(request, runtime, [reference], ...from, ...to, ...flags);
}

function safetyFlags({
  skipBroken,
  safetyBackup,
  safetyCompression,
}: Omit<RestoreRequest, 'confirm'>): readonly string[] {
  return [
    ...(skipBroken ? ['--skip-broken'] : []),
    ...(safetyBackup ? [] : ['--no-safety-backup']),
    ...(safetyBackup && safetyCompression !== undefined
      ? ['--safety-compress', compressionText(safetyCompression)]
      : []),
  ];
}

function fromFlags(database: string | undefined): readonly string[] {
  if (database === undefined) return [];
  return database.startsWith('-') ? [`--from-database=${database}`] : ['--from-database', database];
}

/** Restores what stdin gives into the same target, in the same way; the question stays. */
export function receivingCommandOf(
  request: Pick<RestoreRequest, 'sameServer' | 'fromDatabase'> & Partial<HowRequested>,
  target: string,
  runtime: Runtime,
): string {
  const from = fromFlags(request.fromDatabase);
  return restoreCommand(request, runtime, ['-'], ...from, '--to', target, ...keptFlags(request));
}

type HowRequested = Pick<
  RestoreRequest,
  | 'tables'
  | 'inPlace'
  | 'keepExtra'
  | 'allowIncomplete'
  | 'fromOtherServer'
  | 'skipAccounts'
  | 'allowOutside'
  | 'allowUnsafe'
  | 'loadAccount'
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
    ...(request.allowOutside === true ? ['--allow-outside'] : []),
    ...(request.allowUnsafe === true ? ['--allow-unsafe'] : []),
    ...loadAccountFlags(request.loadAccount),
  ];
}

/** What is the default needs no flag. */
function loadAccountFlags(mode: LoadAccountMode = 'auto'): readonly string[] {
  return mode === 'auto' ? [] : ['--load-account', mode];
}

function tableFlags(tables: readonly string[] | undefined): readonly string[] {
  return (tables ?? []).map((table) => `--table=${table}`);
}

/** Completes or rolls back an interrupted restore. */
export function resumeCommandOf(
  request: Pick<RestoreRequest, 'sameServer'>,
  job: string,
  runtime: Runtime,
): string {
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
