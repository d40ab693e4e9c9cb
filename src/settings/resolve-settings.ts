import type { Warning } from '../run/warning.ts';
import { confirmOptionFiles } from './option-files/my-print-defaults.ts';
import { readOptionFiles } from './option-files/read-option-files.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { ConnectionUrl } from './connection/connection-url.ts';
import { sameServer } from '../server/connect/same-server.ts';
import { unsupportedSslOptions } from './option-files/option-file-ssl.ts';
import type { FlagValues } from './table/settings-table.ts';
import { resolveEndpoint, resolveUrl, resolveUser } from './connection/resolve-endpoint.ts';
import { resolvePassword } from './connection/resolve-password.ts';
import { resolveSsl } from './connection/resolve-ssl.ts';
import type { Resolution } from './connection/resolution.ts';
import type { Runtime } from '../run/runtime.ts';
import { optionFileRequest, plainSettings } from './table/sources.ts';

export type PlainSettings = Pick<ResolvedSettings, 'values' | 'sources'>;

export interface ResolvedSettings {
  /** By setting key (`dir`, `compress`, …): flags, then environment, then `[dbbackup]` groups. No defaults. */
  readonly values: FlagValues;
  /** Where each of `values` came from, for `-v`; the connection has its own. */
  readonly sources: Readonly<Record<string, string>>;
  readonly connection: Connection;
  /** Flags with which a further command reaches the same server from anywhere; no secret among them. */
  readonly sameServer: readonly string[];
  /** What works but should be put right: files that others can read or write, settings without effect. */
  readonly warnings: readonly Warning[];
  /** Option files that hold a password and that other users may read. */
  readonly exposedFiles: readonly string[];
}

/**
 * Resolves all settings once: flags, environment, URL, option files, in the order of docs/connection.md.
 *
 * @param flags What the command line gave.
 * @param askPassword Asks on the terminal; called for `--ask-password`, and for an option file with `password`
 *   but no value, which means the same to the MySQL clients.
 * @param onPlain Told of all settings but those of the connection, before that is resolved, which may fail.
 * @throws {DbBackupError} `usage`, naming the setting and its source.
 */
export async function resolveSettings(
  flags: FlagValues,
  runtime: Pick<Runtime, 'env' | 'cwd' | 'homeDirectory' | 'userName'>,
  askPassword: () => Promise<string>,
  onPlain: (plain: PlainSettings) => Promise<void> = () => Promise.resolve(),
): Promise<ResolvedSettings> {
  const request = optionFileRequest(flags, runtime);
  const own = await readOptionFiles(request);
  const plain = plainSettings(flags, runtime, own);
  await onPlain(plain);
  const { entries } = await confirmOptionFiles(own, request, runtime.env);
  const warnings = [...own.warnings];
  const sources: Record<string, string> = {};
  const resolution: Resolution = {
    flags,
    runtime,
    entries,
    warnings,
    sources,
    passwordFlags: [],
    unusedUrl: [],
    // The user names one file: that is the whole configuration, and nothing in the environment adds to it.
    foreignVariables: request.defaultsFile === undefined ? runtime.env : {},
  };

  const url = await resolveUrl(resolution);
  const endpoint = await resolveEndpoint(url, resolution);
  const user = resolveUser(url, resolution);
  const password = await resolvePassword(url, resolution, askPassword);
  const ssl = await resolveSsl(url, resolution);
  if (url?.database !== undefined) sources['database'] = sources['url'] ?? '';
  warnings.push(...unsupportedSslOptions(entries));
  return {
    ...plain,
    connection: {
      ...{ endpoint, user, password, ssl, database: url?.database, sources },
      noDatabaseBecause: url === undefined ? resolution.unusedUrl[0] : namesNone(url, sources),
    },
    sameServer: sameServer({ endpoint, user, ssl }, request, resolution.passwordFlags),
    warnings,
    exposedFiles: own.exposed,
  };
}

function namesNone(
  { database }: ConnectionUrl,
  sources: Readonly<Record<string, string>>,
): string | undefined {
  return database === undefined ? `${sources['url'] ?? 'the URL'} names none` : undefined;
}
