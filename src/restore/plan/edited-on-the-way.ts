import type { Backup } from '../../backups/record/backup.ts';
import { unpackCommandOf } from '../../compression/methods.ts';
import { shellWord } from '../../run/shell-command.ts';

/**
 * The pipe that restores a file with some of its lines changed by sed.
 *
 * @param scripts Of `sed -E`.
 * @param restoreCommand Restores what its stdin gives, as `dbbackup restore - --to shop`.
 */
export function editedOnTheWay(
  scripts: readonly string[],
  { path, compression }: Pick<Backup, 'path' | 'compression'>,
  restoreCommand: string,
): string {
  const sed = ['sed', '-E', ...scripts.flatMap((script) => ['-e', shellWord(script)])].join(' ');
  const file = path === 'stdin' ? '<the dump>' : shellWord(path);
  const unpack = unpackCommandOf(compression);
  return `${unpack === undefined ? `${sed} ${file}` : `${unpack} ${file} | ${sed}`} | ${restoreCommand}`;
}
