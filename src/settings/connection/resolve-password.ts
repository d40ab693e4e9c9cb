import type { ConnectionUrl } from './connection-url.ts';
import { DbBackupError } from '../../run/errors.ts';
import { Secret } from '../../run/secret.ts';
import { absolute, type Resolution, variable } from './resolution.ts';
import { givenDirectly, givenSecret, isOurs, secretFromFile } from '../table/sources.ts';

/**
 * The password: a flag's, then the URL's own, then DBBACKUP_PASSWORD. Only without a URL do the option files and
 * MYSQL_PWD count, for they belong to the server that those name.
 *
 * @throws {DbBackupError} `usage`.
 */
export async function resolvePassword(
  url: ConnectionUrl | undefined,
  resolution: Resolution,
  askPassword: () => Promise<string>,
): Promise<Secret | undefined> {
  const { flags, runtime, warnings, sources, passwordFlags } = resolution;
  const file = givenDirectly('password-file', flags, runtime.env);
  if (flags['ask-password'] === true) {
    if (file !== undefined) {
      throw new DbBackupError('usage', '--ask-password and --password-file cannot be used together.', {
        hint: 'leave one of them out',
      });
    }
    sources['password'] = '--ask-password';
    passwordFlags.push('--ask-password');
    return secret(await askPassword());
  }
  if (file !== undefined) {
    sources['password'] = file.source;
    passwordFlags.push('--password-file', absolute(file.value, resolution));
    return secret(await secretFromFile(file.value, file.source, runtime, warnings));
  }
  if (url?.password !== undefined) {
    sources['password'] = sources['url'] ?? '';
    // A typed password is not kept; a variable or a file still has it.
    if (flags.url !== undefined) passwordFlags.push('--ask-password');
    return url.password;
  }
  const own = await givenSecret('password', flags, runtime, warnings);
  if (own !== undefined) {
    sources['password'] = own.source;
    if (own.file !== undefined) passwordFlags.push('--password-file', own.file);
    return secret(own.value);
  }
  return url === undefined ? passwordOfOthers(resolution, askPassword) : undefined;
}

/** The password that the MySQL clients themselves would use. */
async function passwordOfOthers(
  resolution: Resolution,
  askPassword: () => Promise<string>,
): Promise<Secret | undefined> {
  const { entries, runtime, warnings, sources, passwordFlags } = resolution;
  const entry = entries.findLast(
    (candidate) =>
      ['password', 'skip-password'].includes(candidate.name) ||
      (candidate.name === 'password-file' && isOurs(candidate)),
  );
  const given = entry === undefined ? variable('MYSQL_PWD', resolution) : undefined;
  const source = entry?.source ?? given?.source;
  if (source === undefined) return undefined;
  sources['password'] = source;
  if (given !== undefined) return secret(given.value);
  if (entry === undefined || entry.name === 'skip-password') return undefined;
  if (entry.name === 'password') {
    if (entry.value !== undefined) return secret(entry.value);
    passwordFlags.push('--ask-password');
    return secret(await askPassword());
  }
  passwordFlags.push('--password-file', absolute(entry.value ?? '', resolution));
  return secret(await secretFromFile(entry.value ?? '', source, runtime, warnings));
}

function secret(text: string): Secret | undefined {
  return text === '' ? undefined : new Secret(text);
}
