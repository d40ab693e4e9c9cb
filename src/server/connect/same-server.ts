import type { Connection } from './connection.ts';

/** Which option files a run has read beyond the usual ones. */
export interface NamedOptionFiles {
  /** Absolute. */
  readonly defaultsFile?: string | undefined;
  /** Absolute. */
  readonly extraFile?: string | undefined;
  readonly groupSuffix?: string | undefined;
}

/**
 * Flags with which a further command reaches the same server from any folder and shell. They outrank all variables
 * and option files, so the command never reaches another server, wherever it is typed.
 *
 * @param password The flags that gave the password, if any did: never itself.
 */
export function sameServer(
  { endpoint, user, ssl }: Pick<Connection, 'endpoint' | 'user' | 'ssl'>,
  files: NamedOptionFiles,
  password: readonly string[],
): readonly string[] {
  const isUsualMode = endpoint.kind === 'socket' && ssl.mode === 'PREFERRED';
  return [
    ...flag('--defaults-file', files.defaultsFile),
    ...flag('--defaults-extra-file', files.extraFile),
    ...flag('--defaults-group-suffix', files.groupSuffix),
    ...(endpoint.kind === 'socket'
      ? flag('--socket', endpoint.path)
      : [...flag('--host', endpoint.host), ...flag('--port', String(endpoint.port))]),
    ...flag('--user', user),
    ...password,
    ...flag('--ssl-mode', isUsualMode ? undefined : ssl.mode),
    ...flag('--ssl-ca', ssl.ca),
    ...flag('--ssl-cert', ssl.cert),
    ...flag('--ssl-key', ssl.key),
  ];
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [name, value];
}
