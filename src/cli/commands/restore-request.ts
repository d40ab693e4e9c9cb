import type { ResolvedSettings } from '../../settings/resolve-settings.ts';
import type { RestoreRequest } from '../../restore/request.ts';
import { furtherCommand } from '../../run/further-command.ts';
import { DbBackupError } from '../../run/errors.ts';
import { parseCompression } from '../../settings/values/compression.ts';
import { refuseNonName } from '../../settings/values/database-names.ts';
import { shellWord } from '../../run/shell-command.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import { parseDuration } from '../../settings/values/duration.ts';
import { parseKeepOld } from '../../settings/values/keep-old.ts';
import { parseLoadAccount } from '../../settings/values/load-account.ts';
import { parseJobs } from '../../settings/values/connections.ts';
import { isOn, type Given, type Lookup } from '../../settings/values/given-text.ts';
import { splitValues } from '../../settings/values/repeated.ts';

/**
 * What the user asked `restore` for, checked, but for the confirmation. Pure.
 *
 * @throws {DbBackupError} `usage`, naming the setting and where it was given.
 */
export function restoreRequest(
  reference: string | undefined,
  connection: ResolvedSettings['connection'],
  given: Lookup,
  sameServer: readonly string[],
  place: {
    readonly cwd: string;
    readonly program: string;
    readonly stdinIsTty: boolean;
    readonly cores: number;
  },
): Omit<RestoreRequest, 'confirm'> {
  if (reference === undefined) {
    throw new DbBackupError('usage', 'No backup given.', {
      hint: `Name one, such as shop/latest. To list them:\n${furtherCommand(parseDirectory(given('dir'), place.cwd), 'list', [], [], place.program)}`,
    });
  }
  refuseNonName(reference, 'The backup to restore');
  const to = given('to')?.text;
  if (to !== undefined) refuseNonName(to, '--to');
  const fromDatabase = given('from-database')?.text;
  if (fromDatabase !== undefined) refuseNonName(fromDatabase, '--from-database');
  const safetyCompression = given('safety-compress');
  if (isOn(given('all'))) refuseBesideAll(given);
  if (isOn(given('allow-unsafe'))) refuseBesideAllowUnsafe(given);
  if (reference === '-' && place.stdinIsTty) {
    throw new DbBackupError('usage', 'stdin is a terminal: no backup was piped in.', {
      hint: `${place.program} restore - --to ${to === undefined ? '<database>' : shellWord(to)} < dump.sql`,
    });
  }
  return {
    connection,
    directory: parseDirectory(given('dir'), place.cwd),
    reference,
    to,
    tables: tablesOf(given('table')),
    keepExtra: isOn(given('keep-extra')),
    safetyBackup: !isOn(given('no-safety-backup')),
    safetyCompression: safetyCompression === undefined ? undefined : parseCompression(safetyCompression),
    keepOldMs: parseKeepOld(given('keep-old')),
    skipBroken: isOn(given('skip-broken')),
    inPlace: isOn(given('in-place')),
    connections: parseJobs(given('jobs'), place.cores),
    loadAccount: parseLoadAccount(given('load-account')),
    allowIncomplete: isOn(given('allow-incomplete')),
    allowOutside: isOn(given('allow-outside')),
    allowUnsafe: isOn(given('allow-unsafe')),
    fromOtherServer: isOn(given('from-other-server')),
    skipAccounts: isOn(given('skip-accounts')),
    fromDatabase,
    lockWaitMs: parseDuration(given('lock-wait')) ?? 0,
    sameServer,
  };
}

/** With `--all` each database is restored completely, into its own. */
function refuseBesideAll(given: Lookup): void {
  for (const [option, instead] of BESIDE_ALL) {
    if (given(option) === undefined) continue;
    throw new DbBackupError('usage', `--all and --${option} do not go together.`, {
      hint: instead,
    });
  }
}

const BESIDE_ALL = [
  ['to', 'To restore one of the databases into another one: --from-database <name> --to <database>'],
  ['from-database', 'Use --from-database for one of the databases, or --all for each of them.'],
  ['table', 'To restore tables of one of the databases: --from-database <name> --table <name>'],
] as const;

/** The statements are shown to somebody, of one database. */
function refuseBesideAllowUnsafe(given: Lookup): void {
  for (const [option, instead] of BESIDE_ALLOW_UNSAFE) {
    if (given(option) === undefined) continue;
    throw new DbBackupError('usage', `--allow-unsafe and --${option} do not go together.`, { hint: instead });
  }
}

const BESIDE_ALLOW_UNSAFE = [
  ['all', 'Restore a file of one database with --allow-unsafe.'],
  ['from-database', 'Restore a file of one database with --allow-unsafe.'],
  ['detach', 'A background job cannot ask: restore without --detach.'],
] as const;

function tablesOf(given: Given | undefined): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const tables = [...new Set(splitValues(given.text))];
  for (const table of tables) refuseNonName(table, '--table');
  return tables;
}
