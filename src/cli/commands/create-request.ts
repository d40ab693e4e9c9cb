import type { ResolvedSettings } from '../../settings/resolve-settings.ts';
import type { CreateRequest } from '../../create/request.ts';
import type { Destination } from '../../backups/record/destination.ts';
import type { Compression } from '../../compression/methods.ts';
import { DbBackupError } from '../../run/errors.ts';
import { chooseCompression } from '../../settings/values/compression.ts';
import { parseDatabaseNames } from '../../settings/values/database-names.ts';
import { parseDestination, parseDirectory } from '../../settings/values/destination.ts';
import { parseDuration } from '../../settings/values/duration.ts';
import { isOn, type Lookup } from '../../settings/values/given-text.ts';
import { parseNamePatterns } from '../../settings/values/name-patterns.ts';
import { PERIOD_RULES } from '../../prune/periods.ts';
import { refuseEmptyPolicy } from '../../prune/policy.ts';
import { localTimeZone } from '../../prune/wall-time.ts';
import { keepPolicy } from './prune/keep-policy.ts';
import { parseLabel } from '../../settings/values/label.ts';

/**
 * What the user asked `create` for, checked. Pure.
 *
 * @throws {DbBackupError} `usage`, naming the setting and where it was given.
 */
export function createRequest(
  operands: readonly string[],
  connection: ResolvedSettings['connection'],
  given: Lookup,
  place: { readonly cwd: string; readonly program: string; readonly stdoutIsTty: boolean },
): CreateRequest {
  const allDatabases = isOn(given('all-databases'));
  const destination = parseDestination(given('output'), place.cwd);
  const compression = chooseCompression(given('compress'), destination);
  if (destination.kind === 'stdout') refuseStdout(compression, isOn(given('json')), place.stdoutIsTty);

  return {
    connection,
    directory: parseDirectory(given('dir'), place.cwd),
    databases: chooseDatabases(operands, allDatabases, connection, destination, place.program),
    allDatabases,
    excludeDatabases: excludedDatabases(given, allDatabases),
    label: parseLabel(given('label')),
    compression,
    destination,
    allowEmpty: isOn(given('allow-empty')),
    skip: {
      routines: isOn(given('skip-routines')),
      events: isOn(given('skip-events')),
      triggers: isOn(given('skip-triggers')),
    },
    skipBroken: isOn(given('skip-broken')),
    lockWaitMs: parseDuration(given('lock-wait')) ?? 0,
    prune: chooseRules(given, destination),
  };
}

/** Patterns of databases that a run of all leaves out; in an option file they wait for one. */
export function excludedDatabases(given: Lookup, allDatabases: boolean): readonly string[] {
  const excluded = given('exclude-database');
  if (allDatabases) return parseNamePatterns(excluded);
  if (excluded?.isFlag === true) {
    throw new DbBackupError('usage', '--exclude-database needs --all-databases.', {
      hint: 'leave it out: only the databases that are named are backed up',
    });
  }
  return [];
}

/** `prune` may also be said in the configuration, which is for backups in the backup directory. */
function chooseRules(given: Lookup, destination: Destination): CreateRequest['prune'] {
  const prune = given('prune');
  const rule = PRUNE_KEYS.flatMap((key) => given(key) ?? []).find(({ isFlag }) => isFlag);
  if (prune === undefined) {
    if (rule === undefined) return undefined;
    throw new DbBackupError('usage', `${rule.source} does nothing without --prune.`, { hint: 'add --prune' });
  }
  const policy = keepPolicy(given);
  refuseEmptyPolicy(policy);
  if (destination.kind === 'directory') return { policy, timeZone: localTimeZone() };
  if (prune.isFlag) {
    throw new DbBackupError('usage', '--prune and --output do not go together.', {
      hint: 'leave one out: only backups in the backup directory are pruned',
    });
  }
  return undefined;
}

const PRUNE_KEYS = [
  ...PERIOD_RULES.map((rule) => `keep-${rule}` as const),
  'keep-within',
  'keep-safety',
  'require-copy',
] as const;

function chooseDatabases(
  operands: readonly string[],
  allDatabases: boolean,
  { database: ofConnection, noDatabaseBecause }: ResolvedSettings['connection'],
  destination: Destination,
  program: string,
): readonly string[] {
  const named = parseDatabaseNames(operands);
  if (allDatabases && named.length > 0) {
    throw new DbBackupError('usage', '--all-databases and names of databases were both given.', {
      hint: 'use only one of them',
    });
  }
  const databases =
    named.length === 0 && ofConnection !== undefined && !allDatabases ? [ofConnection] : named;
  if (databases.length === 0 && !allDatabases) {
    throw new DbBackupError(
      'usage',
      noDatabaseBecause === undefined ? 'No database given.' : `No database given: ${noDatabaseBecause}.`,
      {
        hint: `${program} create <database>, or ${program} create --all-databases`,
      },
    );
  }
  if (destination.kind !== 'directory' && (allDatabases || databases.length > 1)) {
    throw new DbBackupError('usage', '--output takes exactly one database.', {
      hint: 'leave out --output: each database then gets its own file in the backup directory',
    });
  }
  return databases;
}

function refuseStdout(compression: Compression, json: boolean, stdoutIsTty: boolean): void {
  if (json) {
    throw new DbBackupError('usage', '--json and --output - both write to stdout.', {
      hint: 'use only one of them, or --output <file>',
    });
  }
  if (stdoutIsTty && compression.method !== 'none') {
    throw new DbBackupError('usage', `stdout is a terminal, which cannot show ${compression.method} data.`, {
      hint: 'redirect it to a file or a pipe',
    });
  }
}
