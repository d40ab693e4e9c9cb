import { resolve } from 'node:path';
import type { FlagValues } from '../../settings/table/settings-table.ts';
import { groupOf, longFlag, SETTING_ROWS } from '../../settings/table/settings-of-command.ts';
import { optionFileRequest, type World } from '../../settings/table/sources.ts';
import { hideUrlPasswords } from '../render/shown-command.ts';

const FILES: ReadonlySet<string> = new Set(['socket', 'password-file', 'ssl-ca', 'ssl-cert', 'ssl-key']);

/**
 * Flags with which a further command of one that itself asks no server reaches the one that was named: as they were typed,
 * with absolute paths. A URL with a password is left out.
 */
export function typedServer(flags: FlagValues, world: World): readonly string[] {
  const { defaultsFile, extraFile, groupSuffix } = optionFileRequest(flags, world);
  const files = [
    ['--defaults-file', defaultsFile],
    ['--defaults-extra-file', extraFile],
    ['--defaults-group-suffix', groupSuffix],
  ].flatMap(([name = '', value]) => (value === undefined || value === '' ? [] : [name, value]));
  const typed = SETTING_ROWS.filter((row) => groupOf(row) === 'connection').flatMap((row) => {
    const value = flags[row.key];
    if (value === undefined) return [];
    if (value === true) return [longFlag(row)];
    if (hideUrlPasswords(value) !== value) return [];
    const text = FILES.has(row.key) ? resolve(world.cwd, value) : value;
    return text.startsWith('-') ? [`${longFlag(row)}=${text}`] : [longFlag(row), text];
  });
  return [...files, ...typed];
}
