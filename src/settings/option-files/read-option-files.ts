import { shellWord } from '../../run/shell-command.ts';
import type { Warning } from '../../run/warning.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { DbBackupError } from '../../run/errors.ts';
import { type OptionFileLine, parseOptionFile } from './parse-option-file.ts';

/**
 * The groups that count: those of `mysqldump` and `mariadb-dump` (by their own `--help`), and our own. All are
 * equal: of two settings the later line wins, whatever their groups.
 */
export const OPTION_GROUPS = [
  'client',
  'client-server',
  'client-mariadb',
  'mysqldump',
  'mariadb-dump',
  'dbbackup',
] as const;

/** Where both products look first; further compiled-in folders are left to my_print_defaults, which knows them. */
const GLOBAL_FILES = ['/etc/my.cnf', '/etc/mysql/my.cnf'];

/** Beyond it the clients warn and skip (mysys `default.c`). */
const MAX_INCLUDE_DEPTH = 10;

export interface OptionFileRequest {
  /** Absolute. Read instead of all others, as the clients do. */
  readonly defaultsFile: string | undefined;
  /** Absolute. Read after the global files and before the user's own. */
  readonly extraFile: string | undefined;
  readonly groupSuffix: string | undefined;
  /** What the suffix comes from, where a group with it must be there. */
  readonly profile?: string | undefined;
  readonly homeDirectory: string | undefined;
}

export interface OptionFileEntry {
  readonly group: string;
  readonly name: string;
  readonly value: string | undefined;
  readonly loose: boolean;
  /** Where it stands, for users: `/root/.my.cnf [client]`. */
  readonly source: string;
  /** Counts the files in the order of reading: a later file outranks an earlier one. */
  readonly fileIndex: number;
}

export interface OptionFiles {
  /** In the order of reading: of equal names the last counts. */
  readonly entries: readonly OptionFileEntry[];
  readonly warnings: readonly Warning[];
  /** Files that hold a password and that other users may read. */
  readonly exposed: readonly string[];
  /** Whether reading a file used it up (a pipe: `--defaults-file=<(…)`), so that nobody can read it again. */
  readonly consumed: boolean;
}

/**
 * Reads the MySQL option files that apply, as the stock clients do. `~/.mylogin.cnf` is not read here (MySQL's
 * my_print_defaults reads it, where it is installed).
 *
 * @throws {DbBackupError} `usage` for a named file that does not exist or cannot be read, or for a broken one; for a
 *   profile of which no file has a group.
 */
export async function readOptionFiles(request: OptionFileRequest): Promise<OptionFiles> {
  const suffix = request.groupSuffix ?? '';
  const groups = new Set(OPTION_GROUPS.flatMap((group) => [group, `${group}${suffix}`]));
  const reading: Reading = {
    ...{ groups, entries: [], warnings: [], exposed: [], files: 0, consumed: false },
    profiles: new Set(),
  };
  await readFiles(request, reading);
  refuseUnknownProfile(request.profile, reading.profiles);
  return reading;
}

async function readFiles(
  { defaultsFile, extraFile, homeDirectory }: OptionFileRequest,
  reading: Reading,
): Promise<void> {
  if (defaultsFile !== undefined) return readNamedFile(defaultsFile, '--defaults-file', reading);
  for (const file of GLOBAL_FILES) await readOptionFile(file, 0, reading);
  if (extraFile !== undefined) await readNamedFile(extraFile, '--defaults-extra-file', reading);
  if (homeDirectory !== undefined) await readOptionFile(path.join(homeDirectory, '.my.cnf'), 0, reading);
}

function refuseUnknownProfile(profile: string | undefined, known: ReadonlySet<string>): void {
  if (profile === undefined || known.has(profile)) return;
  throw new DbBackupError(
    'usage',
    `There is no profile ${profile}: no option file has a group [dbbackup_${profile}].`,
    {
      hint:
        known.size === 0
          ? `write its settings below a line [dbbackup_${profile}] in an option file, such as ~/.my.cnf`
          : `there are: ${[...known].sort().join(', ')}`,
    },
  );
}

interface Reading {
  readonly groups: ReadonlySet<string>;
  /** The names of those that have a group in a file. */
  readonly profiles: Set<string>;
  readonly entries: OptionFileEntry[];
  readonly warnings: Warning[];
  readonly exposed: string[];
  files: number;
  consumed: boolean;
}

async function readNamedFile(file: string, flag: string, reading: Reading): Promise<void> {
  const found = await readText(file, reading).catch((cause: unknown) => {
    throw new DbBackupError('usage', `The option file ${file} cannot be read: ${reason(cause)}.`, {
      hint: `name a MySQL option file with ${flag}`,
      cause,
    });
  });
  if (found !== undefined) await take(found, file, 0, reading);
}

/** A file that is not there, or is not for us to read, says nothing: the clients skip it without a word. */
async function readOptionFile(file: string, depth: number, reading: Reading): Promise<void> {
  const found = await readText(file, reading).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  });
  if (found !== undefined) await take(found, file, depth, reading);
}

/** undefined: somebody else could have written it, so it does not count. */
async function readText(file: string, reading: Reading): Promise<FoundFile | undefined> {
  const { mode, isFile } = await stat(file).then((found) => ({ mode: found.mode, isFile: found.isFile() }));
  if (!isFile) reading.consumed = true;
  if (isFile && (mode & 0o002) !== 0) {
    reading.warnings.push({
      message: `The option file ${file} is ignored because every user may write to it.`,
      fix: `chmod o-w ${shellWord(file)}`,
    });
    return undefined;
  }
  return { text: await readFile(file, 'utf8'), isExposed: isFile && (mode & 0o044) !== 0 };
}

interface FoundFile {
  readonly text: string;
  /** Other users may read it. */
  readonly isExposed: boolean;
}

/** A URL may hold a password, too. */
const SECRET_OPTIONS: ReadonlySet<string> = new Set(['password', 'url']);

async function take(
  { text, isExposed }: FoundFile,
  file: string,
  depth: number,
  reading: Reading,
): Promise<void> {
  let fileIndex = (reading.files += 1);
  for (const line of parseOptionFile(text, file)) {
    if (line.kind === 'option') {
      const [, profile] = /^(?:dbbackup|client)_(.+)$/.exec(line.group) ?? [];
      if (profile !== undefined) reading.profiles.add(profile);
      if (!reading.groups.has(line.group)) continue;
      const { group, name, value, loose } = line;
      const isSecret = SECRET_OPTIONS.has(name) && value !== undefined;
      if (isExposed && isSecret && !reading.exposed.includes(file)) reading.exposed.push(file);
      reading.entries.push({ group, name, value, loose, source: `${file} [${group}]`, fileIndex });
      continue;
    }
    if (depth === MAX_INCLUDE_DEPTH) {
      const message = `An include in ${file} (line ${line.line}) is skipped because includes are nested too deep.`;
      reading.warnings.push({ message });
      continue;
    }
    for (const included of await includedFiles(line, file)) {
      await readOptionFile(included, depth + 1, reading);
    }
    fileIndex = reading.files += 1; // what follows an include outranks what it brought
  }
}

async function includedFiles(
  { kind, path: target, line }: Extract<OptionFileLine, { path: string }>,
  file: string,
): Promise<readonly string[]> {
  const absolute = path.resolve(target);
  if (kind === 'include') return [absolute];
  try {
    const names = await readdir(absolute);
    return names
      .filter((name) => name.endsWith('.cnf'))
      .sort()
      .map((name) => path.join(absolute, name));
  } catch (cause) {
    throw new DbBackupError(
      'usage',
      `The option file ${file} includes a directory that cannot be read (line ${line}): ${reason(cause)}.`,
      {
        hint: 'the MySQL clients refuse this too; correct the line, or name another file with --defaults-file',
        cause,
      },
    );
  }
}

function reason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
  };
  return known[code ?? ''] ?? message;
}
