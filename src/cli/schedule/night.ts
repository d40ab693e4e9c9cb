import { dirname } from 'node:path';
import { findOnPath } from '../../programs/child-environment.ts';
import { groupOf, longFlag, settingsOf } from '../../settings/table/settings-of-command.ts';
import type { Lookup } from '../../settings/values/given-text.ts';
import type { Context } from '../process/context.ts';
import type { Night } from './schedule.ts';

export interface NightRequest {
  /** Empty: all. */
  readonly databases: readonly string[];
  readonly given: Lookup;
  /** Flags with which the same backup directory and server are reached from anywhere, by somebody at a terminal. */
  readonly sameServer: readonly string[];
  /** By setting of the connection, where its value came from. */
  readonly sources: Readonly<Record<string, string>>;
}

type Place = Pick<Context, 'env' | 'userName' | 'surroundings'>;

/** A backup of these databases every night, from this server into this directory, with the settings that hold here. */
export async function nightOf(request: NightRequest, place: Place): Promise<Night> {
  const { env, userName, surroundings } = place;
  const program = surroundings.program === '' ? 'dbbackup' : surroundings.program;
  return {
    commands: [createCommand(program, request, env), healthCommand(program, request, env)],
    path: await pathOf(env['PATH'] ?? ''),
    user: userName,
    notes: [
      ...typedNotes(request),
      ...missingNotes(request, env),
      ...(program.includes('/_npx/') ? [NPX] : []),
    ],
  };
}

const NPX =
  'dbbackup runs from the cache of npx, which may be emptied. Install it: npm install --global dbbackup';

/** The longest that a backup may take before the next night's. */
const LIMIT = '6h';

function createCommand(
  program: string,
  { databases, given, sameServer }: NightRequest,
  env: Context['env'],
): readonly string[] {
  const options = [
    ...(databases.length === 0 ? ['--all-databases'] : []),
    ...(given('timeout') === undefined ? ['--timeout', LIMIT] : []),
    ...prunes(given),
    '--quiet',
    ...ofEnvironment('create', given),
    ...serverAtNight(sameServer, env),
  ];
  return [program, 'create', ...inOrder(databases, options)];
}

/** Nobody is there to be asked for a password. */
function serverAtNight(sameServer: readonly string[], env: Context['env']): readonly string[] {
  return withProfile(
    sameServer.filter((word) => word !== ASK),
    env,
  );
}

/** A database called `-x` follows a `--`. */
function inOrder(databases: readonly string[], options: readonly string[]): readonly string[] {
  const isClear = databases.every((name) => !name.startsWith('-'));
  return isClear ? [...databases, ...options] : [...options, '--', ...databases];
}

/** Whether there is anything to worry about, also when no backup was made. */
function healthCommand(
  program: string,
  { databases, given, sameServer }: NightRequest,
  env: Context['env'],
): readonly string[] {
  const options = [
    ...(databases.length === 0 ? ['--all-databases'] : []),
    '--quiet',
    ...ofEnvironment('health', given),
    ...serverAtNight(sameServer, env),
  ];
  return [program, 'health', ...inOrder(databases, options)];
}

const KEEP_RULES = [
  ...(['keep-last', 'keep-hourly', 'keep-daily', 'keep-weekly'] as const),
  ...(['keep-monthly', 'keep-yearly', 'keep-within'] as const),
] as const;

/** Whoever has rules of what to keep wants them applied. */
function prunes(given: Lookup): readonly string[] {
  const hasRules = KEEP_RULES.some((key) => given(key) !== undefined);
  return hasRules && given('prune') === undefined ? ['--prune'] : [];
}

/** What variables say of a backup, as flags: there are no variables at night. */
function ofEnvironment(command: 'create' | 'health', given: Lookup): readonly string[] {
  return settingsOf(command).flatMap((row) => {
    const found = given(row.key);
    if (groupOf(row) !== 'own' || row.secret === true || found === undefined || found.source !== row.env)
      return [];
    return row.switch === true ? [longFlag(row)] : [longFlag(row), found.text];
  });
}

/** A profile by its name. */
function withProfile(sameServer: readonly string[], env: Context['env']): readonly string[] {
  const at = sameServer.indexOf('--defaults-group-suffix');
  const suffix = at === -1 ? undefined : sameServer[at + 1];
  if (suffix === undefined || !suffix.startsWith('_') || env['MYSQL_GROUP_SUFFIX'] === suffix)
    return sameServer;
  return [...sameServer.slice(0, at), '--profile', suffix.slice(1), ...sameServer.slice(at + 2)];
}

/** At night nobody is there to be asked. */
const ASK = '--ask-password';

/** How a password that was typed here can be there. */
function typedNotes({ sameServer, sources }: NightRequest): readonly string[] {
  if (!sameServer.includes(ASK)) return [];
  const source = sources['password'] ?? '';
  // A further file would not count: the one that asks may be read behind it.
  if (!source.startsWith('--'))
    return [`The password was typed here: give it to password in ${source}, and that file mode 0600.`];
  const at = sameServer.findIndex((word) => /^--defaults-(?:extra-)?file$/.test(word));
  const file = at === -1 ? undefined : sameServer[at + 1];
  return [
    `The password was typed here: ${
      file === undefined
        ? 'put it into an option file of mode 0600, and add --defaults-extra-file <file>'
        : `put it into ${file}, and give that mode 0600`
    }.`,
  ];
}

/** Variables with secrets, which no line may show. */
function missingNotes({ given, sources }: NightRequest, env: Context['env']): readonly string[] {
  const secret = (name: string): boolean =>
    ['DBBACKUP_PASSWORD', 'DBBACKUP_URL', 'DATABASE_URL', 'MYSQL_PWD'].includes(name) &&
    env[name] !== undefined;
  const password = sources['password'] ?? '';
  const others = settingsOf('create').flatMap(({ key, secret: isSecret, env: variable }) =>
    isSecret === true && variable !== undefined && given(key)?.source === variable ? [variable] : [],
  );
  return [...(secret(password) ? [password] : []), ...others].map(
    (name) => `${name} is set here, and will not be there: put its value into an option file of mode 0600.`,
  );
}

const PROGRAMS = [
  ...['node', 'mariadb-dump', 'mysqldump', 'mariadb', 'mysql', 'zstd', 'my_print_defaults'],
] as const;

/** The folders of a PATH in which something is that a backup needs, and those that every system has. */
async function pathOf(path: string): Promise<string> {
  const files = await Promise.all(PROGRAMS.map((name) => findOnPath(name, path)));
  const needed = new Set(files.flatMap((file) => (file === undefined ? [] : [dirname(file)])));
  const inOrder = path.split(':').filter((folder) => needed.has(folder));
  return [...new Set([...inOrder, '/usr/bin', '/bin'])].join(':');
}
