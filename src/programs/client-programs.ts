import { text } from 'node:stream/consumers';
import { DbBackupError } from '../run/errors.ts';
import type { Flavour } from '../server/connect/flavour.ts';
import { startProgram } from './child-program.ts';
import { findOnPath, childEnvironment } from './child-environment.ts';

/** An installed client program and what it can do. */
export interface ClientProgram {
  /** Absolute. */
  readonly file: string;
  /** As found on the PATH, e.g. `mariadb-dump`. */
  readonly program: string;
  readonly flavour: Flavour;
  /** e.g. `10.11.19`. */
  readonly version: string;
  /** Every long option that its `--help` lists, without dashes; `skip-` forms follow from them. */
  readonly options: ReadonlySet<string>;
}

type Role = 'dump' | 'load';

/** The server's own flavour first; within a flavour the non-deprecated name first. */
const CANDIDATES = {
  dump: { mariadb: ['mariadb-dump', 'mysqldump'], mysql: ['mysqldump', 'mariadb-dump'] },
  load: { mariadb: ['mariadb', 'mysql'], mysql: ['mysql', 'mariadb'] },
} as const satisfies Record<Role, Record<Flavour, readonly string[]>>;

/** What installs the client programs of a flavour. */
export const PACKAGES = {
  mariadb: 'apt install mariadb-client   (or: dnf install mariadb, apk add mariadb-client)',
  mysql: 'apt install mysql-client   (or: dnf install mysql, apk add mysql-client)',
} as const satisfies Record<Flavour, string>;

/**
 * Finds the program of the server's own flavour on the PATH; where that is missing, the other flavour's.
 *
 * @throws {DbBackupError} `tool-missing`, naming what was tried and the package.
 */
export async function findClientProgram(
  role: Role,
  flavour: Flavour,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ClientProgram> {
  const names = CANDIDATES[role][flavour];
  let other: ClientProgram | undefined;
  for (const name of names) {
    const file = await findOnPath(name, env['PATH'] ?? '');
    if (file === undefined) continue;
    const program = await inspect(file, name, env, signal);
    if (program.flavour === flavour) return program;
    other ??= program; // `mysqldump` may be a link to MariaDB's, and vice versa
  }
  if (other !== undefined) return other;
  throw new DbBackupError(
    'tool-missing',
    `${names.join(' and ')} are not installed or not on the PATH (${env['PATH'] ?? 'which is empty'}).`,
    { hint: PACKAGES[flavour] },
  );
}

async function inspect(
  file: string,
  program: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ClientProgram> {
  // `--help` includes the version, so one call is enough. `--no-defaults` must be the first argument.
  const child = await startProgram({
    file,
    args: ['--no-defaults', '--help'],
    env: childEnvironment(env),
    stdin: 'ignore',
    signal,
  });
  const help = await text(child.stdout);
  await child.ended;
  signal.throwIfAborted(); // a program that was killed has printed nothing
  const facts = parseClientHelp(help);
  if (facts === undefined) {
    throw new DbBackupError('tool-missing', `${file} does not report its version.`, {
      hint: `Run \`${file} --version\`; its output must name MariaDB or MySQL.`,
    });
  }
  return { file, program, ...facts };
}

/**
 * Reads the flavour, version and options out of a client program's `--help`.
 *
 * Its first line is one of (measured): `mysqldump  Ver 9.7.4-2 for Linux …`,
 * `mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB, …`, `mariadb-dump from 11.8.6-MariaDB, client 10.19 …`.
 */
export function parseClientHelp(
  help: string,
): Pick<ClientProgram, 'flavour' | 'version' | 'options'> | undefined {
  const version = /(?:Distrib|from|Ver) (\d+\.\d+\.\d+)/.exec(help)?.[1];
  if (version === undefined) return undefined;
  const options = new Set<string>();
  for (const [, option = ''] of help.matchAll(/--([a-z][a-z0-9-]+)/g)) options.add(option);
  return { flavour: help.includes('MariaDB') ? 'mariadb' : 'mysql', version, options };
}
