import type { ResolvedSettings } from '../../settings/resolve-settings.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import { settingsOf } from '../../settings/table/settings-of-command.ts';
import { hideUrlPasswords } from './shown-command.ts';
import type { Lookup } from '../../settings/values/given-text.ts';
import { safeText } from './text/safe-text.ts';

/** What `-v` says first: each setting that was given and where, and the connection they make. Never a secret. */
export function renderSettings(
  command: CommandName,
  given: Lookup,
  connection: ResolvedSettings['connection'] | undefined,
): readonly string[] {
  const settings = settingsOf(command).flatMap(({ key, ...row }) => {
    const found = given(key);
    // The backup directory is shown even when it is the default.
    if (found === undefined) return key === 'dir' ? [`setting dir = ${row.default ?? ''} (default)`] : [];
    const text =
      key === 'password' || row.secret === true ? '[hidden]' : hideUrlPasswords(found.text) || 'yes';
    return [`setting ${key} = ${safeText(text)} (${safeText(found.source)})`];
  });
  return connection === undefined ? settings : [...settings, ...connectionLines(connection)];
}

function connectionLines(connection: ResolvedSettings['connection']): string[] {
  const { endpoint, user, password, ssl, database, sources } = connection;
  const from = (...keys: readonly string[]): string => {
    const found = keys.flatMap((key) => sources[key] ?? []);
    return found.length === 0 ? '(default)' : `(${safeText([...new Set(found)].join(', '))})`;
  };
  return [
    `server ${safeText(describeEndpoint(endpoint))} ${endpoint.kind === 'tcp' ? from('host', 'port') : from('socket')}`,
    `user ${safeText(user)} ${from('user')}`,
    `password ${password === undefined ? 'none' : '[hidden]'} ${from('password')}`,
    `ssl-mode ${ssl.mode} ${from('ssl-mode')}`,
    ...(database === undefined ? [] : [`database ${safeText(database)} ${from('database')}`]),
  ];
}
