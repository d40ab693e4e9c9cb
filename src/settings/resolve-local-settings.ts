import { readOptionFiles } from './option-files/read-option-files.ts';
import type { PlainSettings } from './resolve-settings.ts';
import type { FlagValues } from './table/settings-table.ts';
import { optionFileRequest, plainSettings } from './table/sources.ts';
import type { World } from './table/sources.ts';

/**
 * The settings of a command that needs no server (list, status): no connection is resolved, no program started.
 *
 * @throws {DbBackupError} `usage` for an option file that is broken, or has an unknown setting in `[dbbackup]`.
 */
export async function resolveLocalSettings(flags: FlagValues, runtime: World): Promise<PlainSettings> {
  const files = await readOptionFiles(optionFileRequest(flags, runtime));
  return plainSettings(flags, runtime, files);
}
