import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'path/posix';

/** The first executable of that name on a PATH. */
export async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((entry) => entry.startsWith('/'))) {
    const file = join(folder, name);
    try {
      await access(file, constants.X_OK);
      if ((await stat(file)).isFile()) return file; // a directory passes the test above
    } catch {
      // not here: the next folder
    }
  }
  return undefined;
}

/**
 * The part of our environment that a child gets: where programs are and how to write; nothing that could hold a
 * secret.
 */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = ['PATH', 'LANG', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH'];
  // Without HOME and with this, MySQL's clients do not read ~/.mylogin.cnf, which would beat our own option file.
  // System messages are in one language, whatever the user's is; the charset stays the user's.
  const result: Record<string, string> = { MYSQL_TEST_LOGIN_FILE: '/dev/null', LC_MESSAGES: 'C' };
  for (const name of kept) {
    const value = env[name];
    if (value !== undefined) result[name] = value;
  }
  const charset = [env['LC_ALL'], env['LC_CTYPE']].find((value) => value !== undefined && value !== '');
  if (charset !== undefined) result['LC_CTYPE'] = charset;
  return result;
}
