import type { Connection } from '../server/connect/connection.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Flavour } from '../server/connect/flavour.ts';
import { setStatement } from '../server/session/session-variables.ts';
import { clientSslLines, type OptionLine } from '../server/connect/ssl-options.ts';

/**
 * The private option file that a stock client gets as `--defaults-file`: the whole connection, so that neither the
 * user's own option files nor variables such as MYSQL_HOST or MYSQL_PWD can send it elsewhere.
 *
 * Holds the password: for `openPrivateOptionFile()` only, never for a log.
 *
 * @param settings For a client without an option for it (MariaDB's dump tool): what its session must set first.
 * @throws {DbBackupError} `usage` for a value with a newline or a NUL, which no option file can contain.
 */
export function renderClientOptionFile(
  connection: Connection,
  client: { readonly flavour: Flavour; readonly version: string },
  settings: readonly string[] = [],
): string {
  const { endpoint, user, password, ssl } = connection;
  const lines: OptionLine[] = [
    ['protocol', endpoint.kind],
    ['host', hostValue(endpoint.kind === 'socket' ? 'localhost' : endpoint.host, settings)],
    endpoint.kind === 'socket' ? ['socket', endpoint.path] : ['port', String(endpoint.port)],
    ['user', user],
    ['password', password?.reveal() ?? ''], // an empty one overrides MYSQL_PWD
    ...clientSslLines(ssl, endpoint, client.flavour),
  ];
  if (client.flavour === 'mysql' && endpoint.kind === 'tcp' && ssl.mode === 'DISABLED') {
    // Without TLS a password travels encrypted with the server's key (caching_sha2_password, sha256_password), if the
    // client may ask for it. It may only where the user has chosen to do without TLS: nothing proves whose key it is.
    lines.push(['loose-get-server-public-key']);
  }
  return `[client]\n${lines.map(renderLine).join('\n')}\n`;
}

/**
 * MariaDB's library takes a host with a semicolon for a connection string, which may contain what options cannot
 * express.
 */
function hostValue(host: string, settings: readonly string[]): string {
  return settings.length === 0 ? host : `host={${host}};init-command={${setStatement(settings)}}`;
}

function renderLine([name, value]: OptionLine): string {
  return value === undefined ? name : `${name}=${quoteOptionValue(value, name)}`;
}

/** In double quotes `#`, spaces and `;` are safe; both products undo the same escapes (see `option-file.ts`). */
function quoteOptionValue(value: string, name: string): string {
  if (/[\n\0]/.test(value)) {
    throw new DbBackupError(
      'usage',
      `The ${name} contains a newline or a NUL, which the MySQL clients cannot take.`,
      {
        hint:
          name === 'password' ? 'if it comes from a file, the file must contain a single line' : undefined,
      },
    );
  }
  const escaped = value.replace(/[\\"]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
