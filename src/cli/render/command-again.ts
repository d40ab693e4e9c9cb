import { commandText } from '../../run/further-command.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import type { Invocation } from '../process/invocation.ts';
import { groupOf, longFlag, SETTING_ROWS } from '../../settings/table/settings-of-command.ts';
import { splitValues } from '../../settings/values/repeated.ts';

/**
 * The command that was typed, as it does the same from any folder and shell.
 *
 * @param sameServer Says backup directory and server, in the place of what was typed for them.
 */
export function commandAgain(
  command: CommandName,
  { operands, flags }: Pick<Invocation, 'operands' | 'flags'>,
  sameServer: readonly string[],
  program: string,
): string {
  const own = SETTING_ROWS.flatMap((row) => {
    const value = flags[row.key];
    if (value === undefined || row.key === 'dir' || groupOf(row) === 'connection') return [];
    // What says which option files are read is said there, too.
    if (row.key === 'profile' || sameServer.includes(longFlag(row))) return [];
    if (row.secret === true) return []; // and nobody has to be told of what is done by hand
    const flag = longFlag(row);
    if (value === true) return [flag];
    const values = row.repeatable === true ? splitValues(value) : [value];
    return values.flatMap((text) => (text.startsWith('-') ? [`${flag}=${text}`] : [flag, text]));
  });
  return commandText(command, operands, [...own, ...sameServer], program);
}
