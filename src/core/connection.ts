import type { Connection } from '../model/connection.ts';
import type { FlagValues } from '../model/settings.ts';
import type { Runtime } from './runtime.ts';

export interface ResolvedSettings {
  /** By setting key (`dir`, `compress`, …): flags, then environment, then `[dbbackup]` groups. No defaults. */
  readonly values: FlagValues;
  readonly connection: Connection;
}

/**
 * Resolves all settings once: flags, environment, URL, option files, in the order of DESIGN.md section 4.
 *
 * @param flags What the command line gave.
 * @param askPassword Asks on the terminal; called only for `--ask-password`.
 * @throws {DbBackupError} `usage`, naming the setting and its source; `not-found` for a missing file.
 */
export async function resolveSettings(
  _flags: FlagValues,
  _runtime: Pick<Runtime, 'env' | 'cwd' | 'homeDirectory' | 'userName'>,
  _askPassword: () => Promise<string>,
): Promise<ResolvedSettings> {
  return Promise.reject(new Error('being written'));
}

/** The settings of a command that needs no server (list, status): no connection is resolved. */
export async function resolveLocalSettings(
  _flags: FlagValues,
  _runtime: Pick<Runtime, 'env' | 'cwd' | 'homeDirectory'>,
): Promise<FlagValues> {
  return Promise.reject(new Error('being written'));
}
