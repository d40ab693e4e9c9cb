import { DbBackupError } from '../../run/errors.ts';
import { nearNames } from '../../run/similar-names.ts';
import { SETTINGS } from './settings-table.ts';
import type { Setting } from './setting.ts';

const PREFIX = 'DBBACKUP_';
const NAMED = (SETTINGS as readonly Setting[]).flatMap(({ env }) => env ?? []);

/** Their variable may name a file instead. */
const SECRETS = ['DBBACKUP_PASSWORD', 'DBBACKUP_URL'];
const KNOWN: readonly string[] = [...NAMED, ...SECRETS.map((name) => `${name}_FILE`)];

/** What commands that are run after a run find in their environment; such a command may start dbbackup, too. */
export const HOOK_VARIABLES = [
  'DBBACKUP_EXIT_CODE',
  'DBBACKUP_OPERATION',
  'DBBACKUP_DATABASES',
  'DBBACKUP_BACKUP',
  'DBBACKUP_ERROR',
] as const;

/**
 * Not settings: our own between two processes, those of this project's tests, and what Kubernetes and Docker set in
 * containers next to a service called dbbackup.
 */
const NOT_OURS = /^DBBACKUP_(?:DETACHED$|TEST_|SERVICE_|PORT_\d+_|ENV_|NAME$)/;

/** @throws {DbBackupError} `usage` for a variable that looks like a setting and is none: a slip would go unseen. */
export function refuseUnknownVariables(env: Readonly<Record<string, string | undefined>>): void {
  const isKnown = (name: string): boolean =>
    [...KNOWN, ...HOOK_VARIABLES].includes(name) || NOT_OURS.test(name);
  const unknown = Object.keys(env).find(
    (name) => name.startsWith(PREFIX) && env[name] !== '' && !isKnown(name),
  );
  if (unknown === undefined) return;
  // Without what all of them have, which makes all of them near.
  const bare = (name: string): string => name.slice(PREFIX.length);
  const near = nearNames(bare(unknown), KNOWN.map(bare)).map((name) => PREFIX + name);
  throw new DbBackupError('usage', `The variable ${unknown} is set, but it is not a dbbackup setting.`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${KNOWN.join(', ')}`,
  });
}
